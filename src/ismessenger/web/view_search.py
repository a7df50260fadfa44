"""What the templates of the search take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ismessenger.search.mark import Stretch

Section = Literal["people", "messages", "comments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonHit:
    """A person who was found. ``beside`` is a number, an address or nothing."""

    contact_id: int
    name: Sequence[Stretch]
    plain_name: str
    beside: Sequence[Stretch]
    status: str
    blocked: bool
    at: datetime | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenHit:
    """A message or a comment that was found. ``author`` is empty for the contact's own words."""

    dom_id: str
    contact_id: int
    name: str
    author: str
    incoming: bool
    words: Sequence[Stretch]
    at: datetime
    channel_kind: str
    channel_name: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A page of one kind of hits. ``older_url`` leads to the next, which may be empty, ``frame`` is where it comes."""

    name: Section
    people: Sequence[PersonHit] = ()
    written: Sequence[WrittenHit] = ()
    older_url: str = ""
    frame: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is in this page."""
        return not (self.people or self.written)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchView:
    """What a search found. ``problems`` are sentences about filters."""

    line: str
    sections: Sequence[SectionView]
    problems: Sequence[str] = ()

    @property
    def found(self) -> bool:
        """Whether there is anything, or may be further back."""
        return any(not section.empty or section.older_url for section in self.sections)
