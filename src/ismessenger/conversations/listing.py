"""The lists of the inbox: which contacts, in which order, page by page. Every one of them goes through `visible_to`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, case, cast, func, literal, select, tuple_
from sqlmodel import col

from ismessenger.accounts.model import Member, ReadMark
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM, visible_to
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.lifecycle import in_use
from ismessenger.contacts.model import Contact, LifecycleStage
from ismessenger.messages.model import Message
from ismessenger.tenancy.doors import ReadSession

PAGE = 30
COUNTED = 1000

Inbox = Literal["all", "mine", "unassigned"]
Status = Literal["open", "closed"]
Position = tuple[datetime | None, int]
"""Where a page begins: behind the contact with this time of the last message and this id."""


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

    @property
    def position(self) -> Position:
        """What the page after this contact starts from."""
        return self.contact.last_message_at, self.contact.id


@dataclass(frozen=True, slots=True)
class Page:
    """``older`` is where the next page begins, ``None`` if there is none."""

    contacts: Sequence[Listed]
    older: Position | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Open conversations, counted up to `COUNTED`; ``None`` where the member has no such inbox."""

    all: int | None
    mine: int
    unassigned: int | None


def inboxes_of(member: Member) -> tuple[Inbox, ...]:
    """The inboxes that a member has."""
    if member.role == "agent" and ONLY_MINE in member.restrictions:
        return ("mine",)
    if member.role == "agent" and ONLY_TEAM in member.restrictions:
        return ("all", "mine")
    return ("all", "mine", "unassigned")


async def list_contacts(
    db: ReadSession, member: Member, *, inbox: Inbox, status: Status, before: Position | None = None, limit: int = PAGE
) -> Page:
    """A page of a list, newest first. Contacts that never exchanged a message come last."""
    wanted: list[Any] = [visible_to(member), Contact.status == status, *in_inbox(inbox, member)]
    statement = _listed(with_marks=True).where(*wanted).params(reader_id=member.id)
    found: list[Listed] = []
    if before is None or before[0] is not None:
        found = await _load(db, _newest(statement, before).limit(limit + 1))
    if len(found) <= limit:
        silent = before[1] if before is not None and before[0] is None else None
        found += await _load(db, _silent(statement, silent).limit(limit + 1 - len(found)))
    page = found[:limit]
    return Page(page, page[-1].position if len(found) > limit else None)


async def listed_contacts(db: ReadSession, contact_ids: Sequence[int]) -> dict[int, Listed]:
    """These contacts as lists show them, whoever looks: nobody's read mark is filled in."""
    found = await _load(db, _listed(with_marks=False).where(col(Contact.id).in_(contact_ids)))
    return {listed.contact.id: listed for listed in found}


async def count_open(db: ReadSession, member: Member) -> Counts:
    """How many open conversations each of the member's inboxes holds."""
    has = inboxes_of(member)
    columns = [_count(member, inbox).label(inbox) for inbox in has]
    row = (await db.execute(select(*columns))).one()._mapping  # noqa: SLF001 - the public name of a row's dictionary
    return Counts(all=row.get("all"), mine=row["mine"], unassigned=row.get("unassigned"))


def _count(member: Member, inbox: Inbox) -> ColumnElement[int]:
    some = select(literal(1)).select_from(Contact).where(visible_to(member), col(Contact.status) == "open", *in_inbox(inbox, member))
    return select(func.count()).select_from(some.limit(COUNTED).subquery()).scalar_subquery()


def in_inbox(inbox: Inbox, member: Member) -> list[ColumnElement[bool]]:
    """Conditions on `Contact`, beside `visible_to`. Whoever is blocked is in no inbox."""
    welcome = col(Contact.blocked_at).is_(None)
    match inbox:
        case "all":
            return [welcome]
        case "mine":
            return [welcome, col(Contact.assignee_id) == member.id]
        case "unassigned":
            return [welcome, col(Contact.assignee_id).is_(None)]


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


def _newest(statement: Select[Any], before: Position | None) -> Select[Any]:
    statement = statement.where(col(Contact.last_message_at).is_not(None))
    if before is not None:
        statement = statement.where(tuple_(col(Contact.last_message_at), col(Contact.id)) < tuple_(*before))
    return statement.order_by(col(Contact.last_message_at).desc(), col(Contact.id).desc())


def _silent(statement: Select[Any], before_id: int | None) -> Select[Any]:
    statement = statement.where(col(Contact.last_message_at).is_(None))
    if before_id is not None:
        statement = statement.where(col(Contact.id) < before_id)
    return statement.order_by(col(Contact.id).desc())


async def _load(db: ReadSession, statement: Select[Any]) -> list[Listed]:
    rows = (await db.execute(statement)).all()
    return [
        Listed(contact, kind or "", name or "", assignee, stage, last_status, read_id, version)
        for contact, assignee, kind, name, stage, last_status, version, read_id in rows
    ]
