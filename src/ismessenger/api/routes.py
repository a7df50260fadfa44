"""The developer API, version 2, below ``/v2``."""

from starlette.routing import Route

from ismessenger.api import contacts, conversations, messages
from ismessenger.api.caller import called

routes = [
    Route("/v2/contact/list", called(contacts.index), methods=["POST"]),
    Route("/v2/contact/{identifier}", called(contacts.show), methods=["GET"]),
    Route("/v2/contact/{identifier}", called(contacts.create), methods=["POST"]),
    Route("/v2/contact/{identifier}/channels", called(contacts.channels), methods=["GET"]),
    Route("/v2/contact/{identifier}/message", called(messages.send), methods=["POST"]),
    Route("/v2/contact/{identifier}/message/list", called(messages.index), methods=["GET"]),
    Route("/v2/contact/{identifier}/message/{message_id:int}", called(messages.show), methods=["GET"]),
    Route("/v2/contact/{identifier}/conversation/assignee", called(conversations.set_assignee), methods=["POST"]),
    Route("/v2/contact/{identifier}/conversation/status", called(conversations.set_status), methods=["POST"]),
]
