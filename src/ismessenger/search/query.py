"""What somebody typed into the search bar, taken apart: words, and filters like ``tag:"Big customer"``."""

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from ismessenger.kit.text import clean

MAX_LENGTH = 300
MAX_FILTERS = 10
Key = Literal["assignee", "tag", "channel", "stage", "status", "before", "after", "in"]
KEYS: Final[tuple[Key, ...]] = ("assignee", "tag", "channel", "stage", "status", "before", "after", "in")

_FILTER = re.compile(rf'(?<!\S)({"|".join(KEYS)}):(?:"([^"]*)"?|(\S*))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter as it was typed. An empty value is being typed still."""

    key: Key
    value: str


@dataclass(frozen=True, slots=True)
class Typed:
    """``words`` are what is left beside the filters, with single spaces."""

    words: str = ""
    filters: tuple[Filter, ...] = field(default=())

    def of(self, key: Key) -> list[str]:
        """What was typed for this key."""
        return [each.value for each in self.filters if each.key == key and each.value]


def taken_apart(line: str) -> Typed:
    """The words and the filters of a line. What only looks like a filter, an address for one, is words."""
    line = clean(line, MAX_LENGTH)
    filters: list[Filter] = []

    def note(match: re.Match[str]) -> str:
        key = next(known for known in KEYS if known == match[1].lower())
        filters.append(Filter(key, (match[2] if match[2] is not None else match[3]).strip()))
        return " "

    words = " ".join(_FILTER.sub(note, line).split())
    return Typed(words, tuple(filters[:MAX_FILTERS]))


def quoted(value: str) -> str:
    """A value as it is typed behind its key: in quotes where it has spaces."""
    value = value.replace('"', "")
    return f'"{value}"' if re.search(r"\s", value) or not value else value
