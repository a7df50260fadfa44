"""Tells the screens and the workers what a commit changed.

Changes of one workspace go into one Redis Stream, whose ids are the sequence that browsers resume from. The outbox row written in
the same transaction repairs what a crash or a Redis outage swallows: the sweep of the worker publishes it again. After a moment of trouble
whoever could not publish does so itself.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.kit.tasks import end
from ismessenger.tenancy.doors import Change, Tenancy, WriteSession, workspace_key

log = structlog.get_logger()

STREAM_LENGTH = 5000
BELL_LENGTH = 64
TIDY_SECONDS = 0.5
PATIENCE_SECONDS = 0.5
PAUSE_SECONDS = 1.0
KEPT = 1000
"""So many publications that did not get through are tried again from memory; the outbox has them all."""

# A stream that Redis lost begins with a mark, so that a browser which resumes from before sees that it missed something.
_XADD = """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('XADD', KEYS[1], '*', 'd', 'born') end
return redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'd', ARGV[1])
"""


def stream_key(workspace_id: int) -> str:
    """The name of a workspace's stream."""
    return workspace_key(workspace_id, "changes")


def bell_key(lane: str) -> str:
    """The name of the list on which a lane's workers wait."""
    return f"bell/{lane}"


@dataclass(frozen=True, slots=True)
class _Made:
    """Changes that are committed, and their row in the outbox."""

    home: str
    workspace_id: int
    row_id: int
    changes: list[Change]


class Publisher:
    """Publishes after commits and tidies the outbox behind itself."""

    def __init__(self, redis: Redis, tenancy: Tenancy) -> None:
        self._redis = redis
        self._tenancy = tenancy
        self._xadd = redis.register_script(_XADD)
        self._published: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._tidying: asyncio.Task[None] | None = None
        self._away_until = 0.0
        self._kept: list[_Made] = []
        self._trying_again: asyncio.Task[None] | None = None

    async def committing(self, db: WriteSession) -> None:
        """Write the changes into the outbox, in the transaction that made them."""
        statement = text(
            "INSERT INTO outbox (kind, payload, due_at) VALUES ('publish', CAST(:payload AS jsonb), now() + interval '3 s')"
            " RETURNING id, current_setting('app.heard', true) = 'on' AS heard"
        )
        payload = orjson.dumps({"changes": db.changes}).decode()
        row = (await db.execute(statement, {"payload": payload})).one()
        db.info["publish_row"] = row.id
        if row.heard:
            # An event of this transaction is a signal to workflows (see the trigger on `event`).
            db.ring("automation")

    async def committed(self, db: WriteSession, home: str) -> None:
        """Publish and ring. Redis being away delays both: the sweep comes by every second. Nobody waits long for one that hangs."""
        made = [_Made(home, db.workspace_id, db.info["publish_row"], db.changes)] if db.changes else []
        if monotonic() < self._away_until:
            self._keep(made)
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._publish(made)
                await self.ring(db.bells)
        except (RedisError, OSError):
            self._away_until = monotonic() + PAUSE_SECONDS
            self._keep(made)

    async def _publish(self, made: Iterable["_Made"]) -> None:
        for each in made:
            await self.send(each.workspace_id, each.changes)
            self._published[each.home].append((each.workspace_id, each.row_id))
            self._tidy_soon()

    def _keep(self, made: Sequence["_Made"]) -> None:
        if len(self._kept) + len(made) > KEPT:
            return
        self._kept += made
        if self._kept and (self._trying_again is None or self._trying_again.done()):
            self._trying_again = asyncio.create_task(self._try_again())

    async def _try_again(self) -> None:
        """After a moment of trouble nobody's page waits for the sweep; after a longer one the sweep does the rest."""
        while self._kept:
            await asyncio.sleep(PAUSE_SECONDS)
            kept, self._kept = self._kept, []
            with suppress(RedisError, OSError):
                for made in kept:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await self._publish([made])

    async def send(self, workspace_id: int, changes: list[Change]) -> None:
        """Append changes to a workspace's stream. Raises `RedisError`."""
        await self._xadd(keys=[stream_key(workspace_id)], args=[orjson.dumps(changes), STREAM_LENGTH])

    async def ring(self, lanes: Iterable[str]) -> None:
        """Wake one waiting worker per lane. Raises `RedisError`."""
        for lane in lanes:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.lpush(bell_key(lane), 1)
                pipe.ltrim(bell_key(lane), 0, BELL_LENGTH)
                await pipe.execute()

    def _tidy_soon(self) -> None:
        if self._tidying is None or self._tidying.done():
            self._tidying = asyncio.create_task(self._tidy_after_a_while())

    async def _tidy_after_a_while(self) -> None:
        await asyncio.sleep(TIDY_SECONDS)
        await self._tidy()

    async def _tidy(self) -> None:
        published, self._published = self._published, defaultdict(list)
        statement = text(
            "DELETE FROM outbox USING unnest(CAST(:workspaces AS bigint[]), CAST(:ids AS bigint[])) AS done(workspace_id, id)"
            " WHERE outbox.workspace_id = done.workspace_id AND outbox.id = done.id"
        )
        for home, rows in published.items():
            workspaces, ids = zip(*rows, strict=True)
            try:
                async with self._tenancy.system(home) as connection:
                    await connection.execute(statement, {"workspaces": list(workspaces), "ids": list(ids)})
            except (SQLAlchemyError, OSError) as error:
                log.warning("outbox.not_tidied", home=home, rows=len(rows), error=str(error).splitlines()[0])

    async def close(self) -> None:
        """Tidy what is left."""
        await end(*(task for task in (self._tidying, self._trying_again) if task is not None))
        await self._tidy()
