"""Coming back to a conversation: it is new again to the member who wants that, and to nobody else."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.read import mark_unread
from ismessenger.accounts.rights import Right
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.find import visible_contact
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, see_other, writes


@writes(Right.INBOX)
async def unread(visit: Visit) -> Response:
    """``POST /contacts/ID/unread``."""
    contact = await visible_contact(visit.db, visit.member, visit.path_id())
    if not contact.last_incoming_id:
        raise Refused(gettext("This contact has not written anything that could be unread."))
    await mark_unread(visit.db, visit.member.id, contact.id, contact.last_incoming_id)
    return Response(status_code=204) if visit.wants_streams else see_other("/inbox")


routes: list[BaseRoute] = [Route("/contacts/{id:id}/unread", unread, methods=["POST"])]
