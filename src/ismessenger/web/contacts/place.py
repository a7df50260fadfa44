"""Where somebody is in the contacts table: segment, filter, words, order and page, as the address says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

import orjson

from ismessenger.accounts.model import Member
from ismessenger.conditions.tree import EVERYBODY, ConditionInvalid, Group, parse_text
from ismessenger.contacts.search import MAX_WORDS
from ismessenger.contacts.segments import condition_of, prebuilt, segment_named
from ismessenger.contacts.select import Selection
from ismessenger.conversations.custom import condition_of as condition_of_inbox
from ismessenger.conversations.custom import custom_inbox
from ismessenger.kit.text import clean
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.errors import Unprocessable

PATH = "/contacts"
NEWEST = "-created"
MAX_DIGITS = 18
INBOX = "inbox-"


@dataclass(frozen=True, slots=True)
class Place:
    """``segment`` is the id of one, the slug of a prebuilt one, ``inbox-7`` for a custom inbox, or empty.

    ``filter`` is what the address says, beside the segment's own.
    ``condition`` is what counts. ``sort`` is a column's key, with a minus before it for the falling order.
    """

    segment: str = ""
    name: str = ""
    words: str = ""
    sort: str = NEWEST
    after: str = ""
    before: str = ""
    filter: Group | None = None
    own: Group = EVERYBODY

    @property
    def condition(self) -> Group:
        """Whom the table shows."""
        return self.own if self.filter is None else self.filter

    @property
    def changed(self) -> bool:
        """Whether the filter is another than the segment's."""
        return self.condition != self.own

    @property
    def saved(self) -> bool:
        """Whether it is a segment that can be changed."""
        return self.segment.isdigit()

    @property
    def narrowed(self) -> bool:
        """Whether it may show less than everybody."""
        return bool(self.words or self.condition.items)

    @property
    def query(self) -> str:
        """The address's part behind the question mark, without a page."""
        said = {"segment": self.segment, "q": self.words, "sort": "" if self.sort == NEWEST else self.sort}
        if self.changed:
            said["filter"] = orjson.dumps(self.condition.as_json()).decode()
        return urlencode({name: value for name, value in said.items() if value})

    def url(self, **more: str | int) -> str:
        """The address of its first page; ``more`` are further parts, such as ``after`` with a cursor."""
        parts = [part for part in (self.query, urlencode(more)) if part]
        return f"{PATH}?{'&'.join(parts)}" if parts else PATH

    def sorted_by(self, key: str) -> "Place":
        """The same in the order of a column; again by the same column turns it round."""
        return replace(self, sort=f"-{key}" if self.sort == key else key)

    def selection(self, timezone: str) -> Selection:
        """All contacts that it shows."""
        return Selection(condition=self.condition, words=self.words, timezone=timezone)


async def place_of(db: ReadSession, member: Member, said: Mapping[str, str]) -> Place:
    """What an address says. Raises `NotThere` for a segment or an inbox that is gone, `Unprocessable` for a filter that is none."""
    segment, name, own = said.get("segment", ""), "", EVERYBODY
    if segment_id := row_id(segment):
        row = await segment_named(db, segment_id)
        name, own = row.name, condition_of(row)
    elif inbox_id := row_id(segment.removeprefix(INBOX)) if segment.startswith(INBOX) else None:
        inbox = await custom_inbox(db, member, inbox_id)
        name, own = inbox.name, condition_of_inbox(inbox)
    elif segment:
        own = prebuilt(segment).condition
    return Place(
        segment=segment,
        name=name,
        words=clean(said.get("q", ""), MAX_WORDS).strip(),
        sort=clean(said.get("sort", ""), 64) or NEWEST,
        after=said.get("after", ""),
        before=said.get("before", ""),
        filter=_filter(said["filter"]) if said.get("filter") else None,
        own=own,
    )


async def place_in(db: ReadSession, member: Member, query: str) -> Place:
    """The same out of the query that a form carries along."""
    return await place_of(db, member, dict(parse_qsl(query)))


def row_id(said: str) -> int | None:
    """The number of a row that an address names; ``None`` for anything else."""
    fits = said.isascii() and said.isdigit() and len(said) <= MAX_DIGITS
    return int(said) if fits else None


def _filter(text: str) -> Group:
    try:
        return parse_text(text)
    except ConditionInvalid as error:
        raise Unprocessable(str(error)) from error
