import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic

import pytest
from redis.asyncio import Redis

from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.kit.ids import new_token
from ismessenger.web import ratelimit
from ismessenger.web.errors import TooMany
from ismessenger.web.ratelimit import LOCAL_BUCKETS, Limit, RateLimiter

SLOW = Limit(per_second=0.01, burst=3)


@pytest.fixture
async def redis(redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Redis]:
    """A Redis that is there, however late a busy machine lets it answer."""
    monkeypatch.setattr(ratelimit, "PATIENCE_SECONDS", 60.0)
    async with Redis.from_url(redis_server.url) as redis:
        yield redis


@pytest.fixture
def key() -> str:
    return new_token(9)


async def test_a_burst_is_taken_and_then_the_wait_is_told(redis: Redis, key: str) -> None:
    limiter = RateLimiter(redis)
    assert [await limiter.wait(key, SLOW) for _ in range(3)] == [0, 0, 0]
    assert 90 < await limiter.wait(key, SLOW) <= 100
    assert await limiter.wait(key + "other", SLOW) == 0


async def test_tokens_come_back_with_time(redis: Redis, key: str) -> None:
    limiter, limit = RateLimiter(redis), Limit(per_second=20, burst=1)
    began = monotonic()
    assert await limiter.wait(key, limit) == 0
    while (seconds := await limiter.wait(key, limit)) > 0:  # noqa: ASYNC110 - the condition is Redis's clock
        await asyncio.sleep(seconds)
    assert monotonic() - began > 0.03


async def test_being_refused_costs_nothing(redis: Redis, key: str) -> None:
    limiter = RateLimiter(redis)
    await limiter.wait(key, SLOW, cost=3)
    waits = [await limiter.wait(key, SLOW) for _ in range(20)]
    assert waits == sorted(waits, reverse=True)


async def test_an_empty_bucket_is_known_to_be_empty_for_a_moment_without_asking(
    redis: Redis, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratelimit, "BELIEVED_SECONDS", 60)
    limiter = RateLimiter(redis)
    assert [await limiter.wait(key, SLOW) > 0 for _ in range(4)] == [False, False, False, True]
    await redis.delete(f"ratelimit:{key}")
    assert 90 < await limiter.wait(key, SLOW) <= 100
    assert await RateLimiter(redis).wait(key, SLOW) == 0
    monkeypatch.setattr(ratelimit, "BELIEVED_SECONDS", 0)
    again = RateLimiter(redis)
    assert await again.wait(key, SLOW, cost=3) > 0
    assert await again.wait(key, SLOW) == 0


async def test_all_processes_share_one_bucket(redis: Redis, key: str) -> None:
    limiters = [RateLimiter(redis) for _ in range(4)]
    waits = await asyncio.gather(*(limiter.wait(key, SLOW) for limiter in limiters for _ in range(10)))
    assert sum(wait == 0 for wait in waits) == SLOW.burst


async def test_a_bucket_is_forgotten_once_it_is_full_again(redis: Redis, key: str) -> None:
    await RateLimiter(redis).wait(key, Limit(per_second=10, burst=5))
    assert 0 < await redis.pttl(f"ratelimit:{key}") <= 1500


async def test_too_many_is_refused_with_the_time_to_come_back(redis: Redis, key: str) -> None:
    limiter = RateLimiter(redis)
    for _ in range(3):
        await limiter.require(key, SLOW)
    with pytest.raises(TooMany, match="Slow down") as refusal:
        await limiter.require(key, SLOW, words="Slow down.")
    assert refusal.value.headers is not None
    assert 90 <= int(refusal.value.headers["Retry-After"]) <= 100


async def test_without_redis_each_process_counts_for_itself(key: str) -> None:
    limiter = RateLimiter(None)
    assert [await limiter.wait(key, SLOW) for _ in range(3)] == [0, 0, 0]
    assert 90 < await limiter.wait(key, SLOW) <= 100


async def test_limits_hold_while_redis_is_away(tmp_path: Path, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratelimit, "PATIENCE_SECONDS", 60.0)  # one that is gone refuses at once
    server = EmbeddedRedis(tmp_path)
    server.start()
    address = server.url
    async with Redis.from_url(address) as redis:
        limiter = RateLimiter(redis)
        assert await limiter.wait(key, SLOW) == 0
        server.stop()
        waits = [await limiter.wait(key, SLOW) for _ in range(50)]
        assert sum(wait == 0 for wait in waits) == SLOW.burst


async def test_a_redis_that_hangs_is_waited_for_once(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(writer)
        while await reader.read(1000):
            pass
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with server, Redis(port=server.sockets[0].getsockname()[1]) as redis:
        monkeypatch.setattr(ratelimit, "PAUSE_SECONDS", 3600.0)
        limiter = RateLimiter(redis)
        assert [await limiter.wait(key, SLOW) for _ in range(3)] == [0, 0, 0]
        assert await limiter.wait(key, SLOW) > 0
        assert len(asked) <= 1


async def test_many_keys_do_not_fill_the_memory() -> None:
    limiter = RateLimiter(None)
    for number in range(LOCAL_BUCKETS + 500):
        await limiter.wait(str(number), SLOW)
    assert len(limiter._local) == LOCAL_BUCKETS
