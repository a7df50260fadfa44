"""Tells the screens and the workers what a commit changed.

Changes of one workspace go into one Redis Stream, whose ids are the sequence that browsers resume from. The outbox row written in
the same transaction repairs what a crash or a Redis outage swallows: the sweep of the worker publishes it again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from time import monotonic

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.tenancy.doors import Change, Tenancy, WriteSession, workspace_key

log = structlog.get_logger()

STREAM_LENGTH = 5000
BELL_LENGTH = 64
TIDY_SECONDS = 0.5
PATIENCE_SECONDS = 0.5
PAUSE_SECONDS = 1.0

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


class Publisher:
    """Publishes after commits and tidies the outbox behind itself."""

    def __init__(self, redis: Redis, tenancy: Tenancy) -> None:
        self._redis = redis
        self._tenancy = tenancy
        self._xadd = redis.register_script(_XADD)
        self._published: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._tidying: asyncio.Task[None] | None = None
        self._away_until = 0.0

    async def committing(self, db: WriteSession) -> None:
        """Write the changes into the outbox, in the transaction that made them."""
        statement = text(
            "INSERT INTO outbox (kind, payload, due_at) VALUES ('publish', CAST(:payload AS jsonb), now() + interval '3 s') RETURNING id"
        )
        payload = orjson.dumps({"changes": db.changes}).decode()
        db.info["publish_row"] = (await db.execute(statement, {"payload": payload})).scalar_one()

    async def committed(self, db: WriteSession, home: str) -> None:
        """Publish and ring. Redis being away delays both: the sweep comes by every second. Nobody waits long for one that hangs."""
        if monotonic() < self._away_until:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._publish(db, home)
                await self.ring(db.bells)
        except (RedisError, OSError):
            self._away_until = monotonic() + PAUSE_SECONDS

    async def _publish(self, db: WriteSession, home: str) -> None:
        if db.changes:
            await self.send(db.workspace_id, db.changes)
            self._published[home].append((db.workspace_id, db.info["publish_row"]))
            self._tidy_soon()

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
        if self._tidying is not None:
            self._tidying.cancel()
        await self._tidy()
