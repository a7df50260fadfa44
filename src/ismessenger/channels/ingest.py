"""Puts raw webhooks on disk before the provider gets its 200.

All requests that arrive while one INSERT runs share the next one (group commit), one per home. A request waits until its own rows are
durable; one that hangs up takes nothing of the batch along. A batch that fails is tried again row by row.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from ismessenger.channels.route import Target
from ismessenger.installation import Installation
from ismessenger.sdk.channel import RawRequest

log = structlog.get_logger()
BATCH = 500

_INSERT = text(
    "INSERT INTO inbound_event (workspace_id, channel_id, headers, query, body, received_at, state, attempt)"
    " SELECT w, c, jsonb_build_object('content-type', t), q, b, r, 'pending', 0 FROM unnest(CAST(:workspaces AS bigint[]),"
    " CAST(:channels AS bigint[]), CAST(:types AS text[]), CAST(:queries AS text[]), CAST(:bodies AS bytea[]),"
    " CAST(:received AS timestamptz[])) AS u(w, c, t, q, b, r)"
)


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


def raw_event(target: Target, request: RawRequest, body: bytes | None = None) -> RawEvent:
    """What to store of a request; ``body`` replaces the request's where a shared body was split."""
    content_type = request.headers.get("content-type", "").replace("\x00", "")[:200]
    whole = request.body if body is None else body
    return RawEvent(target.workspace_id, target.channel_id, content_type, request.query.replace("\x00", ""), whole, request.received_at)


class Ingest:
    """One per web process."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._waiting: dict[str, list[tuple[RawEvent, asyncio.Future[None]]]] = defaultdict(list)
        self._writers: dict[str, asyncio.Task[None]] = {}

    async def add(self, events: Sequence[tuple[str, RawEvent]]) -> None:
        """Return once every (home, event) is committed. Raises `NotStored` if one is not; the others stay."""
        loop = asyncio.get_running_loop()
        futures = []
        for home, event in events:
            future: asyncio.Future[None] = loop.create_future()
            self._waiting[home].append((event, future))
            futures.append(future)
            if home not in self._writers or self._writers[home].done():
                self._writers[home] = asyncio.create_task(self._write(home))
        outcomes = await asyncio.gather(*futures, return_exceptions=True)
        if any(isinstance(outcome, BaseException) for outcome in outcomes):
            raise NotStored

    async def _write(self, home: str) -> None:
        while waiting := self._waiting[home][:BATCH]:
            del self._waiting[home][:BATCH]
            try:
                await self._insert(home, [event for event, _future in waiting])
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("ingest.batch_failed", home=home, rows=len(waiting), error=str(error).splitlines()[0])
                await self._write_one_by_one(home, waiting)
            else:
                _settle(waiting, None)
            with suppress(RedisError, OSError):
                await self._installation.publisher.ring(["inbound"])

    async def _write_one_by_one(self, home: str, waiting: list[tuple[RawEvent, asyncio.Future[None]]]) -> None:
        for pair in waiting:
            try:
                await self._insert(home, [pair[0]])
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                _settle([pair], error)
                if not isinstance(error, DBAPIError) or error.connection_invalidated:
                    _settle(waiting, error)
                    return
            else:
                _settle([pair], None)

    async def _insert(self, home: str, events: Sequence[RawEvent]) -> None:
        async with self._installation.tenancy.ingest(home) as connection:
            await connection.execute(
                _INSERT,
                {
                    "workspaces": [event.workspace_id for event in events],
                    "channels": [event.channel_id for event in events],
                    "types": [event.content_type for event in events],
                    "queries": [event.query for event in events],
                    "bodies": [event.body for event in events],
                    "received": [event.received_at for event in events],
                },
            )


def _settle(waiting: Sequence[tuple[RawEvent, "asyncio.Future[None]"]], error: BaseException | None) -> None:
    for _event, future in waiting:
        if not future.done():
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(NotStored(str(error)))
