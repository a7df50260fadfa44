"""Processes that die at the worst moment."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import text

from ismessenger.messages.reply import send_again
from tests.faults.accounts import Page
from tests.faults.line import ACCEPTED, Line, phone
from tests.faults.plant import Plant, owner_of, until, waits_for_a_lock

pytestmark = pytest.mark.slow

EVENTS = 400
LEASE_S = 1.0


@pytest.mark.behaviour(101)
async def test_a_worker_killed_in_the_middle_of_a_batch_loses_and_doubles_nothing(plant: Plant, line: Line) -> None:
    first = plant.worker()
    await line.send_in(["known"])
    await plant.settled()
    ids = [f"m{number}" for number in range(EVENTS)]
    async with owner_of(plant) as owner:
        # The batch inserts its messages before it counts them in the conversation, whose row we hold meanwhile.
        await owner.execute(text("SELECT FROM store.conversation WHERE workspace_id = :id FOR UPDATE"), {"id": line.world.workspace_id})
        assert set(await line.send_in(ids)) == {200}
        await until(lambda: waits_for_a_lock(plant))
        first.kill()
    assert set(await line.received()) == {"known"}
    plant.worker()
    await plant.settled()
    assert await line.received() == Counter(["known", *ids])
    counted = await plant.rows(line.world, "SELECT sum(incoming_count) FROM conversation")
    assert counted == [(EVENTS + 1,)]


@pytest.mark.behaviour(102)
async def test_a_worker_killed_while_sending_sends_nothing_twice_and_says_what_is_in_doubt(plant: Plant, line: Line) -> None:
    await line.people(12)
    line.server.hang(taken=True)
    first = plant.worker(deliver_LEASE=LEASE_S)
    doubtful, *_ = await line.answer_all("to")
    await line.server.received(12)
    first.kill()
    line.server.recover()
    plant.worker()
    await plant.settled()
    assert set(line.taken().values()) == {1}
    assert {outcome[1:] for outcome in await line.outcomes()} == {("sending", True)}
    await line.answer_all("again to")
    await plant.settled()
    assert [outcome[1:] for outcome in await line.outcomes()][12:] == [("sent", False)] * 12
    assert set(line.taken().values()) == {1}
    async with plant.installation.tenancy.workspace(line.world.workspace_id) as db:
        await send_again(db, doubtful)
    await plant.settled()
    assert sorted(line.taken().values()) == [1] * 23 + [2]


async def test_an_echo_settles_what_a_killed_worker_left_in_doubt(plant: Plant, page: Page) -> None:
    await page.post(page.body(page.wrote("mid.1", "Hello")))
    first = plant.worker(deliver_LEASE=LEASE_S)
    await plant.settled()
    before = len(plant.graph.sent)
    plant.graph.hang(taken=True, path="/messages")
    await page.answer("Good morning")
    await until(lambda: len(plant.graph.sent) > before)
    first.kill()
    plant.graph.recover()
    await plant.graph.settled()
    plant.worker()
    await plant.settled()
    outcome = await page.rows("SELECT status, unconfirmed_at, external_id IS NOT NULL FROM message WHERE traffic = 'outgoing'")
    assert outcome == [("delivered", None, True)]
    assert len(plant.graph.sent) == before + 1


async def test_a_worker_that_is_told_to_stop_finishes_what_it_sends(plant: Plant, line: Line) -> None:
    await line.people(1)
    line.server.late(0.7)
    worker = plant.worker()
    await line.answer_all("to")
    await line.server.received(1)
    assert await asyncio.to_thread(worker.end) == 0, worker.said()
    assert [outcome[1:] for outcome in await line.outcomes()] == [("sent", False)]


async def test_a_web_process_killed_with_requests_open_keeps_every_message_that_it_confirmed(plant: Plant, line: Line) -> None:
    web = await plant.serve()
    confirmed: set[str] = set()
    unanswered: set[str] = set()

    async def provider(part: int) -> None:
        for number in range(200):
            id_ = f"m{part}-{number}"
            status = await line.try_post(id_, phone(part))
            (confirmed if status == ACCEPTED else unanswered).add(id_)
            if status == 0:
                return

    async with asyncio.TaskGroup() as group:
        providers = [group.create_task(provider(part)) for part in range(24)]
        await until(lambda: len(confirmed) >= 150)
        web.kill()
    assert all(task.done() for task in providers)
    assert unanswered
    await plant.serve()
    plant.worker()
    await plant.settled()
    received = await line.received()
    assert set(received.values()) == {1}
    assert confirmed <= set(received) <= confirmed | unanswered
    assert set(await line.send_in(sorted(unanswered))) == {200}
    await plant.settled()
    assert await line.received() == Counter(confirmed | unanswered)


async def test_two_workers_make_one_contact_of_webhooks_that_come_at_the_same_instant(plant: Plant, line: Line) -> None:
    workers = [plant.worker(), plant.worker()]
    for worker in workers:
        await plant.working(worker)
    ids = [f"m{number}" for number in range(60)]
    assert set(await line.send_in(ids, people=1)) == {200}
    await plant.settled()
    assert await line.received() == Counter(ids)
    assert await plant.rows(line.world, "SELECT (SELECT count(*) FROM contact), (SELECT count(*) FROM conversation)") == [(1, 1)]
    assert await plant.rows(line.world, "SELECT incoming_count FROM conversation") == [(60,)]


async def test_two_workers_send_every_reply_once_and_in_order(plant: Plant, line: Line) -> None:
    await line.people(6)
    for _ in range(2):
        plant.worker()
    contacts = [id_ for (id_,) in await plant.rows(line.world, "SELECT id FROM contact ORDER BY id")]
    for number in range(8):
        for contact_id in contacts:
            await line.answer(contact_id, f"{contact_id}/{number}")
    await plant.settled()
    assert {outcome[1:] for outcome in await line.outcomes()} == {("sent", False)}
    assert set(line.taken().values()) == {1}
    arrived = [request.json()["message"]["text"] for request in line.server.requests]
    for contact_id in contacts:
        assert [words for words in arrived if words.startswith(f"{contact_id}/")] == [f"{contact_id}/{number}" for number in range(8)]
