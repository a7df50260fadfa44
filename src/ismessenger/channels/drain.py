"""Turns the stored webhooks of one channel into contacts and messages, batch by batch, in the order of arrival."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ismessenger.channels.config import open_config
from ismessenger.channels.parse import Parsed, Reader
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import SealBroken
from ismessenger.kit.metrics import INBOUND
from ismessenger.messages.errors import ComeAgain
from ismessenger.messages.receive import receive
from ismessenger.sdk.channel import InboundEvent, SupportsProfile
from ismessenger.tenancy.doors import WriteSession

log = structlog.get_logger()
BATCH = 500
# So many batches of one channel before others have their turn.
TURNS = 4
AGAIN_AFTER = timedelta(seconds=2)
# Data exceptions, violated constraints, values over the server's limits. Source: PostgreSQL, "Error Codes".
ABOUT_DATA = ("22", "23", "54")
TAKEN_MEANWHILE = "23505"
MOST_TRIES = 100

_LOCK = text(
    "SELECT kind, route, config, secrets,"
    " pg_try_advisory_xact_lock(hashtextextended('inbound/' || workspace_id || '/' || id, 0)) AS locked FROM channel WHERE id = :id"
)
_CLAIM = text(
    "SELECT id, CAST(headers AS text) AS headers, query, CASE WHEN id = ANY(CAST(:parsed AS bigint[])) THEN '' ELSE body END AS body,"
    " received_at, attempt FROM inbound_event WHERE channel_id = :channel_id AND state = 'pending'"
    " AND (due_at IS NULL OR due_at <= :now) ORDER BY id LIMIT :limit"
)
_CLOSE = text(
    "UPDATE inbound_event SET state = n.state, note = n.note FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]),"
    " CAST(:notes AS text[])) AS n(id, state, note) WHERE inbound_event.id = n.id"
)
_DEFER = text("UPDATE inbound_event SET due_at = :due, attempt = attempt + 1 WHERE id = ANY(:ids)")


ReceiveBatch = Callable[[WriteSession, int, Sequence[Parsed], bool], Awaitable[set[int]]]
"""Imports a batch; returns the webhooks that must wait. The last argument says whether the channel looks profiles up."""


async def drain_channel(installation: Installation, workspace_id: int, channel_id: int) -> int:
    """Handle a few batches, each in its own transaction; returns how many webhooks that settled.

    0 if there is none or another worker is at it.
    """
    ahead: dict[int, Parsed] = {}
    total = 0
    for turn in range(TURNS):
        settled = await _drain_batch(installation, workspace_id, channel_id, ahead, last=turn == TURNS - 1)
        total += settled
        if settled < BATCH:
            break
    return total


class _NotAtOnce(Exception):
    """Something in the batch was refused: all of it was rolled back and is to be taken webhook by webhook."""


async def _drain_batch(installation: Installation, workspace_id: int, channel_id: int, ahead: dict[int, Parsed], *, last: bool) -> int:
    """Handle one batch. While the database works at it, the next one is parsed into ``ahead``, unless this is the ``last``."""
    try:
        return await _try_batch(installation, workspace_id, channel_id, ahead, last=last, receive_batch=_receive_at_once)
    except _NotAtOnce:
        return await _try_batch(installation, workspace_id, channel_id, ahead, last=last, receive_batch=_receive_each)


async def _try_batch(
    installation: Installation, workspace_id: int, channel_id: int, ahead: dict[int, Parsed], *, last: bool, receive_batch: ReceiveBatch
) -> int:
    async with installation.tenancy.workspace(workspace_id) as db:
        channel = (await db.execute(_LOCK, {"id": channel_id})).one_or_none()
        if channel is None or not channel.locked:
            return 0
        values = {"channel_id": channel_id, "now": now(), "parsed": list(ahead), "limit": BATCH if last else 2 * BATCH}
        rows = (await db.execute(_CLAIM, values)).all()
        if not rows:
            return 0
        adapter = installation.plugins.channels.get(channel.kind)
        if adapter is None:
            await _defer(db, [row.id for row in rows], timedelta(minutes=1))
            return 0
        try:
            config = open_config(installation.vault, adapter.Config, channel.route, channel.config, channel.secrets)
        except SealBroken:
            # Its key may come back: `ismessenger doctor` names the channel. Meanwhile others must not wait for it.
            log.error("channel.sealed", workspace_id=workspace_id, channel_id=channel_id)  # noqa: TRY400 - there is nothing to trace
            await _defer(db, [row.id for row in rows], timedelta(minutes=1))
            return 0
        reader = Reader(adapter, config)
        batch = [ahead.pop(row.id) if row.id in ahead else reader.parse(row) for row in rows[:BATCH]]
        parsing = asyncio.create_task(reader.parse_ahead(rows[BATCH:], ahead))
        try:
            deferred = await receive_batch(db, channel_id, batch, isinstance(adapter, SupportsProfile))
            await _close(db, [parsed for parsed in batch if parsed.id not in deferred])
        finally:
            await parsing
    settled = [parsed for parsed in batch if parsed.id not in deferred]
    for parsed in settled:
        INBOUND.labels(kind=channel.kind, outcome=parsed.state).inc()
    return len(settled)


async def _receive_at_once(db: WriteSession, channel_id: int, batch: Sequence[Parsed], looks_up_profiles: bool) -> set[int]:  # noqa: FBT001
    """Import a whole batch without savepoints. Raises `_NotAtOnce`, and what is no fault of the events."""
    events = [event for parsed in batch for event in parsed.events]
    try:
        await receive(db, channel_id, events, looks_up_profiles=looks_up_profiles)
    except ComeAgain as error:
        raise _NotAtOnce from error
    except Exception as error:
        _fault_of_events(error)
        raise _NotAtOnce from error
    return set()


async def _receive_each(db: WriteSession, channel_id: int, batch: Sequence[Parsed], looks_up_profiles: bool) -> set[int]:  # noqa: FBT001
    """Import webhook by webhook. Returns those that must wait."""
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
