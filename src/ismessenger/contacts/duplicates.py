"""Contacts that may be the same person: those with an equal phone number, in any of its spellings, or an equal e-mail address."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, union
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.model import Contact, MergeDismissal
from ismessenger.contacts.phone import variants
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

Same = Literal["phone", "email"]
Position = tuple[str, str]
"""Where a page begins: behind this value of this kind of likeness."""

SHOWN = 5
PAGE = 20
PER_VALUE = 50

# Each walks one index in its order and stops when the page is full. A number of which two spellings are common stands for both.
_PHONES = text(
    "SELECT phone FROM contact WHERE phone IS NOT NULL AND phone > :after GROUP BY phone HAVING count(*) > 1 ORDER BY phone LIMIT :limit"
)
_SPELLINGS = text(
    "SELECT DISTINCT a.phone FROM contact a JOIN contact b ON b.phone = CASE left(a.phone, 3)"
    " WHEN '+55' THEN '+55' || substr(a.phone, 4, 2) || '9' || substr(a.phone, 6) WHEN '+54' THEN '+549' || substr(a.phone, 4)"
    " ELSE '+521' || substr(a.phone, 4) END"
    " WHERE a.phone IS NOT NULL AND b.phone IS NOT NULL AND length(a.phone) = 13 AND left(a.phone, 3) IN ('+52', '+54', '+55')"
    " AND a.phone > :after ORDER BY a.phone LIMIT :limit"
)
_EMAILS = text(
    "SELECT lower(email) FROM contact WHERE email IS NOT NULL AND lower(email) > :after GROUP BY lower(email) HAVING count(*) > 1"
    " ORDER BY lower(email) LIMIT :limit"
)
_DISMISS = text(
    "INSERT INTO merge_dismissal (first_id, second_id, by_id, at) VALUES (:first, :second, :by, :at)"
    " ON CONFLICT (workspace_id, first_id, second_id) DO NOTHING"
)
_WALKS: Final = {"phone": _PHONES, "spelling": _SPELLINGS, "email": _EMAILS}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another contact that may be the same person, and by what."""

    contact: Contact
    same: Sequence[Same]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two contacts that may be one; the first was there before the second."""

    first: Contact
    second: Contact
    same: Sequence[Same]


@dataclass(frozen=True, slots=True)
class Page:
    """``more`` is where the next page begins, ``None`` if there is none."""

    pairs: Sequence[Pair]
    more: Position | None


async def suggestions_for(db: ReadSession, member: Member, contact: Contact, limit: int = SHOWN) -> list[Suggestion]:
    """Who else this contact may be, the longest known first; without those whom somebody said it is not."""
    likeness = _like(contact)
    if likeness is None:
        return []
    others = select(Contact).where(
        col(Contact.id).in_(likeness), col(Contact.id) != contact.id, visible_to(member), ~_dismissed(contact.id)
    )
    found = (await db.execute(others.order_by(col(Contact.id)).limit(limit))).scalars()
    return [Suggestion(other, likeness_of(contact, other)) for other in found]


def likeness_of(one: Contact, other: Contact) -> list[Same]:
    """What two contacts have in common."""
    same: list[Same] = []
    if one.phone and other.phone in variants(one.phone):
        same.append("phone")
    if one.email and other.email and one.email.lower() == other.email.lower():
        same.append("email")
    return same


def _like(contact: Contact) -> Select[tuple[int]] | None:
    """The ids of contacts that are like one; each half is answered by its own index."""
    halves = []
    if contact.phone:
        halves.append(select(col(Contact.id)).where(col(Contact.phone).is_not(None), col(Contact.phone).in_(variants(contact.phone))))
    if contact.email:
        same = func.lower(Contact.email) == func.lower(contact.email)
        halves.append(select(col(Contact.id)).where(col(Contact.email).is_not(None), same))
    return union(*halves).subquery().select() if halves else None


def _dismissed(contact_id: int) -> ColumnElement[bool]:
    either = or_(
        and_(col(MergeDismissal.first_id) == contact_id, col(MergeDismissal.second_id) == col(Contact.id)),
        and_(col(MergeDismissal.second_id) == contact_id, col(MergeDismissal.first_id) == col(Contact.id)),
    )
    return select(col(MergeDismissal.id)).where(either).correlate(Contact).exists()


async def dismiss(db: WriteSession, one: int, other: int, *, by: int | None) -> None:
    """Say that two contacts are not the same person: neither is suggested for the other again. Raises `Refused`."""
    if one == other:
        raise Refused(gettext("That is one and the same contact."))
    await db.execute(_DISMISS, {"first": min(one, other), "second": max(one, other), "by": by, "at": now()})
    for contact_id in (one, other):
        db.announce("contact", contact_id)


async def suggest_again(db: WriteSession, one: int, other: int) -> None:
    """Take a dismissal back."""
    first, second = min(one, other), max(one, other)
    found = select(MergeDismissal).where(col(MergeDismissal.first_id) == first, col(MergeDismissal.second_id) == second)
    for row in (await db.execute(found)).scalars():
        await db.delete(row)
    for contact_id in (one, other):
        db.announce("contact", contact_id)


async def suggestions(db: ReadSession, member: Member, after: Position | None = None, limit: int = PAGE) -> Page:
    """A page of pairs of the whole workspace: by phone, then by e-mail. A contact is paired with the first one that it may be.

    A page holds the pairs of at most ``limit`` values; of a value that very many share it looks at the `PER_VALUE` oldest contacts.
    """
    kinds = list(_WALKS)
    kind, value = after if after is not None and after[0] in _WALKS else (kinds[0], "")
    while True:
        values = list((await db.execute(_WALKS[kind], {"after": value, "limit": limit})).scalars())
        pairs = await _pairs(db, member, kind, values) if values else []
        more: Position | None = (kind, values[-1]) if len(values) == limit else _next(kinds, kind)
        if pairs or more is None:
            return Page(pairs, more)
        kind, value = more


def _next(kinds: Sequence[str], kind: str) -> Position | None:
    after = kinds.index(kind) + 1
    return (kinds[after], "") if after < len(kinds) else None


async def _pairs(db: ReadSession, member: Member, kind: str, values: Sequence[str]) -> list[Pair]:
    column = func.lower(Contact.email) if kind == "email" else col(Contact.phone)
    filled = col(Contact.email).is_not(None) if kind == "email" else col(Contact.phone).is_not(None)
    wanted = [spelling for value in values for spelling in variants(value)] if kind != "email" else list(values)
    place = func.row_number().over(partition_by=column, order_by=col(Contact.id)).label("place")
    ranked = select(col(Contact.id), place).where(filled, column.in_(wanted), visible_to(member)).subquery()
    statement = select(Contact).join(ranked, col(Contact.id) == ranked.c.id).where(ranked.c.place <= PER_VALUE)
    contacts = list((await db.execute(statement.order_by(col(Contact.id)))).scalars())
    dismissed = await _dismissals(db, [contact.id for contact in contacts])
    return list(_paired(kind, contacts, values, dismissed))


def _paired(kind: str, contacts: Sequence[Contact], values: Sequence[str], dismissed: Collection[tuple[int, int]]) -> Iterator[Pair]:
    for value in values:
        alike = [contact for contact in contacts if _has(kind, contact, value)]
        for at, second in enumerate(alike):
            first = next((each for each in alike[:at] if (each.id, second.id) not in dismissed and _new(kind, each, second)), None)
            if first is not None:
                yield Pair(first, second, likeness_of(first, second))


def _has(kind: str, contact: Contact, value: str) -> bool:
    if kind == "email":
        return (contact.email or "").lower() == value
    return contact.phone == value if kind == "phone" else contact.phone in variants(value)


def _new(kind: str, first: Contact, second: Contact) -> bool:
    """Whether no earlier kind of likeness has shown the two already."""
    match kind:
        case "email":
            return "phone" not in likeness_of(first, second)
        case "spelling":
            return first.phone != second.phone
        case _:
            return True


async def _dismissals(db: ReadSession, ids: Sequence[int]) -> set[tuple[int, int]]:
    statement = select(col(MergeDismissal.first_id), col(MergeDismissal.second_id)).where(col(MergeDismissal.first_id).in_(ids))
    return {(first, second) for first, second in (await db.execute(statement)).all()}
