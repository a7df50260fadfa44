"""Providers send things twice, in the wrong order, late, all at once, and some of it broken."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from ismessenger.contacts.model import Contact, ContactChannel
from tests.conftest import make_world
from tests.faults.accounts import Bot, Page, open_page
from tests.faults.line import FIRST_AT, Line, message
from tests.faults.plant import Plant, owner_of, until, waits_for_a_lock

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("lanes")]


async def test_a_webhook_that_comes_again_and_again_is_one_message(plant: Plant, bot: Bot, page: Page) -> None:
    update, body = bot.update(1, "Hello"), page.body(page.wrote("mid.1", "Hello"))
    for _ in range(3):
        answers = await asyncio.gather(*(bot.post(update) for _ in range(8)), *(page.post(body) for _ in range(8)))
        assert {answer.status_code for answer in answers} == {200}
        await plant.settled()
    for account in (bot, page):
        assert await account.rows("SELECT words FROM message") == [("Hello",)]
        assert await account.rows("SELECT incoming_count FROM conversation") == [(1,)]


async def test_the_application_and_the_channel_may_both_send_the_same_event(plant: Plant, page: Page) -> None:
    body = page.body(page.wrote("mid.1", "Hello"))
    for path, secret in (("/hooks/meta", "meta-app-secret"), (None, "the-secret-of-the-application")):
        assert (await page.post(body, path=path, secret=secret)).status_code == 200
    await plant.settled()
    assert await page.rows("SELECT words FROM message") == [("Hello",)]


async def test_a_thread_is_in_the_order_in_which_it_was_written_however_it_came(plant: Plant, line: Line, bot: Bot) -> None:
    now = int(time.time())
    for number in (3, 1, 4, 2):
        assert (await bot.post(bot.update(number, f"number {number}", at=now - 100 + number))).status_code == 200
        await line.post(message(f"m{number}", f"number {number}", at=FIRST_AT + number), contact="+4930901820")
    await plant.settled()
    in_order = [(f"number {number}",) for number in (1, 2, 3, 4)]
    for world in (bot.world, line.world):
        assert await plant.rows(world, "SELECT words FROM message ORDER BY sent_at, id") == in_order
        assert await plant.rows(world, "SELECT preview FROM contact") == [("number 4",)]


async def test_a_message_that_comes_a_day_late_opens_and_takes_its_place(plant: Plant, bot: Bot) -> None:
    now = int(time.time())
    await bot.post(bot.update(2, "new", at=now))
    await plant.settled()
    await bot.post(bot.update(1, "yesterday's", at=now - 86_400))
    await plant.settled()
    assert await bot.rows("SELECT words FROM message ORDER BY sent_at, id") == [("yesterday's",), ("new",)]
    assert await bot.rows("SELECT preview, status FROM contact") == [("new", "open")]
    assert await bot.rows("SELECT created_at - sent_at > '23 hours' FROM message WHERE words <> 'new'") == [(True,)]


async def test_a_receipt_that_comes_before_the_echo_waits_for_it(plant: Plant, page: Page) -> None:
    at = time.time_ns() // 1_000_000
    person, facebook = {"id": page.person}, {"id": page.page_id}
    await page.post(page.body(page.wrote("mid.1", "Hello")))
    await page.post(page.body({"sender": person, "recipient": facebook, "timestamp": at, "delivery": {"mids": ["mid.2"], "watermark": at}}))
    await plant.settled()
    echo = {"sender": facebook, "recipient": person, "timestamp": at, "message": {"mid": "mid.2", "text": "From my phone", "is_echo": True}}
    await page.post(page.body(echo))
    await plant.settled()
    query = "SELECT words, status, source FROM message WHERE traffic = 'outgoing'"
    assert await page.rows(query) == [("From my phone", "delivered", "echo")]


async def test_a_bad_item_costs_none_of_its_neighbours_and_is_told_with_its_reason(plant: Plant, page: Page) -> None:
    bad: list[Any] = [page.wrote("mid.bad", "late", at="yesterday"), 17, None, {"sender": page.person}]  # type: ignore[arg-type]
    read = {"sender": {"id": page.person}, "recipient": {"id": page.page_id}, "read": {"watermark": 1}}
    items = [page.wrote("mid.1", "first"), *bad, read, page.wrote("mid.2", "last")]
    body = page.body(*items)
    body["entry"] += [5, page.body(page.wrote("mid.3", "elsewhere"), page_id="999")["entry"][0], {"id": page.page_id, "messaging": "x"}]
    assert (await page.post(body)).status_code == 200
    await plant.settled()
    assert await page.rows("SELECT words FROM message ORDER BY id") == [("first",), ("last",)]
    ((state, note),) = await page.notes()
    assert state == "failed"
    assert note is not None
    assert "timestamp" in note


@pytest.mark.parametrize("depth", [200, 300, 900, 5000])
async def test_an_item_that_cannot_be_stored_holds_up_nobody(plant: Plant, line: Line, depth: int) -> None:
    content = {"type": "custom_payload", "payload": "NESTED"}
    poison = {"type": "message", "mId": "deep", "timestamp": FIRST_AT, "message": content}
    statuses = [(await line.post(event, contact="+4930901820")).status_code for event in (message("m1"), message("m2"))]
    body = json.dumps(line.body(message("m0"), poison, message("m3"), contact="+4930901820"))
    status = (await line.post_raw(body.replace('"NESTED"', '{"a":' * depth + "{}" + "}" * depth))).status_code
    assert status in {200, 400}
    statuses.append((await line.post(message("m4"), contact="+4930901821")).status_code)
    assert statuses == [200] * 3
    await plant.settled()
    stored = {id_ for (id_,) in await plant.rows(line.world, "SELECT external_id FROM message")}
    told = await plant.rows(line.world, "SELECT count(*) FROM inbound_event WHERE state = 'failed' AND note IS NOT NULL")
    if status == 200:
        assert {"m0", "m1", "m2", "m3", "m4"} <= stored
        assert "deep" in stored or told == [(1,)]
    else:
        assert stored == {"m1", "m2", "m4"}


@asynccontextmanager
async def refusing(plant: Plant, words: str) -> AsyncIterator[None]:
    """The database takes no message of these words."""
    async with owner_of(plant) as owner:
        await owner.execute(text(f"ALTER TABLE store.message ADD CONSTRAINT refusal CHECK (words <> '{words}') NOT VALID"))
        await owner.commit()
        try:
            yield
        finally:
            await owner.execute(text("ALTER TABLE store.message DROP CONSTRAINT refusal"))
            await owner.commit()


async def test_what_the_database_refuses_of_a_body_is_told_and_the_rest_is_kept(plant: Plant, page: Page) -> None:
    at = time.time_ns() // 1_000_000
    items = [page.wrote(f"mid.{number}", f"number {number}", at=at + number) for number in range(4)]
    async with refusing(plant, "number 2"):
        assert (await page.post(page.body(*items))).status_code == 200
        await plant.settled()
    assert await page.rows("SELECT words FROM message ORDER BY id") == [("number 0",), ("number 1",), ("number 3",)]
    ((state, note),) = await page.notes()
    assert (state, "refused" in str(note)) == ("failed", True)


async def test_two_pages_in_one_body_are_two_workspaces_messages(plant: Plant, page: Page) -> None:
    other = await open_page(plant, await make_world(plant.installation))
    body = page.body(page.wrote("mid.1", "for the one"))
    body["entry"] += other.body(other.wrote("mid.1", "for the other"))["entry"]
    assert (await page.post(body, path="/hooks/meta", secret="meta-app-secret")).status_code == 200
    await plant.settled()
    assert await page.rows("SELECT words FROM message") == [("for the one",)]
    assert await other.rows("SELECT words FROM message") == [("for the other",)]


async def test_a_contact_that_somebody_else_makes_at_the_same_instant_is_the_same_contact(plant: Plant, line: Line) -> None:
    number = "+4930901820"
    async with plant.installation.tenancy.workspace(line.world.workspace_id) as db:
        contact = Contact(phone=number)
        db.add(contact)
        await db.flush()
        db.add(ContactChannel(contact_id=contact.id, channel_id=line.channel.channel_id, identifier=number))
        await db.flush()
        assert (await line.post(message("m1"), contact=number)).status_code == 200
        await until(lambda: waits_for_a_lock(plant))
    await until(lambda: arrived(line))
    assert await plant.rows(line.world, "SELECT contact_id FROM message") == [(contact.id,)]
    assert await plant.rows(line.world, "SELECT state FROM inbound_event") == [("done",)]


async def arrived(line: Line) -> bool:
    return bool(await line.received())
