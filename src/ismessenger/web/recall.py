"""Undo: a reply that has not gone out yet is taken back."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.find import hold_contact_of_message
from ismessenger.messages.recall import take_back
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, writes
from ismessenger.web.returned import returned_to_composer


@writes(Right.INBOX)
async def undo(visit: Visit) -> Response:
    """``DELETE /messages/ID/delivery``: take one's own reply back; its words return to the composer."""
    contact = await hold_contact_of_message(visit.db, visit.member, visit.path_id())
    typed = await take_back(visit.db, contact, visit.path_id(), by=visit.member.id)
    return await answer_with_changes(visit, contact.id, await returned_to_composer(visit, contact.id, typed))


routes: list[BaseRoute] = [Route("/messages/{id:id}/delivery", undo, methods=["DELETE"])]
