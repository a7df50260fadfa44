"""Turns the stored webhooks of one channel into contacts and messages, batch by batch, in the order of arrival."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ismessenger.channels.config import open_config
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.metrics import INBOUND
from ismessenger.kit.text import clean
from ismessenger.messages.errors import ComeAgain
from ismessenger.messages.receive import MAX_ID, receive
from ismessenger.sdk.channel import (
    BodyInvalid,
    Channel,
    Ignored,
    InboundEvent,
    RawRequest,
    SupportsProfile,
    Unreadable,
)
from ismessenger.tenancy.doors import WriteSession

log = structlog.get_logger()
BATCH = 500
MAX_NOTE = 1000
AGAIN_AFTER = timedelta(seconds=2)
# Data exceptions, violated constraints, values over the server's limits. Source: PostgreSQL, "Error Codes".
ABOUT_DATA = ("22", "23", "54")
TAKEN_MEANWHILE = "23505"
MOST_TRIES = 100

_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('inbound/' || :workspace_id || '/' || :channel_id, 0))")
_CHANNEL = text("SELECT kind, route, config, secrets FROM channel WHERE id = :id")
_CLAIM = text(
    "SELECT id, headers, query, body, received_at, attempt FROM inbound_event WHERE channel_id = :channel_id AND state = 'pending'"
    " AND (due_at IS NULL OR due_at <= :now) ORDER BY id LIMIT :limit"
)
_CLOSE = text(
    "UPDATE inbound_event SET state = n.state, note = n.note FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]),"
    " CAST(:notes AS text[])) AS n(id, state, note) WHERE inbound_event.id = n.id"
)
_DEFER = text("UPDATE inbound_event SET due_at = :due, attempt = attempt + 1 WHERE id = ANY(:ids)")


@dataclass(slots=True)
class Parsed:
    """One stored webhook and what its adapter read in it."""

    id: int
    attempt: int
    events: list[InboundEvent] = field(default_factory=list)
    state: str = "done"
    note: str | None = None

    def fail(self, reason: str) -> None:
        self.state, self.note = "failed", clean(reason)[:MAX_NOTE]


async def drain_channel(installation: Installation, workspace_id: int, channel_id: int) -> int:
    """Handle one batch; returns how many webhooks it settled. 0 if there is none or another worker is at it."""
    async with installation.tenancy.workspace(workspace_id) as db:
        locked = await db.execute(_LOCK, {"workspace_id": str(workspace_id), "channel_id": str(channel_id)})
        if not locked.scalar_one():
            return 0
        rows = (await db.execute(_CLAIM, {"channel_id": channel_id, "now": now(), "limit": BATCH})).all()
        if not rows:
            return 0
        channel = (await db.execute(_CHANNEL, {"id": channel_id})).one()
        adapter = installation.plugins.channels.get(channel.kind)
        if adapter is None:
            await _defer(db, [row.id for row in rows], timedelta(minutes=1))
            return 0
        config = open_config(installation.vault, adapter.Config, channel.route, channel.config, channel.secrets)
        batch = [_parse(adapter, config, row.id, row.headers, row.query, row.body, row.received_at, row.attempt) for row in rows]
        deferred = await _receive(db, channel_id, batch, looks_up_profiles=isinstance(adapter, SupportsProfile))
        await _close(db, [parsed for parsed in batch if parsed.id not in deferred])
    settled = [parsed for parsed in batch if parsed.id not in deferred]
    for parsed in settled:
        INBOUND.labels(kind=channel.kind, outcome=parsed.state).inc()
    return len(settled)


def _parse(
    adapter: Channel,
    config: BaseModel,
    id_: int,
    headers: Mapping[str, str],
    query: str,
    body: bytes,
    received_at: datetime,
    attempt: int,
) -> Parsed:
    parsed = Parsed(id_, attempt)
    try:
        events = adapter.parse(RawRequest("POST", headers, query, body, received_at), config)
    except BodyInvalid as error:
        parsed.fail(str(error))
        return parsed
    except Exception as error:
        log.exception("inbound.adapter_failed", kind=adapter.kind, inbound_event_id=id_)
        parsed.fail(f"The {adapter.name} adapter could not read this: {type(error).__name__}")
        return parsed
    notes = [event.reason for event in events if isinstance(event, Ignored | Unreadable)]
    parsed.events = [_bounded(event) for event in events if not isinstance(event, Ignored | Unreadable)]
    parsed.note = clean("; ".join(notes))[:MAX_NOTE] or None
    if any(isinstance(event, Unreadable) for event in events):
        parsed.state = "failed"
    return parsed


def _bounded(event: InboundEvent) -> InboundEvent:
    for name in ("identifier", "external_id"):
        value = getattr(event, name, None)
        if value is not None and (len(value) > MAX_ID or clean(value) != value):
            object.__setattr__(event, name, clean(value)[:MAX_ID])
    return event


async def _receive(db: WriteSession, channel_id: int, batch: Sequence[Parsed], *, looks_up_profiles: bool) -> set[int]:
    """Import a batch in one go; if anything in it is refused, webhook by webhook. Returns those that must wait."""
    events = [event for parsed in batch for event in parsed.events]
    try:
        if await _refusal(db, channel_id, events, looks_up_profiles=looks_up_profiles) is None:
            return set()
    except ComeAgain:
        pass
    return await _receive_each(db, channel_id, batch, looks_up_profiles=looks_up_profiles)


async def _receive_each(db: WriteSession, channel_id: int, batch: Sequence[Parsed], *, looks_up_profiles: bool) -> set[int]:
    waiting: set[int] = set()
    for parsed in batch:
        try:
            if await _refusal(db, channel_id, parsed.events, looks_up_profiles=looks_up_profiles) is not None:
                await _receive_items(db, channel_id, parsed, looks_up_profiles=looks_up_profiles)
        except ComeAgain:
            if parsed.attempt < MOST_TRIES:
                waiting.add(parsed.id)
            else:
                parsed.fail(f"Something else stood in the way of this each of {MOST_TRIES} times.")
    if waiting:
        await _defer(db, sorted(waiting), AGAIN_AFTER)
    return waiting


async def _receive_items(db: WriteSession, channel_id: int, parsed: Parsed, *, looks_up_profiles: bool) -> None:
    """Import one by one what a webhook brought, so that what is refused costs none of its neighbours."""
    for event in parsed.events:
        if (reason := await _refusal(db, channel_id, [event], looks_up_profiles=looks_up_profiles)) is not None:
            log.warning("inbound.refused", inbound_event_id=parsed.id, reason=reason)
            parsed.fail(reason)


async def _refusal(db: WriteSession, channel_id: int, events: Sequence[InboundEvent], *, looks_up_profiles: bool) -> str | None:
    """Import all of these or none; returns why they cannot be imported. Raises `ComeAgain`, and what is no fault of theirs."""
    before = len(db.changes)
    try:
        async with db.begin_nested():
            await receive(db, channel_id, events, looks_up_profiles=looks_up_profiles)
    except Exception as error:  # noqa: BLE001 - whatever our own bug with one of them is, the channel must not stand still
        del db.changes[before:]
        return _fault_of_events(error)
    return None


def _fault_of_events(error: Exception) -> str:
    """What is wrong with the events, in words. Raises `ComeAgain`, and the error itself where it is no fault of theirs."""
    code = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    match error:
        case DBAPIError() if code == TAKEN_MEANWHILE:
            raise ComeAgain from error
        # The driver itself refuses, without a code, what does not fit its column.
        case DBAPIError() if code[:2] in ABOUT_DATA if code else not error.connection_invalidated:
            return f"The database refused this: {str(error.orig).splitlines()[0]}"
        case ComeAgain() | SQLAlchemyError() | OSError():
            raise error
    return f"This could not be imported: {type(error).__name__}: {error}"


async def _defer(db: WriteSession, ids: Sequence[int], after: timedelta) -> None:
    await db.execute(_DEFER, {"ids": list(ids), "due": now() + after})


async def _close(db: WriteSession, batch: Sequence[Parsed]) -> None:
    values = {
        "ids": [parsed.id for parsed in batch],
        "states": [parsed.state for parsed in batch],
        "notes": [parsed.note for parsed in batch],
    }
    await db.execute(_CLOSE, values)
