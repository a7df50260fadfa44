"""What adapters read in stored webhooks, and never an exception of theirs."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Protocol

import orjson
import structlog
from pydantic import BaseModel

from ismessenger.kit.text import clean
from ismessenger.messages.receive import MAX_ID
from ismessenger.sdk.channel import BodyInvalid, Channel, Ignored, InboundEvent, RawRequest, Unreadable

log = structlog.get_logger()
MAX_NOTE = 1000
# After so many the others of this process get a turn: above all the answers of the database.
AT_ONCE = 10


class Stored(Protocol):
    """A row of the table. ``headers`` is JSON."""

    id: int
    headers: str
    query: str
    body: bytes
    received_at: datetime
    attempt: int


@dataclass(slots=True)
class Parsed:
    """One stored webhook and what its adapter read in it."""

    id: int
    attempt: int
    events: list[InboundEvent] = field(default_factory=list)
    state: str = "done"
    note: str | None = None

    def fail(self, reason: str) -> None:
        """It goes into the channel's log."""
        self.state, self.note = "failed", clean(reason)[:MAX_NOTE]


@dataclass(frozen=True, slots=True)
class Reader:
    """An adapter with the configuration of one channel."""

    adapter: Channel
    config: BaseModel

    def parse(self, row: Stored) -> Parsed:
        """Everything in one webhook."""
        parsed = Parsed(row.id, row.attempt)
        request = RawRequest("POST", _headers(row.headers), row.query, row.body, row.received_at)
        try:
            events = self.adapter.parse(request, self.config)
        except BodyInvalid as error:
            parsed.fail(str(error))
            return parsed
        except Exception as error:
            log.exception("inbound.adapter_failed", kind=self.adapter.kind, inbound_event_id=row.id)
            parsed.fail(f"The {self.adapter.name} adapter could not read this: {type(error).__name__}")
            return parsed
        _sort(parsed, events)
        return parsed

    async def parse_ahead(self, rows: Iterable[Stored], parsed: dict[int, Parsed]) -> None:
        """Parse into ``parsed`` while others wait for the database."""
        for number, row in enumerate(rows):
            if row.id not in parsed:
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)
                parsed[row.id] = self.parse(row)


def _sort(parsed: Parsed, events: Iterable[InboundEvent]) -> None:
    notes = []
    for event in events:
        if isinstance(event, Ignored | Unreadable):
            notes.append(event.reason)
            parsed.state = "failed" if isinstance(event, Unreadable) else parsed.state
        else:
            parsed.events.append(_bounded(event))
    if notes:
        parsed.note = clean("; ".join(notes))[:MAX_NOTE] or None


def _bounded(event: InboundEvent) -> InboundEvent:
    for name in ("identifier", "external_id"):
        value = getattr(event, name, None)
        if value is not None and (len(value) > MAX_ID or clean(value) != value):
            object.__setattr__(event, name, clean(value)[:MAX_ID])
    return event


@lru_cache(maxsize=1000)
def _headers(stored: str) -> Mapping[str, str]:
    """Most webhooks of a provider have the same few."""
    headers: dict[str, str] = orjson.loads(stored)
    return headers
