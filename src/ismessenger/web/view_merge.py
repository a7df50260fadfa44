"""What the templates of addresses, duplicates and merging take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ismessenger.web.view_contact import TagView


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressView:
    """How one channel knows a contact, since when. ``reachable`` is false after the person blocked us or left."""

    id: int
    kind: str
    channel_name: str
    identifier: str
    since: datetime
    last_message_at: datetime | None = None
    last_incoming_at: datetime | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A contact in short, to tell it from another one."""

    id: int
    name: str
    since: datetime
    phone: str = ""
    email: str = ""
    picture_url: str = ""
    blocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionView:
    """Another contact that may be the same person, and by what."""

    person: PersonView
    same: Sequence[Literal["phone", "email"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """Two contacts that may be one."""

    first: PersonView
    second: PersonView
    same: Sequence[Literal["phone", "email"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """One of two contacts that are to be merged, with what comes along anyhow. ``channels`` are pairs of kind and name."""

    person: PersonView
    messages: int
    conversations: int
    is_open: bool
    channels: Sequence[tuple[str, str]]
    tags: Sequence[TagView]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceView:
    """A line of the comparison. ``chosen`` is the id of the contact whose value stays; only where ``offered`` somebody may choose."""

    key: str
    name: str
    first: str
    second: str
    chosen: int
    offered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeView:
    """The page on which two contacts become one. ``result`` pairs names and values of what comes out."""

    first: SideView
    second: SideView
    primary_id: int
    choices: Sequence[ChoiceView]
    name: str
    result: Sequence[tuple[str, str]]
    tags: Sequence[TagView]
    blocked: bool
    closes: bool

    @property
    def primary(self) -> SideView:
        """The one that stays."""
        return self.first if self.first.person.id == self.primary_id else self.second

    @property
    def secondary(self) -> SideView:
        """The one that goes."""
        return self.second if self.first.person.id == self.primary_id else self.first
