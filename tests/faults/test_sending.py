"""Providers that fail, hang, answer late or no longer know us."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from ismessenger.messages import deliver, fetch, pace
from tests.conftest import make_world
from tests.faults.accounts import TOKEN, Bot, Page
from tests.faults.line import Line, message, open_line
from tests.faults.plant import Plant, until
from tests.standins.custom_channel import CustomChannelServer
from tests.standins.server import Answer, Recorded, StandIn

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lanes")]

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 64
OUTGOING = "SELECT status, status_reason FROM message WHERE traffic = 'outgoing' ORDER BY id"


class MediaHost(StandIn):
    """Serves one picture at every path."""

    async def respond(self, request: Recorded) -> Answer:
        return Answer(PNG, headers={"Content-Type": "image/png"})


@pytest.fixture
async def host() -> AsyncIterator[MediaHost]:
    async with MediaHost() as server:
        yield server


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are asked for again at once."""
    monkeypatch.setattr(fetch, "BACK_OFF", (timedelta(seconds=0.05),) * 3)


def picture(url: str) -> dict[str, object]:
    return {**message("m1"), "message": {"type": "attachment", "attachment": {"type": "image", "url": url}}}


@pytest.mark.usefixtures("hasty")
async def test_a_message_is_there_while_the_media_host_answers_503_and_its_file_follows(plant: Plant, line: Line, host: MediaHost) -> None:
    host.fail(503, count=2)
    await line.post(picture(f"{host.url}/cat.png"), contact="+4930901820")
    await until(lambda: arrived(line))
    await until(lambda: in_state(line, "stored"))
    assert await plant.rows(line.world, "SELECT mime, size, reason, attempt FROM attachment") == [("image/png", len(PNG), None, 3)]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(("status", "attempts"), [(503, 4), (404, 1)])
async def test_a_file_that_never_comes_shows_why(plant: Plant, line: Line, host: MediaHost, status: int, attempts: int) -> None:
    host.fail(status)
    await line.post(picture(f"{host.url}/cat.png"), contact="+4930901820")
    await until(lambda: in_state(line, "failed"))
    assert await line.received()
    assert await plant.rows(line.world, "SELECT reason FROM attachment") == [(f"The server answered {status}.",)]
    assert len(host.requests) == attempts


async def arrived(line: Line) -> bool:
    return bool(await line.received())


async def in_state(line: Line, state: str) -> bool:
    return await line.plant.rows(line.world, "SELECT state FROM attachment") == [(state,)]


async def test_an_expired_token_stops_sending_only_and_the_channel_mends_itself(plant: Plant, page: Page) -> None:
    await page.post(page.body(page.wrote("mid.1", "Hello")))
    await plant.settled()
    plant.graph.pages[page.page_id].token = "another"
    await page.answer("Are you there?")
    await plant.settled()
    ((status, reason),) = await page.rows(OUTGOING)
    assert status == "failed"
    assert "access token" in str(reason)
    ((state, why),) = await page.rows("SELECT status, status_reason FROM channel")
    assert (state, why) == ("broken", reason)
    assert (await page.post(page.body(page.wrote("mid.2", "Anybody?")))).status_code == 200
    await plant.settled()
    assert await page.rows("SELECT words FROM message WHERE traffic = 'incoming' ORDER BY id") == [("Hello",), ("Anybody?",)]
    plant.graph.pages[page.page_id].token = TOKEN
    await page.answer("Here I am")
    await plant.settled()
    assert (await page.rows(OUTGOING))[1][0] in {"sent", "delivered"}
    assert await page.rows("SELECT status, status_reason FROM channel") == [("connected", None)]


async def test_a_revoked_bot_token_does_the_same(plant: Plant, bot: Bot) -> None:
    await bot.post(bot.update(1, "Hello"))
    await plant.settled()
    plant.telegram.token = "revoked"
    try:
        await bot.answer("Are you there?")
        await plant.settled()
        await bot.post(bot.update(2, "Anybody?"))
        await plant.settled()
    finally:
        plant.telegram.token = None
    ((status, reason),) = await bot.rows(OUTGOING)
    assert (status, await bot.rows("SELECT status, status_reason FROM channel")) == ("failed", [("broken", reason)])
    assert await bot.rows("SELECT count(*) FROM message WHERE traffic = 'incoming'") == [(2,)]
    await bot.answer("Here I am")
    await plant.settled()
    assert await bot.rows("SELECT status FROM channel") == [("connected",)]


