"""The reference of B3: one commit in PostgreSQL, then a publish in Redis, and nothing else."""

import asyncio
import time
from typing import Any

import asyncpg
from redis.asyncio import Redis

from benchmarks.watch import at_rate

CHANNEL = "doorbell"


async def commit_and_publish(url: str, redis_url: str, rate: float, seconds: float) -> dict[str, Any]:
    """At a steady rate; returns the milliseconds from when each was due to when the subscriber heard it."""
    redis = Redis.from_url(redis_url)
    pool = await asyncpg.create_pool(url, min_size=8, max_size=8)
    subscriber = redis.pubsub()
    await subscriber.subscribe(CHANNEL)
    await pool.execute("CREATE TABLE IF NOT EXISTS store.doorbell (number bigint, body text)")
    heard_at: dict[int, float] = {}

    async def listen() -> None:
        async for message in subscriber.listen():
            if message["type"] == "message":
                heard_at[int(message["data"])] = time.perf_counter()

    async def ring(number: int) -> None:
        await pool.execute("INSERT INTO store.doorbell VALUES ($1, $2)", number, "x" * 300)
        await redis.publish(CHANNEL, number)

    listening = asyncio.create_task(listen())
    due_at = await at_rate(ring, rate, seconds)
    while due_at.keys() - heard_at.keys():
        await asyncio.sleep(0.01)
    listening.cancel()
    await subscriber.aclose()
    await redis.aclose()
    await pool.close()
    return {"milliseconds": [(heard_at[number] - due) * 1000 for number, due in due_at.items()]}
