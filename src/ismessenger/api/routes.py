"""The developer API, version 2, below ``/v2``: addresses, and the scope that a token needs for each."""

from starlette.routing import Route

from ismessenger.api import contacts, conversations, messages
from ismessenger.api.caller import called

routes = [
    Route("/v2/contact/list", called(contacts.index, "contacts:read"), methods=["POST"]),
    Route("/v2/contact/{identifier}", called(contacts.show, "contacts:read"), methods=["GET"]),
    Route("/v2/contact/{identifier}", called(contacts.create, "contacts:write"), methods=["POST"]),
    Route("/v2/contact/{identifier}/channels", called(contacts.channels, "contacts:read"), methods=["GET"]),
    Route("/v2/contact/{identifier}/message", called(messages.send, "messages:write"), methods=["POST"]),
    Route("/v2/contact/{identifier}/message/list", called(messages.index, "messages:read"), methods=["GET"]),
    Route("/v2/contact/{identifier}/message/{message_id:id}", called(messages.show, "messages:read"), methods=["GET"]),
    Route("/v2/contact/{identifier}/conversation/assignee", called(conversations.set_assignee, "conversations:write"), methods=["POST"]),
    Route("/v2/contact/{identifier}/conversation/status", called(conversations.set_status, "conversations:write"), methods=["POST"]),
]