async def test_an_echo_that_comes_before_the_answer_is_the_same_message(plant: Plant, page: Page) -> None:
    await page.post(page.body(page.wrote("mid.1", "Hello")))
    await plant.settled()
    plant.graph.echoes_first = True
    plant.graph.late(0.5, path="/messages")
    try:
        await page.answer("Good morning")
        await plant.settled()
        await plant.graph.settled()
        await plant.settled()
    finally:
        plant.graph.echoes_first = False
    outgoing = await page.rows("SELECT words, source, status FROM message WHERE traffic = 'outgoing'")
    assert outgoing == [("Good morning", "user", "delivered")]


async def test_a_throttling_provider_gets_every_message_once_and_in_order(plant: Plant, line: Line) -> None:
    await line.people(1)
    ((contact_id,),) = await plant.rows(line.world, "SELECT id FROM contact")
    line.server.throttle(1, count=1)
    for number in range(4):
        await line.answer(contact_id, f"part {number}")
    await until(lambda: all_sent(line))
    assert [sent["message"]["text"] for sent in line.server.messages] == [f"part {number}" for number in range(4)]


async def all_sent(line: Line) -> bool:
    return {outcome[1] for outcome in await line.outcomes()} == {"sent"}


async def test_replies_pass_a_flooded_bulk_lane(plant: Plant, line: Line) -> None:
    """Also to people who are among those that the broadcast has not come to yet."""
    await line.people(600)
    await write_to_all(line, "bulk")
    await line.server.received(30)
    found = await plant.rows(line.world, "SELECT id FROM contact ORDER BY id DESC LIMIT 3")
    for (contact_id,) in found:
        await line.answer(contact_id, f"reply to {contact_id}")
    await until(lambda: {f"reply to {contact_id}" for (contact_id,) in found} <= line.taken().keys())
    left = await plant.rows(line.world, "SELECT count(*) FROM delivery WHERE lane = 'bulk' AND state = 'due'")
    assert left[0][0] > 300, "the replies waited for the broadcast"
    await give_up(line)


async def test_no_more_is_sent_at_once_than_the_channel_takes(plant: Plant, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """20 at once and 20 a second, as the channel is set."""
    monkeypatch.setattr(pace, "PATIENCE_SECONDS", 60.0)  # a late answer of Redis would begin a bucket of this process's own
    await line.people(200)
    began = time.monotonic()
    await write_to_all(line, "replies")
    await line.server.received(60)
    seconds = time.monotonic() - began
    assert seconds > 1.5
    assert len(line.server.requests) <= 20 + 20 * (seconds + 0.5)
    await give_up(line)


async def give_up(line: Line) -> None:
    async with line.plant.installation.tenancy.workspace(line.world.workspace_id) as db:
        await db.execute(text("DELETE FROM delivery WHERE state = 'due'"))


async def write_to_all(line: Line, lane: str) -> None:
    """A message to everybody at once."""
    async with line.plant.installation.tenancy.workspace(line.world.workspace_id) as db:
        statement = text(
            "WITH m AS (INSERT INTO message (contact_id, channel_id, contact_channel_id, traffic, kind, body, words, source, client_id,"
            " status, reactions, sent_at, created_at) SELECT contact_id, channel_id, id, 'outgoing', 'text',"
            """ '{"type": "text", "text": "News"}', 'News', 'broadcast', 'b/' || id, 'queued', '{}', now(), now() FROM contact_channel"""
            " ORDER BY id RETURNING id, channel_id, contact_channel_id)"
            " INSERT INTO delivery (message_id, channel_id, contact_channel_id, lane, state, due_at, attempt, created_at)"
            " SELECT id, channel_id, contact_channel_id, :lane, 'due', now(), 0, now() FROM m ORDER BY id"
        )
        await db.execute(statement, {"lane": lane})
        db.ring(lane)


async def test_a_provider_that_hangs_holds_up_nobody_elses_replies(plant: Plant, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        plant.installation.http_of(plant.installation.plugins.channels["custom_channel"]), "timeout", httpx.Timeout(600)
    )  # it does not end by itself
    await line.people(deliver.AT_ONCE + 20)
    line.server.hang()
    async with CustomChannelServer() as server:
        other = await open_line(plant, await make_world(plant.installation), server)
        await other.people(1)
        await write_to_all(line, "replies")
        await line.server.received(deliver.AT_ONCE_PER_CHANNEL)
        await asyncio.sleep(1.0)  # it takes what else it can get
        await other.answer_all("to")
        await other.server.received(1)
    await give_up(line)
