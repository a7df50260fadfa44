"""Messages and comments that hold some words, newest first.

The index knows every word behind the number of its stretch of ids. A search walks the stretches from the newest one back and stops as soon
as its page is full: a common word is found in the first, and a rare one costs a look into each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, ColumnElement, Select, TableValuedAlias, false, func, literal, literal_column, select, true
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import assignees_seen, visible_to
from ismessenger.channels.model import ConnectedChannel
from ismessenger.conditions.words import SHOWN, STRETCH_BITS, Term, in_one_place, sought, without_index
from ismessenger.contacts.model import Contact
from ismessenger.kit import pagination
from ismessenger.messages.author import by_member, name_of_author
from ismessenger.messages.model import Comment, Message
from ismessenger.search.filters import Narrowed
from ismessenger.tenancy.doors import ReadSession

PAGE = 20
STRETCHES = 4096
NARROW_STRETCHES = 16
"""So many stretches one page looks into; fewer where who may be seen has to be asked for every hit."""

FEW = 100
"""The messages of so many contacts are looked through without the index."""

LATE, EARLY = timedelta(days=7), timedelta(days=1)
"""Ids are in the order of arrival: a message may be so much older than we know it, or, by a wrong clock, so much younger."""

Kind = Literal["message", "comment"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A message or a comment that was found. ``author`` is the member's name where one wrote it, empty for the contact's own words."""

    kind: Kind
    id: int
    contact: Contact
    words: str
    at: datetime
    incoming: bool
    author: str
    channel_kind: str
    channel_name: str


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of what was found. ``older`` is where the search goes on, ``None`` at its end: there may be no more behind it."""

    hits: Sequence[Hit]
    older: str | None


@dataclass(frozen=True, slots=True)
class _Table:
    row: type[Any]
    words: Any
    at: Any
    learnt_at: Any


_TABLES: Final[dict[Kind, _Table]] = {
    "message": _Table(Message, col(Message.words), col(Message.sent_at), col(Message.created_at)),
    "comment": _Table(Comment, col(Comment.text), col(Comment.created_at), col(Comment.created_at)),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question: which table, which words, whose, and before which id."""

    kind: Kind
    wanted: Sequence[Term]
    narrow: Narrowed
    whose: tuple[ColumnElement[bool], ...]
    upper: int | None
    limit: int

    @property
    def table(self) -> _Table:
        return _TABLES[self.kind]

    @property
    def id(self) -> Any:
        return col(self.table.row.id)


_Ids = tuple[list[int], int | None]
"""Ids, newest first, and before which id the search goes on."""


async def written(
    db: ReadSession, member: Member, kind: Kind, wanted: Sequence[Term], narrow: Narrowed, *, before: str | None = None, limit: int = PAGE
) -> Hits:
    """The newest of those that hold all the words and that the member may see. Raises `CursorInvalid`."""
    upper = int(pagination.decode(before, int)[0]) if before else None
    if not wanted or narrow.problems:
        return Hits([], None)
    contacts = narrow.contacts if kind == "message" else (*narrow.contacts, *narrow.reached)
    sees_all = assignees_seen(member) is None and not contacts
    asked = _Asked(kind, wanted, narrow, () if sees_all else (visible_to(member), *contacts), upper, limit)
    few = None if sees_all else await _few(db, asked.whose)
    ids, older = await _of_stretches(db, asked) if few is None else await _of_contacts(db, asked, few)
    return Hits(await _shown(db, asked, ids), pagination.encode(older) if older is not None else None)


async def _few(db: ReadSession, whose: Sequence[ColumnElement[bool]]) -> list[int] | None:
    """The contacts that the search is about, if they are few."""
    found = list((await db.execute(select(col(Contact.id)).where(*whose).limit(FEW + 1))).scalars())
    return found if len(found) <= FEW else None


async def _of_contacts(db: ReadSession, asked: _Asked, contact_ids: Sequence[int]) -> _Ids:
    """Look through all that was written with these contacts."""
    table = asked.table
    statement = select(asked.id).where(
        col(table.row.contact_id).in_(contact_ids), *without_index(asked.wanted, table.words), *_conditions(asked)
    )
    found = list((await db.execute(statement.order_by(asked.id.desc()).limit(asked.limit + 1))).scalars())
    shown = found[: asked.limit]
    return shown, shown[-1] if len(found) > asked.limit else None


async def _of_stretches(db: ReadSession, asked: _Asked) -> _Ids:
    """Ask the index, stretch by stretch."""
    newest, oldest = await _bounds(db, asked)
    last = max(oldest, newest - (NARROW_STRETCHES if asked.whose else STRETCHES) + 1)
    if last > newest:
        return [], None
    found = list((await db.execute(_walk(db, asked, newest, last))).scalars())
    shown = found[: asked.limit]
    if len(found) > asked.limit:
        return shown, shown[-1]
    return shown, last << STRETCH_BITS if last > oldest else None


