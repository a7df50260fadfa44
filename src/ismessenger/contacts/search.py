"""Find contacts by what somebody typed: part of a name or a phone number, a whole e-mail address or value of a field."""

import re
from collections.abc import Collection

from sqlalchemy import ColumnElement, cast, false, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col

from ismessenger.contacts.fields import Field, custom_fields
from ismessenger.contacts.model import Contact, ContactWords
from ismessenger.kit.folding import folded
from ismessenger.kit.text import clean
from ismessenger.tenancy.doors import ReadSession

MAX_WORDS = 255
MAX_EXACT = 1000
"""So many contacts with the same whole value are found, the newest ones."""

SEARCHED = frozenset({"text", "list", "email", "url"})
"""Types of custom fields whose whole value is found; what is a number, a date or a switch is filtered by."""

_NAMES = frozenset({"firstName", "lastName"})
_NUMBERS = frozenset({"phone"})
_NUMBER = re.compile(r"[+\d][\d\s()/.-]{2,}")
_GRAM = 3


async def named(db: ReadSession, words: str, kept: Collection[str] = ()) -> ColumnElement[bool]:
    """A condition on `Contact`. Capitals and accents do not matter, but in the values of fields they do.

    By what is in the fields of the keys ``kept`` nobody is found.
    """
    typed = clean(words, MAX_WORDS).strip()
    # Names and numbers stand in one text; what has no letter in it is part of a number.
    of_name = any(character.isalpha() for character in typed)
    unseen = not (_NAMES if of_name else _NUMBERS).isdisjoint(kept)
    found = or_(false(), *(_contains(db.workspace_id, part) for part in _spellings(typed) if not unseen))
    by_name = col(Contact.id).in_(select(col(ContactWords.contact_id)).where(found))
    # Asked for first, and part of the condition only where somebody was found: mixed with the names, no index would answer either.
    exact = await _exactly(db, typed, kept)
    return or_(by_name, col(Contact.id).in_(exact)) if exact else by_name


async def _exactly(db: ReadSession, typed: str, kept: Collection[str]) -> list[int]:
    whole = [_holds(field, typed) for field in await custom_fields(db) if field.type in SEARCHED and field.key not in kept]
    if "@" in typed and "email" not in kept:
        whole.append(func.lower(Contact.email) == typed.lower())
    if not whole:
        return []
    return list((await db.execute(select(col(Contact.id)).where(or_(*whole)).order_by(col(Contact.id).desc()).limit(MAX_EXACT))).scalars())


def _holds(field: Field, value: str) -> ColumnElement[bool]:
    # The second condition is that of the index.
    return col(Contact.fields).op("@>", is_comparison=True)(cast({field.key: value}, JSONB)) & (col(Contact.fields) != cast({}, JSONB))


def _spellings(typed: str) -> list[str]:
    """The words themselves; of a phone number also its digits, as they stand in one that has its country's code."""
    words = folded(typed).strip()
    spellings = [words]
    if _NUMBER.fullmatch(words):
        spellings.append(re.sub(r"\D", "", words).lstrip("0"))
    return list(dict.fromkeys(part for part in spellings if part))


def _contains(workspace_id: int, part: str) -> ColumnElement[bool]:
    # The words alone answer right; the pieces are what the index knows.
    contains = col(ContactWords.words).contains(part, autoescape=True)
    pieces = _grams(part)
    return contains & col(ContactWords.grams).contains([f"{workspace_id}:{piece}" for piece in pieces]) if pieces else contains


def _grams(part: str) -> list[str]:
    """Pieces that every text with ``part`` in it has: of three characters; of a shorter part itself, unless it is ASCII."""
    if len(part) < _GRAM:
        return [] if part.isascii() else [part]
    return sorted({part[at : at + _GRAM] for at in range(len(part) - _GRAM + 1)})
