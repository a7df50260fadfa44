"""How often something may be done: a bucket of tokens in Redis, shared by all processes."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from ismessenger.kit.metrics import REDIS_TROUBLE
from ismessenger.web.errors import TooMany

log = structlog.get_logger(__name__)

PATIENCE_SECONDS: Final = 0.25
PAUSE_SECONDS: Final = 1.0
LOCAL_BUCKETS: Final = 10_000
BELIEVED_SECONDS: Final = 0.1
"""So long at most a bucket that was empty is known to be empty still: whoever asks a thousand times a second asks Redis ten times."""

# The server's clock counts, so that processes whose clocks differ agree. Returns the wait in milliseconds, 0 if taken, and what is left.
_TAKE: Final = """
local per_second, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(bucket[1]) or burst) + math.max(0, now - (tonumber(bucket[2]) or now)) * per_second / 1000)
local wait = 0
if tokens >= cost then tokens = tokens - cost else wait = math.ceil((cost - tokens) * 1000 / per_second) end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst * 1000 / per_second) + 1000)
return {wait, math.floor(tokens)}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """``burst`` at once, then ``per_second``."""

    per_second: float
    burst: int


SIGN_IN: Final = Limit(per_second=1 / 12, burst=10)
CODES: Final = Limit(per_second=1 / 60, burst=5)
LETTERS: Final = Limit(per_second=1 / 600, burst=5)
NEW_WORKSPACES: Final = Limit(per_second=1 / 60, burst=20)
FILES_TO_IMPORT: Final = Limit(per_second=1 / 60, burst=20)
SUBSCRIPTIONS: Final = Limit(per_second=1 / 10, burst=30)
API: Final = Limit(per_second=5, burst=5)
HOOK_CALLS: Final = Limit(per_second=50, burst=100)
OUTSIDE_TESTS: Final = Limit(per_second=1, burst=20)
WIDGET: Final = Limit(per_second=2, burst=20)


class RateLimiter:
    """Counts in Redis; while Redis is away each process counts for itself, so that nothing stops and nothing is unlimited."""

    def __init__(self, redis: Redis | None, *, prefix: str = "ratelimit:") -> None:
        self._redis = redis
        self._take = redis.register_script(_TAKE) if redis is not None else None
        self._prefix = prefix
        self._local: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._empty: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._away_until = 0.0

    async def wait(self, key: str, limit: Limit, cost: int = 1) -> float:
        """Take ``cost`` tokens of the bucket ``key`` and return 0, or take none and return the seconds until there are enough."""
        return (await self.take(key, limit, cost))[0]

    async def take(self, key: str, limit: Limit, cost: int = 1) -> tuple[float, int]:
        """The same, and how many tokens are left."""
        if self._take is None or monotonic() < self._away_until:
            return self._take_locally(key, limit, cost)
        if (believed := self._believed(key)) > 0:
            return believed, 0
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                wait, left = await self._take(keys=[self._prefix + key], args=[limit.per_second, limit.burst, cost])
        except (RedisError, OSError, TimeoutError) as error:
            if monotonic() >= self._away_until:
                log.warning("rate limits are counted per process", reason=str(error) or type(error).__name__)
            REDIS_TROUBLE.labels("ratelimit").inc()
            self._away_until = monotonic() + PAUSE_SECONDS
            return self._take_locally(key, limit, cost)
        if wait and cost == 1:
            self._believe(key, int(wait) / 1000)
        return int(wait) / 1000, int(left)

    def _believe(self, key: str, seconds: float) -> None:
        """Before these are over there is not one token in the bucket."""
        full_at = monotonic() + seconds
        self._empty[key] = (min(full_at, monotonic() + BELIEVED_SECONDS), full_at)
        self._empty.move_to_end(key)
        if len(self._empty) > LOCAL_BUCKETS:
            self._empty.popitem(last=False)

    def _believed(self, key: str) -> float:
        """The seconds until a bucket that was empty a moment ago has a token, 0 if nothing is known."""
        until, full_at = self._empty.get(key, (0.0, 0.0))
        return full_at - monotonic() if monotonic() < until else 0.0

    async def require(self, key: str, limit: Limit, cost: int = 1, words: str | None = None) -> None:
        """The same, but raise `TooMany` if there are not enough."""
        if (seconds := await self.wait(key, limit, cost)) > 0:
            raise TooMany(words, retry_after=seconds)

    def _take_locally(self, key: str, limit: Limit, cost: int) -> tuple[float, int]:
        now = monotonic()
        tokens, at = self._local.pop(key, (float(limit.burst), now))
        tokens = min(limit.burst, tokens + (now - at) * limit.per_second)
        enough = tokens >= cost
        left = tokens - cost if enough else tokens
        self._local[key] = (left, now)
        if len(self._local) > LOCAL_BUCKETS:
            self._local.popitem(last=False)
        return (0.0 if enough else (cost - tokens) / limit.per_second), int(left)
