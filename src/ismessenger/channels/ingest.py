"""Puts raw webhooks on disk before the provider gets its 200.

All requests that arrive while one INSERT runs share the next one (group commit), one per home. A request waits until its own rows are
durable; one that hangs up takes nothing of the batch along. A batch that fails is tried again row by row.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Self

import asyncpg
import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.channels.route import Target
from ismessenger.installation import Installation
from ismessenger.sdk.channel import RawRequest
from ismessenger.tenancy.doors import Tenancy

log = structlog.get_logger()
BATCH = 500
# Those who were just answered come again at once, and the next commit waits a moment for them.
GATHER_SECONDS = 0.005
FEW = 16
BELL_SECONDS = 0.01
# While so many come between two bells the workers have enough to do, and hear of the rest a little later.
MANY = 20
BUSY_BELL_SECONDS = 0.05

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


class _Line:
    """A connection to one home, kept while events keep coming: to take one of the pool costs as much as to write ten rows."""

    def __init__(self, tenancy: Tenancy, home: str) -> None:
        self.home = home
        self._tenancy = tenancy
        self._open = AsyncExitStack()
        self._driver: asyncpg.Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        await self._hang_up()

    async def insert(self, events: Sequence[RawEvent]) -> None:
        """Store them all or none. After a failure the next call begins with another connection."""
        try:
            await (self._driver or await self._connect()).execute(
                _INSERT,
                [event.workspace_id for event in events],
                [event.channel_id for event in events],
                [event.content_type for event in events],
                [event.query for event in events],
                [event.body for event in events],
                [event.received_at for event in events],
            )
        except BaseException:
            await self._hang_up()
            raise

    async def _connect(self) -> asyncpg.Connection:
        connection = await self._open.enter_async_context(self._tenancy.ingest(self.home))
        # Spoken to directly, the driver takes a fifth of the time.
        self._driver = (await connection.get_raw_connection()).driver_connection
        return self._driver

    async def _hang_up(self) -> None:
        self._driver = None
        with suppress(*_TROUBLE):  # a broken one cannot be given back
            await self._open.aclose()


class Ingest:
    """One per web process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._homes: dict[str, _Home] = defaultdict(_Home)
        self._bell: asyncio.Task[None] | None = None
        self._unheard = 0

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
        while home.waiting:  # also what came while the line was given back
            async with _Line(self._installation.tenancy, name) as line:
                while home.waiting:
                    await self._write_next(line, home)

    async def _write_next(self, line: _Line, home: _Home) -> None:
        batch = home.waiting[:BATCH]
        del home.waiting[:BATCH]
        began = monotonic()
        try:
            await _write_batch(line, batch)
        finally:
            _settle(batch, NotStored())  # whatever our own bug is, nobody waits for ever
        self._ring(len(batch))
        home.wanted = _wanted(len(batch), len(home.waiting), monotonic() - began)
        if len(home.waiting) < home.wanted:
            home.enough.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER_SECONDS):
                    await home.enough.wait()

    def _ring(self, rows: int) -> None:
        """Wake the workers soon; they need not be woken for every batch."""
        self._unheard += rows
        if self._bell is None or self._bell.done():
            self._bell = asyncio.create_task(self._ring_while_unheard())

    async def _ring_while_unheard(self) -> None:
        while self._unheard:
            rows, self._unheard = self._unheard, 0
            with suppress(RedisError, OSError):
                await self._installation.publisher.ring(["inbound"])
            await asyncio.sleep(BELL_SECONDS if rows < MANY else BUSY_BELL_SECONDS)


def _wanted(written: int, waiting: int, seconds: float) -> int:
    """How many shall share the next commit: half of all, so that the others are answered and read meanwhile; of few as many as before.

    Where a commit takes longer than all of them take to come again, all shall share it.
    """
    if seconds > GATHER_SECONDS:
        return written + waiting
    return max((written + waiting) // 2, min(written, FEW))


async def _write_batch(line: _Line, waiting: Sequence[Waiting]) -> None:
    try:
        await line.insert([event for event, _future in waiting])
    except _TROUBLE as error:
        log.warning("ingest.batch_failed", home=line.home, rows=len(waiting), error=(str(error).splitlines() or [""])[0])
        await _write_one_by_one(line, waiting)
    else:
        _settle(waiting, None)


async def _write_one_by_one(line: _Line, waiting: Sequence[Waiting]) -> None:
    for pair in waiting:
        try:
            await line.insert([pair[0]])
        except _TROUBLE as error:
            _settle([pair], error)
            if not isinstance(error, asyncpg.PostgresError) or isinstance(error, _AWAY):
                _settle(waiting, error)
                return
        else:
            _settle([pair], None)


def _settle(waiting: Sequence[Waiting], error: BaseException | None) -> None:
    for _event, future in waiting:
        if not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(NotStored(str(error)))
