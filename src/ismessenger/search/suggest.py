"""How a filter that somebody is typing may go on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ismessenger.accounts.model import Member
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.kit.folding import folded
from ismessenger.search.filters import ME, NOBODY, SECTIONS, names
from ismessenger.search.query import KEYS, Key, quoted
from ismessenger.tenancy.doors import ReadSession

MOST = 8
_BEGUN = re.compile(rf'({"|".join(KEYS)}):"?([^"]*)"?', re.IGNORECASE)
_FIXED: Final[dict[Key, Sequence[str]]] = {
    "assignee": (ME, NOBODY),
    "before": ("today", "yesterday"),
    "after": ("today", "yesterday"),
    "in": SECTIONS,
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``insert`` takes the place of what was typed; ``words`` are what is shown."""

    insert: str
    words: str


async def suggestions(db: ReadSession, member: Member, typed: str, timezone: str) -> Sequence[Suggestion]:
    """Values for the key that stands in ``typed``; nothing for plain words.

    What begins with the rest comes first, as it was typed and then in another spelling, then what holds it.
    """
    begun = _BEGUN.fullmatch(typed)
    if begun is None or member.removed_at is not None:
        return []
    key = next(known for known in KEYS if known == begun[1].lower())
    part = begun[2].strip()
    plain = folded(part)
    offered = [*_FIXED.get(key, ()), *(name for _id, name in names(key, await vocabulary(db, timezone)))]
    fitting = sorted(
        (name for name in offered if plain in folded(name)),
        key=lambda name: (not name.casefold().startswith(part.casefold()), not folded(name).startswith(plain)),
    )
    return [Suggestion(f"{key}:{quoted(name)}", name) for name in list(dict.fromkeys(fitting))[:MOST]]
