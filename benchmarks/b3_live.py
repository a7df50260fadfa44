"""B3: from the post of a webhook to the message on an agent's WebSocket, at a hundred messages a second."""

import asyncio
import time

import asyncpg
from redis.asyncio import Redis

from benchmarks.figures import Figure, below, percentile
from benchmarks.place import Place, place, plain_url
from benchmarks.processes import free_port, load, program, wait_for_answer

PER_SECOND = 100.0
CONTACTS = 200
P50_MS, P99_MS = 50.0, 250.0


async def run(*, quick: bool) -> list[Figure]:
    """One web process, one worker, one agent."""
    seconds = 5.0 if quick else 20.0
    port = free_port()
    async with place() as here:
        (line,) = await here.lines(1, "messenger")
        cookies = await here.agents(line.workspace_id, 1)
        path = f"/hooks/messenger/{line.route}"
        environment = here.environment(port)
        with (
            program("ismessenger.cli", "web", environment=environment),
            program("ismessenger.cli", "worker", environment=environment),
            load() as second,
        ):
            wait_for_answer(f"http://127.0.0.1:{port}/healthz")
            second.order("listen", port=port, cookies=cookies)
            second.order("stream", port=port, path=path, per_second=20.0, seconds=3.0, first=0, contacts=CONTACTS)
            ours = second.order("stream", port=port, path=path, per_second=PER_SECOND, seconds=seconds, first=1000, contacts=CONTACTS)
        alone = await _alone(here, seconds)
    assert ours["arrived"] == 1.0, f"only {ours['arrived']:.1%} of the messages arrived in time"
    what = "ms from webhook to agent's socket at 100 a second"
    return [
        below("B3", f"{what}, p50", ours["p50"], P50_MS, unit="ms", reference=percentile(alone, 0.5)),
        below("B3", f"{what}, p99", ours["p99"], P99_MS, unit="ms", reference=percentile(alone, 0.99)),
    ]


async def _alone(here: Place, seconds: float) -> list[float]:
    """One commit and one publish to one subscriber, at the same pace: milliseconds each."""
    assert here.settings.database_url is not None
    assert here.settings.redis_url is not None
    database = await asyncpg.connect(plain_url(here.settings.database_url.get_secret_value()))
    redis = Redis.from_url(here.settings.redis_url.get_secret_value())
    pubsub = redis.pubsub()
    await pubsub.subscribe("bench")
    await pubsub.get_message(timeout=5)
    await database.execute("CREATE TABLE store.bench (words text)")
    late = []
    began = time.perf_counter()
    for step in range(int(PER_SECOND * seconds)):
        await asyncio.sleep(max(0.0, began + step / PER_SECOND - time.perf_counter()))
        at = time.perf_counter()
        await database.execute("INSERT INTO store.bench VALUES ('Do you still have the blue hydrangeas?')")
        await redis.publish("bench", "there")
        while await pubsub.get_message(ignore_subscribe_messages=True, timeout=5) is None:
            pass
        late.append((time.perf_counter() - at) * 1000)
    await pubsub.aclose()  # type: ignore[no-untyped-call]
    await redis.aclose()
    await database.close()
    return late
