"""Deleting a contact for good, and the list of those who were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right
from ismessenger.contacts.erase import erase_contact
from ismessenger.contacts.find import hold_contact
from ismessenger.contacts.model import Erasure
from ismessenger.kit import pagination
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.changes import shown_changes
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import STREAM_TYPE, fragment, render

LIST = "/settings/erasures"
PAGE = 50


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """Who was erased, by number, with how much, when and by whom. ``by`` is empty for a program."""

    contact_id: int
    at: datetime
    by: str
    messages: int
    conversations: int
    files: int


@writes(Right.DELETE_CONTACTS)
async def erase(visit: Visit) -> Response:
    """``POST /contacts/ID/erasure``: the contact with its messages and files is gone for good."""
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    name = await visit.name_of(contact)
    await erase_contact(visit.db, contact, by=visit.member.id)
    if not visit.wants_streams:
        return see_other("/inbox")
    told = fragment("components/toast.stream.html", words=gettext("%(name)s is deleted") % {"name": name}, undo=None)
    return Response(await shown_changes(visit) + told, media_type=STREAM_TYPE)


@reads(Right.SETTINGS)
async def index(visit: Visit) -> Response:
    """``GET /settings/erasures?before=CURSOR``: the newest first."""
    cursor = visit.request.query_params.get("before")
    before = pagination.decode(cursor, int)[0] if cursor else None
    found = await _erasures(visit.reading, before)
    more = pagination.encode(found[PAGE - 1][0].id) if len(found) > PAGE else None
    rows = [ErasureRow(e.contact_id, e.at, by or "", e.messages, e.conversations, e.files) for e, by in found[:PAGE]]
    return render(visit.request, "settings/erasures.html", shell=shell_of(visit, await live_seq(visit)), erasures=rows, more=more)


async def _erasures(db: ReadSession, before: int | None) -> Sequence[tuple[Erasure, str | None]]:
    statement = select(Erasure, col(Member.name)).outerjoin(Member, col(Member.id) == col(Erasure.by_id)).order_by(col(Erasure.id).desc())
    if before is not None:
        statement = statement.where(col(Erasure.id) < before)
    return [(erasure, name) for erasure, name in (await db.execute(statement.limit(PAGE + 1))).all()]


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/erasure", erase, methods=["POST"]),
    Route(LIST, index),
]
