"""Puts raw webhooks on disk before the provider gets its 200.

All requests that arrive while one INSERT runs share the next one (group commit), one per home. A request waits until its own rows are
durable; one that hangs up takes nothing of the batch along. A batch that fails is tried again row by row.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.channels.route import Target
from ismessenger.installation import Installation
from ismessenger.sdk.channel import RawRequest

log = structlog.get_logger()
BATCH = 500
# Those who were just answered come again at once: the next commit waits a moment until as many have come as shared the last one.
GATHER_SECONDS = 0.005
BELL_SECONDS = 0.01

_INSERT = (
    "INSERT INTO inbound_event (workspace_id, channel_id, headers, query, body, received_at, state, attempt)"
    " SELECT w, c, jsonb_build_object('content-type', t), q, b, r, 'pending', 0"
    " FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::timestamptz[]) AS u(w, c, t, q, b, r)"
)
_TROUBLE = (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
# The server is away or overwhelmed: whatever comes next would fail alike.
_AWAY = (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError, asyncpg.InsufficientResourcesError)


class NotStored(Exception):
    """The event could not be put on disk now; the provider should come again."""


@dataclass(frozen=True, slots=True)
class RawEvent:
    """One row to store."""

    workspace_id: int
    channel_id: int
    content_type: str
    query: str
    body: bytes
    received_at: datetime


Waiting = tuple[RawEvent, "asyncio.Future[None]"]


def raw_event(target: Target, request: RawRequest, body: bytes | None = None) -> RawEvent:
    """What to store of a request; ``body`` replaces the request's where a shared body was split."""
    content_type = request.headers.get("content-type", "").replace("\x00", "")[:200]
    whole = request.body if body is None else body
    return RawEvent(target.workspace_id, target.channel_id, content_type, request.query.replace("\x00", ""), whole, request.received_at)


@dataclass(slots=True)
class _Home:
    """What waits to be written into one home. ``enough`` is set when ``wanted`` wait."""

    waiting: list[Waiting] = field(default_factory=list)
    wanted: int = 1
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    writer: asyncio.Task[None] | None = None


class Ingest:
    """One per web process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._homes: dict[str, _Home] = defaultdict(_Home)
        self._bell: asyncio.Task[None] | None = None
        self._unheard = False

    async def add(self, events: Sequence[tuple[str, RawEvent]]) -> None:
        """Return once every (home, event) is committed. Raises `NotStored` if one is not; the others stay."""
        futures = [self._enqueue(home, event) for home, event in events]
        failed = False
        for future in futures:
            # Cancelling the caller cancels its own futures only: the rows are in the batch already.
            try:
                await future
            except NotStored:
                failed = True
        if failed:
            raise NotStored

    def _enqueue(self, name: str, event: RawEvent) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        home = self._homes[name]
        home.waiting.append((event, future))
        if len(home.waiting) >= home.wanted:
            home.enough.set()
        if home.writer is None or home.writer.done():
            home.writer = asyncio.create_task(self._write(name, home))
        return future

    async def _write(self, name: str, home: _Home) -> None:
        while batch := home.waiting[:BATCH]:
            del home.waiting[:BATCH]
            try:
                await self._write_batch(name, batch)
            finally:
                _settle(batch, NotStored())  # whatever our own bug is, nobody waits for ever
            self._ring()
            home.wanted = len(batch)
            if len(home.waiting) < home.wanted:
                home.enough.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(GATHER_SECONDS):
                        await home.enough.wait()

    async def _write_batch(self, home: str, waiting: Sequence[Waiting]) -> None:
        try:
            await self._insert(home, [event for event, _future in waiting])
        except _TROUBLE as error:
            log.warning("ingest.batch_failed", home=home, rows=len(waiting), error=(str(error).splitlines() or [""])[0])
            await self._write_one_by_one(home, waiting)
        else:
            _settle(waiting, None)

    async def _write_one_by_one(self, home: str, waiting: Sequence[Waiting]) -> None:
        for pair in waiting:
            try:
                await self._insert(home, [pair[0]])
            except _TROUBLE as error:
                _settle([pair], error)
                if not isinstance(error, asyncpg.PostgresError) or isinstance(error, _AWAY):
                    _settle(waiting, error)
                    return
            else:
                _settle([pair], None)

    async def _insert(self, home: str, events: Sequence[RawEvent]) -> None:
        async with self._installation.tenancy.ingest(home) as connection:
            # Spoken to directly, the driver takes a fifth of the time.
            driver: asyncpg.Connection = (await connection.get_raw_connection()).driver_connection
            await driver.execute(
                _INSERT,
                [event.workspace_id for event in events],
                [event.channel_id for event in events],
                [event.content_type for event in events],
                [event.query for event in events],
                [event.body for event in events],
                [event.received_at for event in events],
            )

    def _ring(self) -> None:
        """Wake the workers soon; they need not be woken for every batch."""
        self._unheard = True
        if self._bell is None or self._bell.done():
            self._bell = asyncio.create_task(self._ring_while_unheard())

    async def _ring_while_unheard(self) -> None:
        while self._unheard:
            self._unheard = False
            with suppress(RedisError, OSError):
                await self._installation.publisher.ring(["inbound"])
            await asyncio.sleep(BELL_SECONDS)


def _settle(waiting: Sequence[Waiting], error: BaseException | None) -> None:
    for _event, future in waiting:
        if not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(NotStored(str(error)))
