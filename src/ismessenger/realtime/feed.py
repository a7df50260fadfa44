"""Follows the streams of all workspaces that somebody on this process looks at.

One connection reads for everybody. Listeners get batches of changes in order, and are told to *refresh* whenever something may have
been missed: Redis was lost and found again, or a stream began anew.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ismessenger.kit.tasks import end
from ismessenger.realtime.publish import stream_key
from ismessenger.tenancy.doors import Change

log = structlog.get_logger()
START = "0-0"
BORN = b"born"
BLOCK_MS = 200
READ_COUNT = 200
RECONNECT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Batch:
    """What happened in a workspace since the last batch. ``seq`` is the position after it; ``refresh`` says something was missed."""

    workspace_id: int
    seq: str
    changes: Sequence[Change]
    refresh: bool = False


class Listener(Protocol):
    """Whoever wants a workspace's changes."""

    async def changed(self, batch: Batch) -> None: ...


class Feed:
    """One per web process."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._listeners: dict[int, set[Listener]] = defaultdict(set)
        self._positions: dict[int, str] = {}
        self._task: asyncio.Task[None] | None = None
        self._somebody = asyncio.Event()

    def start(self) -> None:
        """Begin to follow."""
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop following."""
        if self._task is not None:
            await end(self._task)

    async def position(self, workspace_id: int) -> str:
        """Where a workspace's stream ends now. Raises `RedisError`."""
        last = await self._redis.xrevrange(stream_key(workspace_id), count=1)
        return last[0][0].decode() if last else START

    async def since(self, workspace_id: int, after: str) -> Batch:
        """What happened after a position that a browser knows (``0``: the beginning); ``refresh`` if that cannot be told any more."""
        after = START if after == "0" else after
        try:
            entries = await self._redis.xrange(stream_key(workspace_id), min=after, count=READ_COUNT + 1)
        except RedisError:
            # Redis is away, or the position is no position at all.
            return Batch(workspace_id, await self._end(workspace_id), (), refresh=True)
        known = bool(entries) and entries[0][0].decode() == after
        fresh = entries[1:] if known else entries
        if (after != START and not known) or len(entries) > READ_COUNT:
            return Batch(workspace_id, await self._end(workspace_id), (), refresh=True)
        return _batch(workspace_id, fresh, after)

    async def _end(self, workspace_id: int) -> str:
        try:
            return await self.position(workspace_id)
        except (RedisError, OSError):
            return START

    async def join(self, workspace_id: int, listener: Listener) -> None:
        """Hand every later change to ``listener``."""
        if workspace_id not in self._positions:
            end = await self._end(workspace_id)
            # Somebody else may have joined meanwhile: what is between both positions is theirs to hear.
            self._positions.setdefault(workspace_id, end)
        self._listeners[workspace_id].add(listener)
        self._somebody.set()

    def leave(self, workspace_id: int, listener: Listener) -> None:
        """Stop handing changes over."""
        self._listeners[workspace_id].discard(listener)
        if not self._listeners[workspace_id]:
            del self._listeners[workspace_id]
            self._positions.pop(workspace_id, None)
        if not self._listeners:
            self._somebody.clear()

    async def _follow(self) -> None:
        lost = False
        while True:
            await self._somebody.wait()
            try:
                if lost:
                    await self._refresh_all()
                    lost = False
                await self._read()
            except (RedisError, OSError) as error:
                if not lost:
                    log.warning("feed.lost_redis", error=str(error))
                lost = True
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _read(self) -> None:
        streams: dict[Any, Any] = {stream_key(workspace_id): position for workspace_id, position in self._positions.items()}
        ids = {stream_key(workspace_id).encode(): workspace_id for workspace_id in self._positions}
        found = await self._redis.xread(streams, count=READ_COUNT, block=BLOCK_MS)
        for name, entries in found or []:
            workspace_id = ids[name]
            if workspace_id in self._positions:
                batch = _batch(workspace_id, entries, self._positions[workspace_id])
                self._positions[workspace_id] = batch.seq
                await self._tell(batch)

    async def _refresh_all(self) -> None:
        await self._redis.ping()
        for workspace_id in list(self._positions):
            self._positions[workspace_id] = await self.position(workspace_id)
            await self._tell(Batch(workspace_id, self._positions[workspace_id], (), refresh=True))

    async def _tell(self, batch: Batch) -> None:
        for listener in list(self._listeners.get(batch.workspace_id, ())):
            try:
                await listener.changed(batch)
            except Exception:
                # One listener's trouble must not stop the feed of all others.
                log.exception("feed.listener_failed", workspace_id=batch.workspace_id)


def _batch(workspace_id: int, entries: Sequence[tuple[bytes, dict[bytes, bytes]]], before: str) -> Batch:
    changes: list[Change] = []
    refresh = False
    for _id, fields in entries:
        if fields[b"d"] == BORN:
            # A new workspace's first change and a stream that Redis lost look the same: a refresh is right for both.
            refresh = True
        else:
            changes += orjson.loads(fields[b"d"])
    return Batch(workspace_id, entries[-1][0].decode() if entries else before, changes, refresh)
