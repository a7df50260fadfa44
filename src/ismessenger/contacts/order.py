"""What the contacts table can be sorted by, and which of it the database has in order already."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Float, Integer, case, cast, func, select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.contacts.columns import Column
from ismessenger.contacts.fields import Field
from ismessenger.contacts.model import Contact, ContactWords, LifecycleStage

SORTED_ROWS = 10_000
"""What no index has in order is sorted anew for every page: only up to so many contacts."""

COMPARED = 100
_TEXT = (str, type(None))
_NUMBER = (int, float, type(None))
_TIME = (datetime, type(None))

ALWAYS: Final = frozenset({"name", "created", "id", "lastMessage", "phone", "email"})


@dataclass(frozen=True, slots=True)
class Order:
    """An order of contacts. ``present`` holds for those with a ``value``; those without one come last either way.

    ``types`` are what a cursor holds of ``value``. With ``beside`` the value stands in `ContactWords`.
    """

    key: str
    value: Any
    types: tuple[type, ...]
    present: ColumnElement[bool] | None = None
    descending: bool = False

    @property
    def beside(self) -> bool:
        """Whether the value is not the contact's own."""
        return self.key == "name"

    @property
    def free(self) -> bool:
        """Whether any number of contacts can be in this order."""
        return self.key in ALWAYS


def sortable(column: Column) -> bool:
    """Whether there is an order by this column."""
    return column.field is not None or column.key in _OWN


def order_by(key: str, offered: Mapping[str, Column], *, descending: bool) -> Order | None:
    """The order by a column's key or by the name; ``None`` if there is none."""
    column = offered.get(key)
    if key in _OWN and (column is not None or key == "name"):
        value, types = _OWN[key]()
    elif column is not None and column.field is not None:
        value, types = _of_field(column.field)
    else:
        return None
    present = None if key in {"created", "id", "status"} else value.is_not(None)
    if key in {"phone", "email"}:
        # The same words as in the condition of the index.
        present = (Contact.phone if key == "phone" else Contact.email).is_not(None)  # type: ignore[union-attr]
    return Order(key, value, types, present, descending)


Made = tuple[Any, tuple[type, ...]]
"""An expression, and what a cursor holds of it."""


def _name() -> Made:
    return col(ContactWords.name), _TEXT


def _assignee() -> Made:
    name = select(func.lower(func.left(Member.name, COMPARED))).where(col(Member.id) == col(Contact.assignee_id))
    return name.correlate(Contact).scalar_subquery(), _TEXT


def _stage() -> Made:
    place = case((col(LifecycleStage.kind) == "lost", 1), else_=0) * 1000 + col(LifecycleStage.position)
    found = select(cast(place, Integer)).where(col(LifecycleStage.id) == col(Contact.lifecycle_id))
    return found.correlate(Contact).scalar_subquery(), _NUMBER


# Ids are given in the order in which contacts are made, and the primary key has them in order.
_OWN: Final[Mapping[str, Callable[[], Made]]] = {
    "name": _name,
    "created": lambda: (col(Contact.id), (int,)),
    "id": lambda: (col(Contact.id), (int,)),
    "lastMessage": lambda: (col(Contact.last_message_at), _TIME),
    "status": lambda: (col(Contact.status), (str,)),
    "assignee": _assignee,
    "lifecycle": _stage,
}


def _of_field(field: Field) -> Made:
    if field.column == "phone":
        return col(Contact.phone), _TEXT
    if field.column == "email":
        return func.lower(Contact.email), _TEXT
    if field.column:
        return func.lower(func.left(getattr(Contact, field.column), COMPARED)), _TEXT
    held = col(Contact.fields)[field.key]
    if field.type == "number":
        return cast(case((func.jsonb_typeof(held) == "number", held.astext)), Float), _NUMBER
    return func.lower(func.left(held.astext, COMPARED)), _TEXT
