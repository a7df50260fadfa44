"""Where somebody is in the inbox: which list, what of it, in which order, as the address says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from urllib.parse import urlencode

from ismessenger.conversations.inboxes import Inbox, inbox_named
from ismessenger.conversations.listing import Narrowing, Sort, Status

_STATUSES: Final = {"closed", "snoozed", "all"}
_SORTS: Final = {"oldest", "longest"}


@dataclass(frozen=True, slots=True)
class Place:
    """A list of the inbox. What is usual, open conversations and the newest first, does not stand in its address."""

    inbox: str = "all"
    status: Status = "open"
    unreplied: bool = False
    sort: Sort = "newest"

    @property
    def kind(self) -> str:
        """What kind of inbox it is."""
        return self.inbox.partition("-")[0]

    @property
    def narrowing(self) -> Narrowing:
        """The same for the query."""
        return Narrowing(self.status, self.unreplied, self.sort)

    @property
    def query(self) -> str:
        """The part of its address behind the question mark, with the mark; empty for the usual."""
        said = {
            "status": "" if self.status == _usual(self.inbox) else self.status,
            "unreplied": "1" if self.unreplied else "",
            "sort": "" if self.sort == "newest" else self.sort,
        }
        query = urlencode({name: value for name, value in said.items() if value})
        return f"?{query}" if query else ""

    def url(self, **changes: Any) -> str:
        """The address of the list, or of one that differs in this: ``url(status="closed")``."""
        place = _sound(replace(self, **changes))
        return ("/inbox" if place.inbox == "all" else f"/inbox/{place.inbox}") + place.query

    def page_url(self, cursor: str) -> str:
        """The address of its page behind a cursor."""
        return f"/inbox/{self.inbox}{self.query}{'&' if self.query else '?'}{urlencode({'before': cursor})}"

    def thread_url(self, contact_id: int) -> str:
        """The address of a contact's thread beside this list."""
        return f"/inbox/{self.inbox}/contacts/{contact_id}{self.query}"


def place_at(inbox: Inbox, said: Mapping[str, str]) -> Place:
    """A list by the query of its address; what means nothing there means the usual."""
    status, sort = said.get("status", ""), said.get("sort", "")
    place = Place(
        inbox.name,
        cast("Status", status) if status in _STATUSES else "open",
        said.get("unreplied") == "1",
        cast("Sort", sort) if sort in _SORTS else "newest",
    )
    return _sound(place)


def inbox_of(place: Place) -> Inbox:
    """The inbox that it shows."""
    return inbox_named(place.inbox)


def _usual(inbox: str) -> Status:
    """Whoever is blocked is not told apart by open and closed."""
    return "all" if inbox == "blocked" else "open"


def _sound(place: Place) -> Place:
    """What goes together: how long something has been open orders only what is open."""
    if place.inbox == "blocked":
        place = replace(place, status="all", unreplied=False)
    if place.sort == "longest" and place.status not in {"open", "snoozed"}:
        return replace(place, sort="newest")
    return place
