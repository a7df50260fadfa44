"""Replies that go out later: written from the composer, shown above it."""

from datetime import datetime
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import select
from sqlmodel import col
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.errors import NotThere
from ismessenger.contacts.find import hold_contact
from ismessenger.contacts.model import Contact
from ismessenger.messages.drafts import clear_draft
from ismessenger.messages.model import ScheduledMessage
from ismessenger.messages.recall import Typed
from ismessenger.messages.schedule import Plan, cancel, held_scheduled, reschedule, schedule, send_now
from ismessenger.sdk.words import gettext
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.contact_actions import ReplyForm
from ismessenger.web.edge import Visit, overridable, writes
from ismessenger.web.forms import parse
from ismessenger.web.returned import returned_to_composer


class ScheduleForm(ReplyForm):
    """The composer, with the time to send it."""

    due_at: AwareDatetime


class TimeForm(BaseModel):
    """Another time."""

    due_at: AwareDatetime


@writes(Right.INBOX)
async def create(visit: Visit) -> Response:
    """``POST /contacts/ID/scheduled``: send a reply later."""
    form = await parse(visit.request, ScheduleForm)
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    client_id = form.client_id or uuid4().hex
    plan = Plan(form.text, _exact(form.due_at), client_id, form.files, form.channel_id, form.reply_to, form.tag)
    row = await schedule(visit.installation, visit.db, contact, plan, by=visit.member)
    await clear_draft(visit.db, visit.member.id, contact.id, "reply", form.draft_version)
    if not any(change["kind"] == "scheduled" for change in visit.db.changes):
        visit.db.announce("scheduled", contact.id, id=row.id)
    return await answer_with_changes(visit, contact.id)


@writes(Right.INBOX)
async def move(visit: Visit) -> Response:
    """``POST /scheduled/ID``: send it at another time."""
    form = await parse(visit.request, TimeForm)
    contact, row = await _held(visit)
    await reschedule(visit.db, row, _exact(form.due_at))
    return await answer_with_changes(visit, contact.id)


@writes(Right.INBOX)
async def drop(visit: Visit) -> Response:
    """``DELETE /scheduled/ID``: do not send it; the words go back to the composer of whoever says so."""
    contact, row = await _held(visit)
    files = await cancel(visit.db, row, by=visit.member)
    typed = Typed(row.text, [file.id for file in files], row.reply_to)
    return await answer_with_changes(visit, contact.id, await returned_to_composer(visit, contact.id, typed))


@writes(Right.INBOX)
async def deliver(visit: Visit) -> Response:
    """``POST /scheduled/ID/delivery``: send it now."""
    contact, row = await _held(visit)
    await send_now(visit.installation, visit.db, row, by=visit.member)
    return await answer_with_changes(visit, contact.id)


async def _held(visit: Visit) -> tuple[Contact, ScheduledMessage]:
    """The scheduled reply with its contact, which is locked."""
    owner = select(col(ScheduledMessage.contact_id)).where(col(ScheduledMessage.id) == visit.path_id())
    contact_id = (await visit.db.execute(owner)).scalar_one_or_none()
    if contact_id is None:
        raise NotThere(gettext("There is no such scheduled message."))
    contact = await hold_contact(visit.db, visit.member, contact_id)
    return contact, await held_scheduled(visit.db, contact, visit.path_id())


def _exact(at: datetime) -> datetime:
    return at.replace(microsecond=0)


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/scheduled", create, methods=["POST"]),
    Route("/scheduled/{id:id}", overridable(post=move, delete=drop), methods=["POST", "DELETE"]),
    Route("/scheduled/{id:id}/delivery", deliver, methods=["POST"]),
]
