"""A lane: a loop that finds work in the to-do tables and does it, woken by a bell and by a sweep every second."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.kit.metrics import LANE_TROUBLE
from ismessenger.realtime.publish import bell_key

log = structlog.get_logger()
SWEEP_SECONDS = 1
Piece = tuple[int, int]
"""A workspace's id and the id of what is to be done in it."""

Outcome = TypeVar("Outcome")
BACK_OFF_SECONDS = (0.2, 0.5, 1, 2, 5)


@dataclass
class Lane:
    """``find`` names what is to be done now; ``work`` does one of them and says how much it got done.

    Up to ``width`` pieces are worked on at once, and no piece twice at the same time in this process.
    """

    name: str
    find: Callable[[], Awaitable[Sequence[Piece]]]
    work: Callable[[Piece], Awaitable[int]]
    width: int = 4
    _busy: set[Piece] = field(default_factory=set)
    _failures: int = 0

    async def run(self, redis: Redis, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; what is under way is finished first. Trouble with a server delays and never ends the lane."""
        failures = 0
        while not stop.is_set():
            before = self._failures
            done = await self.sweep()
            failures = failures + 1 if self._failures > before else 0
            if failures:
                await wait(stop, BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS)) - 1])
            elif not done:
                await self._listen(redis, stop)

    async def sweep(self) -> int:
        """Do all that can be done now, once; returns how much that was."""
        found = await self._guarded(self.find(), ())
        queue = [piece for piece in reversed(found) if piece not in self._busy]
        done = 0

        async def worker() -> None:
            nonlocal done
            while queue:
                done += await self._do(queue.pop())

        async with asyncio.TaskGroup() as group:
            for _index in range(min(self.width, len(queue))):
                group.create_task(worker())
        return done

    async def _do(self, piece: Piece) -> int:
        self._busy.add(piece)
        try:
            return await self._guarded(self.work(piece), 0)
        finally:
            self._busy.discard(piece)

    async def _guarded(self, call: Awaitable[Outcome], otherwise: Outcome) -> Outcome:
        try:
            return await call
        except (SQLAlchemyError, RedisError, OSError, TimeoutError) as error:
            words = str(error).splitlines() or [""]
            log.warning("lane.failed", lane=self.name, error=f"{type(error).__name__}: {words[0][:200]}")
        except Exception:
            # A bug that one row brings out must not keep the others waiting; the row stays and is tried again.
            log.exception("lane.broken", lane=self.name)
        LANE_TROUBLE.labels(lane=self.name).inc()
        self._failures += 1
        return otherwise

    async def _listen(self, redis: Redis, stop: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(SWEEP_SECONDS * 2):
                await cast("Awaitable[Any]", redis.blpop([bell_key(self.name)], timeout=SWEEP_SECONDS))
        except TimeoutError:
            return  # a Redis that hangs; the time of a sweep has passed
        except (RedisError, OSError):
            await wait(stop, SWEEP_SECONDS)


async def wait(stop: asyncio.Event, seconds: float) -> None:
    """Sleep, but no longer than until ``stop`` is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
