"""The rows of the contacts table, page by page in any order, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select, tuple_
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.model import Contact, ContactWords
from ismessenger.contacts.order import Order
from ismessenger.kit import pagination
from ismessenger.tenancy.doors import ReadSession

PAGE = 50
Found = tuple[Any, int]
"""What a contact is sorted by, and its id."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind a contact, or before it with ``backwards``."""

    at: Found
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class TablePage:
    """A page of the table. ``before`` and ``after`` are the cursors of the pages beside it, ``None`` if there is none."""

    contacts: Sequence[Contact]
    before: str | None
    after: str | None


def cursor_of(order: Order, *, after: str, before: str) -> Cursor | None:
    """What an address says about the page. Raises `CursorInvalid`."""
    if not (after or before):
        return None
    value, id_ = pagination.decode(after or before, order.types, int)
    return Cursor((value, id_), backwards=not after)


async def table_page(
    db: ReadSession, member: Member, where: ColumnElement[bool], order: Order, cursor: Cursor | None = None, *, limit: int = PAGE
) -> TablePage:
    """One page of the contacts that the member sees and that ``where`` holds for."""
    backwards = cursor is not None and cursor.backwards
    found = await _found(db, visible_to(member) & where, order, cursor, limit + 1)
    shown = found[:limit]
    if backwards:
        shown.reverse()
    goes_on, came_from = len(found) > limit, cursor is not None
    earlier, later = (goes_on, came_from) if backwards else (came_from, goes_on)
    return TablePage(
        await _rows(db, [id_ for _value, id_ in shown]),
        pagination.encode(*shown[0]) if shown and earlier else None,
        pagination.encode(*shown[-1]) if shown and later else None,
    )


async def _found(db: ReadSession, where: ColumnElement[bool], order: Order, cursor: Cursor | None, limit: int) -> list[Found]:
    """Those with a value, then those without, or the other way round: each kind is a statement, so that an index can serve it."""
    found: list[Found] = []
    for valued in _kinds(order, cursor):
        if len(found) < limit:
            at = cursor.at if cursor and (cursor.at[0] is not None) == valued else None
            statement = _statement(where, order, at, valued=valued, backwards=cursor is not None and cursor.backwards)
            found += [tuple(row) for row in (await db.execute(statement.limit(limit - len(found)))).all()]
    return found


def _kinds(order: Order, cursor: Cursor | None) -> list[bool]:
    if order.present is None:
        return [True]
    kinds = [False, True] if cursor and cursor.backwards else [True, False]
    started = cursor is not None and (cursor.at[0] is not None) != kinds[0]
    return kinds[1:] if started else kinds


def _statement(where: ColumnElement[bool], order: Order, at: Found | None, *, valued: bool, backwards: bool) -> Select[Any]:
    down = order.descending != backwards
    value: Any = order.value if valued else literal_column("NULL")
    id_: Any = col(ContactWords.contact_id) if order.beside else col(Contact.id)
    statement = select(value, id_).select_from(Contact).where(where)
    if order.beside:
        statement = statement.join(ContactWords, col(ContactWords.contact_id) == col(Contact.id))
    if order.present is not None:
        statement = statement.where(order.present if valued else ~order.present)
    keys = [value, id_] if valued else [id_]
    if at is not None:
        here, there = tuple_(*keys), tuple_(*at[-len(keys) :])
        statement = statement.where(here < there if down else here > there)
    return statement.order_by(*(key.desc() if down else key for key in keys))


async def _rows(db: ReadSession, ids: Sequence[int]) -> list[Contact]:
    statement = select(Contact).where(col(Contact.id).in_(ids))
    rows = {contact.id: contact for contact in (await db.execute(statement)).scalars()} if ids else {}
    return [rows[id_] for id_ in ids if id_ in rows]
