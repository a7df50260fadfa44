"""The lists of the inbox: which contacts, in which order, page by page. Every one of them goes through `visible_to`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, case, cast, func, literal, select, true, tuple_
from sqlmodel import col

from ismessenger.accounts.model import Member, ReadMark
from ismessenger.accounts.visibility import visible_to
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.lifecycle import in_use
from ismessenger.contacts.model import Contact, LifecycleStage
from ismessenger.messages.model import Message
from ismessenger.tenancy.doors import ReadSession

PAGE = 30

Status = Literal["open", "closed", "snoozed", "all"]
Sort = Literal["newest", "oldest", "longest"]
STATUSES: Final[Sequence[str]] = ("open", "closed", "snoozed")
Position = tuple[datetime | None, int]
"""Where a page begins: behind the contact with this time, by which the list is sorted, and this id."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What of an inbox is shown, in which order. ``longest`` is by how long a conversation has been open, for open and snoozed ones."""

    status: Status = "open"
    unreplied: bool = False
    sort: Sort = "newest"


NEWEST: Final = Narrowing()


@dataclass(frozen=True, slots=True)
class Listed:
    """A contact as a list shows it; ``stage`` only while the workspace has a lifecycle.

    ``version`` is the database's time in microseconds: what is read later is greater.
    """

    contact: Contact
    channel_kind: str
    channel_name: str
    assignee: Member | None
    stage: LifecycleStage | None
    last_status: str | None
    read_id: int
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """``older`` is where the next page begins, ``None`` if there is none."""

    contacts: Sequence[Listed]
    older: Position | None


async def list_contacts(
    db: ReadSession,
    member: Member,
    where: ColumnElement[bool],
    narrowing: Narrowing = NEWEST,
    *,
    before: Position | None = None,
    limit: int = PAGE,
) -> Page:
    """A page of the contacts of an inbox, which ``where`` is (see ``inboxes.py``). Those that nothing sorts come last."""
    statement = _listed(with_marks=True).where(visible_to(member), where).params(reader_id=member.id)
    if narrowing.unreplied:
        statement = statement.where(unreplied())
    found: list[Listed] = []
    if before is None or before[0] is not None:
        found = await _load(db, _sorted(statement, narrowing, before).limit(limit + 1))
    if len(found) <= limit:
        last = before[1] if before is not None and before[0] is None else None
        found += await _load(db, _unsorted(statement, narrowing, last).limit(limit + 1 - len(found)))
    page = found[:limit]
    return Page(page, position_of(page[-1].contact, narrowing.sort) if len(found) > limit else None)


async def listed_contacts(db: ReadSession, contact_ids: Sequence[int]) -> dict[int, Listed]:
    """These contacts as lists show them, whoever looks: nobody's read mark is filled in."""
    found = await _load(db, _listed(with_marks=False).where(col(Contact.id).in_(contact_ids)))
    return {listed.contact.id: listed for listed in found}


def narrowed(narrowing: Narrowing) -> ColumnElement[bool]:
    """The condition that a filter is, whatever the order."""
    status = true() if narrowing.status == "all" else col(Contact.status) == narrowing.status
    return and_(status, unreplied()) if narrowing.unreplied else status


def unreplied() -> ColumnElement[bool]:
    """The last message came in and nobody has answered it."""
    return col(Contact.preview_traffic) == "incoming"


def position_of(contact: Contact, sort: Sort) -> Position:
    """What the page after this contact starts from."""
    return (contact.opened_at if sort == "longest" else contact.last_message_at), contact.id


# Making a statement costs more than running it: each is made once, and only its conditions are added anew.
@cache
def _listed(*, with_marks: bool) -> Select[Any]:
    statement = (
        select(
            Contact,
            Member,
            col(ConnectedChannel.kind),
            col(ConnectedChannel.name),
            LifecycleStage,
            case((col(Contact.preview_traffic) == "outgoing", _last_status())),
            cast(func.extract("epoch", func.now()) * 1_000_000, BigInteger),
        )
        .outerjoin(Member, col(Member.id) == col(Contact.assignee_id))
        .outerjoin(ConnectedChannel, col(ConnectedChannel.id) == col(Contact.last_channel_id))
        .outerjoin(LifecycleStage, and_(col(LifecycleStage.id) == col(Contact.lifecycle_id), in_use()))
    )
    if not with_marks:
        return statement.add_columns(literal(0))
    mine = and_(col(ReadMark.contact_id) == col(Contact.id), col(ReadMark.member_id) == bindparam("reader_id"))
    return statement.outerjoin(ReadMark, mine).add_columns(func.coalesce(ReadMark.message_id, 0))


def _last_status() -> ColumnElement[str]:
    last = select(col(Message.status)).where(col(Message.contact_id) == col(Contact.id))
    return last.order_by(col(Message.sent_at).desc(), col(Message.id).desc()).limit(1).correlate(Contact).scalar_subquery()


def _sorted(statement: Select[Any], narrowing: Narrowing, before: Position | None) -> Select[Any]:
    """Those that have what they are sorted by."""
    value, descending = _value(narrowing.sort), narrowing.sort == "newest"
    statement = statement.where(value.is_not(None))
    if narrowing.status != "all":
        statement = statement.where(col(Contact.status) == narrowing.status)
    if before is not None:
        here, there = tuple_(value, col(Contact.id)), tuple_(*before)
        statement = statement.where(here < there if descending else here > there)
    keys = [value, col(Contact.id)]
    return statement.order_by(*([key.desc() for key in keys] if descending else keys))


def _unsorted(statement: Select[Any], narrowing: Narrowing, last: int | None) -> Select[Any]:
    """Those that do not: who never exchanged a message."""
    descending = narrowing.sort == "newest"
    # Every status by its name: so an index finds those without a message.
    status = col(Contact.status).in_(STATUSES) if narrowing.status == "all" else col(Contact.status) == narrowing.status
    statement = statement.where(_value(narrowing.sort).is_(None), status)
    if last is not None:
        statement = statement.where(col(Contact.id) < last if descending else col(Contact.id) > last)
    return statement.order_by(col(Contact.id).desc() if descending else col(Contact.id))


def _value(sort: Sort) -> Any:
    return col(Contact.opened_at) if sort == "longest" else col(Contact.last_message_at)


async def _load(db: ReadSession, statement: Select[Any]) -> list[Listed]:
    rows = (await db.execute(statement)).all()
    return [
        Listed(contact, kind or "", name or "", assignee, stage, last_status, read_id, version)
        for contact, assignee, kind, name, stage, last_status, version, read_id in rows
    ]
