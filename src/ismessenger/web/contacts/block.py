"""Blocking a contact, letting it in again, and what else a member may do with the whole of it."""

from sqlalchemy import func, select
from sqlmodel import col
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.block import block_contact, unblock_contact
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.messages.model import Message
from ismessenger.sdk.words import gettext
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, overridable, reads, writes
from ismessenger.web.templating import fragment, render


@reads(Right.INBOX)
async def actions(visit: Visit) -> Response:
    """``GET /contacts/ID/actions``: the frame at the end of the contact panel."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    counted = select(func.count()).select_from(Message).where(col(Message.contact_id) == contact.id)
    return render(
        visit.request,
        "contacts/_actions.html",
        contact_id=contact.id,
        name=await visit.name_of(contact),
        blocked=contact.blocked_at is not None,
        may_erase=may(visit.member, Right.DELETE_CONTACTS),
        messages=(await visit.reading.execute(counted)).scalar_one(),
    )


@writes(Right.INBOX)
async def block(visit: Visit) -> Response:
    """``POST /contacts/ID/block``."""
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    await block_contact(visit.db, contact, by=visit.member.id)
    undo = {"url": f"/contacts/{contact.id}/block", "method": "delete", "words": gettext("Unblock")}
    return await _told(visit, contact.id, gettext("%(name)s is blocked") % {"name": await visit.name_of(contact)}, undo)


@writes(Right.INBOX)
async def unblock(visit: Visit) -> Response:
    """``DELETE /contacts/ID/block``."""
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    await unblock_contact(visit.db, contact, by=visit.member.id)
    return await _told(visit, contact.id, gettext("%(name)s is not blocked any more") % {"name": await visit.name_of(contact)}, None)


async def _told(visit: Visit, contact_id: int, words: str, undo: dict[str, str] | None) -> Response:
    return await answer_with_changes(visit, contact_id, fragment("components/toast.stream.html", words=words, undo=undo))


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/actions", actions),
    Route("/contacts/{id:id}/block", overridable(post=block, delete=unblock), methods=["POST", "DELETE"]),
]