def _walk(db: ReadSession, asked: _Asked, newest: int, last: int) -> Select[Any]:
    """One look into the index for each stretch, as long as the page is not full."""
    stretch = _stretches(newest, last, -1)
    row, table = asked.table.row, asked.table
    lexemes = func.search_lexemes(col(row.workspace_id), asked.id, table.words)
    found = select(asked.id.label("id")).where(
        lexemes.op("@@", is_comparison=True)(sought(asked.wanted, db.workspace_id, stretch.c.number)),
        table.words != literal_column("''"),
        *in_one_place(asked.wanted, table.words),
        *_conditions(asked),
    )
    if asked.whose:
        # As a value, which is asked for each hit: a join would begin with the contacts.
        may = select(true()).where(col(Contact.id) == col(row.contact_id), *asked.whose)
        found = found.where(may.correlate(row).scalar_subquery())
    # Not by the id itself: then the primary key would be read from its end, and every row on the way taken apart.
    hits = found.order_by((asked.id + literal_column("0")).desc()).limit(asked.limit + 1).lateral("hits")
    return select(hits.c.id).select_from(stretch.join(hits, true())).limit(asked.limit + 1)


def _stretches(start: int, stop: int, step: int) -> TableValuedAlias:
    series = func.generate_series(literal(start, BigInteger), literal(stop, BigInteger), literal(step, BigInteger))
    return series.table_valued("number", name="stretch").render_derived()


def _conditions(asked: _Asked) -> list[ColumnElement[bool]]:
    """What else holds for the rows themselves."""
    narrow, at = asked.narrow, asked.table.at
    conditions = [at < narrow.before] if narrow.before else []
    conditions += [at >= narrow.after] if narrow.after else []
    conditions += [asked.id < asked.upper] if asked.upper is not None else []
    if asked.kind == "message":
        conditions += [col(Message.channel_id) == channel_id for channel_id in narrow.channel_ids]
    return conditions


async def _bounds(db: ReadSession, asked: _Asked) -> tuple[int, int]:
    """The newest and the oldest stretch that can have something; the newest is below the oldest if none has."""
    newest, oldest = (await db.execute(select(func.max(asked.id), func.min(asked.id)))).one()
    if newest is None:
        return 0, 1
    top = min(newest, asked.upper - 1 if asked.upper is not None else newest) >> STRETCH_BITS
    low = oldest >> STRETCH_BITS
    if asked.narrow.before is not None:
        top = await _begun(db, asked, low, top, asked.narrow.before + LATE, low - 1)
    if asked.narrow.after is not None and top >= low:
        low = await _begun(db, asked, low, top, asked.narrow.after - EARLY, low)
    return top, low


async def _begun(db: ReadSession, asked: _Asked, low: int, top: int, moment: datetime, otherwise: int) -> int:
    """The last stretch that had begun at a time."""
    stretch = _stretches(low, top, 1)
    first = select(asked.table.learnt_at.label("at")).where(asked.id >= stretch.c.number.op("<<")(STRETCH_BITS))
    begun = first.order_by(asked.id).limit(1).lateral("begun")
    statement = select(func.max(stretch.c.number)).select_from(stretch.join(begun, true())).where(begun.c.at < moment)
    found = (await db.execute(statement)).scalar_one()
    return otherwise if found is None else int(found)


async def _shown(db: ReadSession, asked: _Asked, ids: Sequence[int]) -> list[Hit]:
    if not ids:
        return []
    rows = (await db.execute(_messages(ids) if asked.kind == "message" else _comments(ids))).all()
    hits = [Hit(asked.kind, id_, contact, *rest) for id_, contact, *rest in rows]
    return sorted(hits, key=lambda hit: -hit.id)


def _messages(ids: Sequence[int]) -> Select[Any]:
    sender = (Member, col(Message.sender_id), col(Message.source))
    return (
        select(
            col(Message.id),
            Contact,
            func.left(Message.words, SHOWN),
            col(Message.sent_at),
            col(Message.traffic) == "incoming",
            func.coalesce(name_of_author(*sender), ""),
            col(ConnectedChannel.kind),
            col(ConnectedChannel.name),
        )
        .join(Contact, col(Contact.id) == col(Message.contact_id))
        .join(ConnectedChannel, col(ConnectedChannel.id) == col(Message.channel_id))
        .outerjoin(Member, by_member(*sender))
        .where(col(Message.id).in_(ids))
    )


def _comments(ids: Sequence[int]) -> Select[Any]:
    author = (Member, col(Comment.author_id), col(Comment.author_kind))
    columns: tuple[Any, ...] = (
        col(Comment.id),
        Contact,
        col(Comment.text),
        col(Comment.created_at),
        false(),
        func.coalesce(name_of_author(*author), ""),
        literal(""),
        literal(""),
    )
    statement: Select[Any] = select(*columns).join(Contact, col(Contact.id) == col(Comment.contact_id))
    return statement.outerjoin(Member, by_member(*author)).where(col(Comment.id).in_(ids))
