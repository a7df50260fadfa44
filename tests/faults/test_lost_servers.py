"""PostgreSQL and Redis go away under the processes, and come back."""

import asyncio
import os
import signal
from collections import Counter

import pytest
from redis.exceptions import RedisError

from ismessenger.realtime.feed import Batch, Feed
from ismessenger.realtime.publish import stream_key
from ismessenger.tenancy.migrate import migrate
from tests.faults.line import Line
from tests.faults.plant import Plant, Process, until

pytestmark = pytest.mark.slow

IDS = [f"m{number}" for number in range(250)]


async def running(plant: Plant) -> Process:
    worker = plant.worker()
    await plant.working(worker)
    return worker


@pytest.mark.parametrize("shutdown", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "immediate"])
async def test_a_restart_of_postgresql_loses_and_doubles_nothing(plant: Plant, line: Line, shutdown: signal.Signals) -> None:
    worker = await running(plant)
    await line.people(8)
    line.server.late(0.3)
    flow = asyncio.create_task(line.send_in(IDS))
    await line.answer_all("to")
    await line.server.received(1)
    await plant.stop_postgres(shutdown)
    plant.postgres.start()
    answers = await flow
    assert answers[200] == len(IDS)
    assert set(answers) <= {200, 503}
    await plant.settled()
    assert await line.received() == Counter(IDS)
    assert set(line.taken().values()) == {1}
    assert {outcome[1:] for outcome in await line.outcomes()} == {("sent", False)}
    assert worker.running()


async def test_without_postgresql_providers_and_scripts_are_told_to_come_again(plant: Plant, line: Line) -> None:
    await running(plant)
    await plant.stop_postgres()
    try:
        known = await line.post({"type": "message"}, contact="x")
        unknown = await plant.http.post("/hooks/telegram/nowhere", json={})
        api = await plant.http.get("/v2/contact/id:1", headers={"Authorization": "Bearer ism_x"})
    finally:
        plant.postgres.start()
    for answer in (unknown, api):
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) >= 1
    assert known.status_code in {400, 503}
    await line.send_in(["after"])
    await plant.settled()
    assert await line.received() == Counter(["after"])


async def test_a_flushed_redis_loses_and_doubles_nothing(plant: Plant, line: Line) -> None:
    await running(plant)
    await line.people(8)
    flow = asyncio.create_task(line.send_in(IDS))
    replies = asyncio.create_task(line.answer_all("to"))
    while not flow.done():
        await plant.installation.redis.flushall()
        await asyncio.sleep(0.05)
    assert set(await flow) == {200}
    await replies
    await plant.settled()
    assert await line.received() == Counter(IDS)
    assert set(line.taken().values()) == {1}
    assert {outcome[1:] for outcome in await line.outcomes()} == {("sent", False)}


async def test_a_restart_of_redis_loses_and_doubles_nothing_and_everybody_goes_on(plant: Plant, line: Line) -> None:
    worker = await running(plant)
    await line.people(8)
    flow = asyncio.create_task(line.send_in(IDS))
    replies = asyncio.create_task(line.answer_all("to"))
    await until(lambda: bool(line.server.requests))
    await plant.kill_redis()
    plant.redis.start()
    assert set(await flow) == {200}
    await replies
    await plant.settled()
    assert await line.received() == Counter(IDS)
    assert set(line.taken().values()) == {1}
    assert {outcome[1:] for outcome in await line.outcomes()} == {("sent", False)}
    assert worker.running(), worker.said()[-3000:]


async def test_the_schedule_survives_a_restart_of_redis(plant: Plant) -> None:
    worker = await running(plant)
    await until(lambda: polls(plant))
    await plant.kill_redis()
    await until(lambda: "schedule.lost_redis" in worker.said() or not worker.running())
    plant.redis.start()
    await until(lambda: polls(plant))
    assert worker.running(), worker.said()[-3000:]


async def polls(plant: Plant) -> bool:
    """Whether arq asked this Redis for jobs."""
    try:
        return "cmdstat_zrangebyscore" in await plant.installation.redis.info("commandstats")
    except (RedisError, OSError):
        return False


async def test_a_worker_may_start_before_redis(plant: Plant, line: Line) -> None:
    await plant.kill_redis()
    worker = await running(plant)
    await line.send_in(["m1"])
    await plant.settled()
    plant.redis.start()
    await until(lambda: polls(plant))
    assert worker.running()
    assert await line.received() == Counter(["m1"])


async def test_a_frozen_redis_holds_no_webhook_and_no_reply_back(plant: Plant, line: Line) -> None:
    await running(plant)
    await line.people(3)
    os.kill(plant.redis.pid, signal.SIGSTOP)
    try:
        assert set(await line.send_in(IDS[:40])) == {200}
        await line.answer_all("to")
        await plant.settled()
    finally:
        os.kill(plant.redis.pid, signal.SIGCONT)
    assert await line.received() == Counter(IDS[:40])
    assert set(line.taken().values()) == {1}


async def test_what_was_changed_while_redis_was_frozen_for_a_moment_is_shown_without_the_worker(plant: Plant, line: Line) -> None:
    workspace_id = line.world.workspace_id

    async def change(contact_id: int) -> None:
        async with plant.installation.tenancy.workspace(workspace_id) as db:
            db.announce("contact", contact_id)

    async def published() -> bool:
        told = b"".join(fields[b"d"] for _id, fields in await plant.installation.redis.xrange(stream_key(workspace_id)))
        return b'"contact_id":1' in told and b'"contact_id":2' in told

    os.kill(plant.redis.pid, signal.SIGSTOP)
    try:
        for contact_id in (1, 2):  # one finds out, the next does not even try
            await change(contact_id)
    finally:
        os.kill(plant.redis.pid, signal.SIGCONT)
    await until(published)


class Screen:
    """What a browser is told."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []

    async def changed(self, batch: Batch) -> None:
        self.batches.append(batch)


async def test_a_screen_that_missed_something_while_redis_was_away_is_told_to_refresh(plant: Plant, line: Line) -> None:
    await running(plant)
    feed, screen = Feed(plant.installation.redis), Screen()
    feed.start()
    try:
        await feed.join(line.world.workspace_id, screen)
        await line.send_in(["m1"])
        await until(lambda: any(batch.changes for batch in screen.batches))
        seen = screen.batches[-1].seq
        await plant.kill_redis()
        plant.redis.start()
        await line.send_in(["m2"])
        await until(lambda: any(batch.refresh for batch in screen.batches))
        late = await feed.since(line.world.workspace_id, seen)
        assert late.refresh
    finally:
        await feed.close()


async def test_migrating_again_disturbs_nobody(plant: Plant, line: Line) -> None:
    worker = await running(plant)
    await line.send_in(["before"])
    await plant.settled()
    flow = asyncio.create_task(line.send_in(IDS))
    replies = asyncio.create_task(line.answer_all("to"))
    pages: Counter[int] = Counter()
    while not flow.done():
        await migrate({"default": plant.postgres.url})
        pages[(await plant.http.get("/v2/contact/id:1", headers={"Authorization": "Bearer ism_unknown"})).status_code] += 1
    assert set(await flow) == {200}
    assert set(pages) == {401}
    await replies
    await plant.settled()
    assert await line.received() == Counter(["before", *IDS])
    assert {outcome[1:] for outcome in await line.outcomes()} == {("sent", False)}
    assert "lane.failed" not in worker.said()
    assert "lane.broken" not in worker.said()
