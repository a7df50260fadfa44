"""How fast a channel may send: a token bucket in Redis, shared by all workers. Without Redis each process keeps its own."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ismessenger.sdk.channel import Rate
from ismessenger.tenancy.doors import workspace_key

PATIENCE_SECONDS = 0.5
AWAY_SECONDS = 1.0

# KEYS: bucket, pause. ARGV: per second, burst, wanted, spared. Returns how many may go now, -1 during a pause.
_TAKE = """
if redis.call('EXISTS', KEYS[2]) == 1 then return -1 end
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 't', 'n')
local burst = tonumber(ARGV[2])
local tokens = math.min(burst, (tonumber(kept[2]) or burst) + (now - (tonumber(kept[1]) or now)) * tonumber(ARGV[1]))
local given = math.max(0, math.min(math.floor(tokens) - tonumber(ARGV[4]), tonumber(ARGV[3])))
redis.call('HSET', KEYS[1], 't', tostring(now), 'n', tostring(tokens - given))
redis.call('EXPIRE', KEYS[1], 3600)
return given
"""


class Pace:
    """Asked before messages are claimed for sending."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE)
        self._local: dict[str, tuple[float, float]] = {}
        self._away_until = 0.0

    async def take(self, workspace_id: int, channel_id: int, rate: Rate, wanted: int, *, spare: bool = False) -> int:
        """How many of ``wanted`` messages may go out now; -1 if the provider asked for a pause. ``spare`` leaves one to the others."""
        bucket = workspace_key(workspace_id, "pace", channel_id)
        burst = max(1, rate.burst)
        spared = int(spare and burst > 1)
        if time.monotonic() < self._away_until:
            return self._take_locally(bucket, rate, wanted)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return int(await self._take(keys=[bucket, f"{bucket}/pause"], args=[rate.per_second, burst, wanted, spared]))
        except (RedisError, OSError):
            self._away_until = time.monotonic() + AWAY_SECONDS
            return self._take_locally(bucket, rate, wanted)

    async def pause(self, workspace_id: int, channel_id: int, length: timedelta) -> None:
        """Send nothing on a channel for a while: its provider asked for it."""
        name = workspace_key(workspace_id, "pace", channel_id, "pause")
        with suppress(RedisError, OSError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._redis.set(name, 1, px=max(1, int(length.total_seconds() * 1000)))

    def _take_locally(self, bucket: str, rate: Rate, wanted: int) -> int:
        now = time.monotonic()
        before, tokens = self._local.get(bucket, (now, float(max(1, rate.burst))))
        tokens = min(max(1, rate.burst), tokens + (now - before) * rate.per_second)
        given = min(int(tokens), wanted)
        self._local[bucket] = (now, tokens - given)
        return given
