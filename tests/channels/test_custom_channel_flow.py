"""The whole way on a custom channel: webhook to message, reply to the server, and what can go wrong between."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from ismessenger.contacts.block import block_contacts
from ismessenger.contacts.erase import erase_contacts
from ismessenger.contacts.model import Contact
from ismessenger.jobs.drain import drain
from ismessenger.jobs.worker import Lanes
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.model import Message
from ismessenger.messages.reply import Draft, Part, reply, send_again
from ismessenger.sdk.content import Text
from tests.channels.conftest import Shop

pytestmark = pytest.mark.usefixtures("lanes")


def message(id_: str, words: str = "Hello", kind: str = "message", at: int = 1_763_640_000_000) -> dict[str, Any]:
    return {"type": kind, "mId": id_, "timestamp": at, "message": {"type": "text", "text": words}}


def status(id_: str, value: str, reason: str = "") -> dict[str, Any]:
    return {"type": "message_status", "mId": id_, "timestamp": 1_763_640_009_000, "status": {"value": value, "message": reason}}


async def settled(shop: Shop) -> None:
    left = await drain(shop.world.installation, seconds=60)
    assert left.done, left


async def rows(shop: Shop, query: str) -> Sequence[tuple[Any, ...]]:
    async with shop.world.installation.tenancy.reading(shop.world.workspace_id) as db:
        return [tuple(row) for row in (await db.execute(text(query))).all()]


async def say(shop: Shop, words: str, **more: Any) -> list[Message]:
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        contact_id = (await db.execute(text("SELECT id FROM contact ORDER BY id LIMIT 1"))).scalar_one()
        return await reply(shop.world.installation, db, contact_id, Draft([Part(Text(text=words))], **more), by=shop.world.agent)


@pytest.mark.parametrize("path", ["/custom/channel/webhook/", "/custom/webhook"])
async def test_a_webhook_becomes_a_message_on_both_paths(shop: Shop, path: str) -> None:
    answer = await shop.post(message("m1"), contact="+60123456789", path=path, contact_={"x": 1})
    assert answer.status_code == 200
    await settled(shop)
    assert await rows(shop, "SELECT words, external_id FROM message") == [("Hello", "m1")]
    assert await rows(shop, "SELECT country_code, status FROM contact") == [("MY", "open")]


@pytest.mark.behaviour(41)
async def test_a_reply_reaches_the_server_with_the_bearer_token_and_takes_its_id(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    await say(shop, "Good morning")
    await settled(shop)
    assert [sent["message"] for sent in shop.server.messages] == [{"type": "text", "text": "Good morning"}]
    assert shop.server.messages[0]["channelId"] == str(shop.channel.channel_id)
    assert await rows(shop, "SELECT status, external_id FROM message WHERE traffic = 'outgoing'") == [("sent", "out-1")]


@pytest.mark.behaviour(4)
async def test_the_first_human_reply_assigns(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    await say(shop, "I take this")
    assert await rows(shop, "SELECT assignee_id FROM contact") == [(shop.world.agent.id,)]


async def test_a_repeated_client_id_is_one_message(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    first = await say(shop, "once", client_id="c-1")
    second = await say(shop, "once", client_id="c-1")
    await settled(shop)
    assert [each.id for each in first] == [each.id for each in second]
    assert len(shop.server.messages) == 1


@pytest.mark.behaviour(41)
async def test_a_4xx_fails_the_message_with_the_servers_words_and_retry_sends_it(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    shop.server.fail(422, body={"error": {"message": "The number is not known"}}, count=1)
    (failed,) = await say(shop, "hello?")
    await settled(shop)
    query = "SELECT status, status_reason FROM message WHERE traffic = 'outgoing'"
    assert await rows(shop, query) == [("failed", "The number is not known")]
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await send_again(db, failed.id)
    await settled(shop)
    assert await rows(shop, query) == [("sent", None)]
    values = f"SELECT value FROM message_status WHERE message_id = {failed.id} ORDER BY id"
    assert [value for (value,) in await rows(shop, values)] == ["queued", "failed", "queued", "sent"]


async def test_a_throttled_message_waits_and_then_goes_out_once(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    shop.server.throttle(1, count=1)
    await say(shop, "patience")
    await _until(lambda: len(shop.server.messages) == 1)
    await settled(shop)
    assert await rows(shop, "SELECT status FROM message WHERE traffic = 'outgoing'") == [("sent",)]
    assert len(shop.server.messages) == 1


async def test_an_answer_that_never_came_is_shown_as_unconfirmed_and_not_sent_twice(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    shop.server.drop(taken=True, count=1)
    (doubtful,) = await say(shop, "did you get this?")
    await settled(shop)
    assert await rows(shop, "SELECT status, unconfirmed_at IS NOT NULL FROM message WHERE traffic = 'outgoing'") == [("sending", True)]
    assert len(shop.server.messages) == 1
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await send_again(db, doubtful.id)
    await settled(shop)
    assert len(shop.server.messages) == 2


async def test_messages_of_a_contact_go_out_in_order(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    for number in range(8):
        await say(shop, f"part {number}")
    await settled(shop)
    assert [sent["message"]["text"] for sent in shop.server.messages] == [f"part {number}" for number in range(8)]


async def test_long_text_is_split_and_arrives_whole(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    words = " ".join(f"word{number}" for number in range(1500))
    await say(shop, words)
    await settled(shop)
    parts = [sent["message"]["text"] for sent in shop.server.messages]
    assert len(parts) > 1
    assert " ".join(parts).split() == words.split()


async def test_a_status_may_come_before_the_answer_with_the_id(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    await shop.post(status("out-1", "delivered"))
    await settled(shop)
    await say(shop, "fast")
    await settled(shop)
    assert await rows(shop, "SELECT status FROM message WHERE traffic = 'outgoing'") == [("delivered",)]


async def test_an_echo_of_our_own_reply_does_not_become_a_second_message(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    shop.server.late(0.6, count=1)
    await say(shop, "from us")
    await _until(lambda: len(shop.server.messages) == 1)
    await shop.post(message("out-1", "from us", kind="message_echo"))
    await _until_async(lambda: _no_inbound(shop))
    assert await rows(shop, "SELECT status, source FROM message WHERE traffic = 'outgoing'") == [("sent", "user")]


async def test_one_bad_item_does_not_take_its_neighbours_along_in_the_batch(shop: Shop) -> None:
    answers = await asyncio.gather(*(shop.post(message(f"m{number}"), contact=f"+4930901{number:04}") for number in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    await settled(shop)
    assert await rows(shop, "SELECT count(*), count(DISTINCT contact_id) FROM message") == [(40, 40)]


async def test_two_webhooks_of_a_new_contact_at_the_same_instant_make_one_contact(shop: Shop) -> None:
    await asyncio.gather(*(shop.post(message(f"m{number}")) for number in range(12)))
    await settled(shop)
    assert await rows(shop, "SELECT count(*) FROM contact") == [(1,)]
    assert await rows(shop, "SELECT count(*) FROM conversation") == [(1,)]
    assert await rows(shop, "SELECT count(*) FROM message") == [(12,)]


@pytest.mark.behaviour(42)
async def test_a_channel_of_type_phone_may_write_first(shop: Shop) -> None:
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        db.add(Contact(first_name="Eve", phone="+49301"))
    await say(shop, "We have news", channel_id=shop.channel.channel_id)
    await settled(shop)
    assert shop.server.messages[0]["contactId"] == "+49301"
    assert await rows(shop, "SELECT opened_source FROM conversation") == [("user",)]


@pytest.mark.behaviour(6)
async def test_a_blocked_contact_cannot_be_written_to_and_opens_nothing(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await db.execute(text("UPDATE conversation SET closed_at = now()"))
        await db.execute(text("UPDATE contact SET blocked_at = now(), status = 'closed'"))
    with pytest.raises(ReplyRefused, match="blocked"):
        await say(shop, "hi")
    await shop.post(message("m2"))
    await settled(shop)
    assert await rows(shop, "SELECT count(*) FROM conversation WHERE closed_at IS NULL") == [(0,)]
    assert await rows(shop, "SELECT count(*) FROM message") == [(2,)]


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, b"{}", 401),
        ({"Authorization": "Bearer wrong-token-wrong-token"}, b"{}", 401),
        (None, b"{", 400),
        (None, b"[]", 400),
        (None, b'{"channelId": "1", "contactId": "+4930", "events": 7}', 400),
        (None, b'{"channelId": "999999", "contactId": "+4930901820", "events": []}', 400),
        (None, b"x" * (2 << 20), 413),
    ],
)
async def test_bad_calls_get_a_clear_error(shop: Shop, headers: dict[str, str] | None, body: bytes, expected: int) -> None:
    given = {"Authorization": f"Bearer {shop.channel.values['api_token']}"} if headers is None else headers
    answer = await shop.hooks.post("/custom/webhook", content=body, headers=given)
    assert answer.status_code == expected
    assert answer.json()["error"]["message"]


async def _no_inbound(shop: Shop) -> bool:
    return await rows(shop, "SELECT count(*) FROM inbound_event WHERE state = 'pending'") == [(0,)]


async def _until(condition: Any, seconds: float = 60) -> None:
    async def check() -> bool:
        return bool(condition())

    await _until_async(check, seconds)


async def _until_async(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def test_the_lanes_have_names_of_their_own(lanes: Lanes) -> None:
    names = [lane.name for lane in lanes.all]
    assert len(names) == len(set(names))


@pytest.mark.behaviour(6)
async def test_what_was_written_to_somebody_who_was_blocked_meanwhile_is_not_sent(shop: Shop) -> None:
    await shop.post(message("m1"))
    await settled(shop)
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        contact_id = (await db.execute(text("SELECT id FROM contact"))).scalar_one()
        await reply(shop.world.installation, db, contact_id, Draft([Part(Text(text="Too late"))]), by=shop.world.agent)
        await block_contacts(db, [contact_id], by=shop.world.agent.id)
    await settled(shop)
    assert shop.server.messages == []
    ((state, reason),) = await rows(shop, "SELECT status, status_reason FROM message WHERE traffic = 'outgoing'")
    assert (state, "blocked" in reason) == ("failed", True)


@pytest.mark.behaviour(191)
async def test_whoever_is_erased_while_something_is_sent_leaves_nothing_behind(shop: Shop) -> None:
    await shop.post(message("m1", "my secret"))
    await settled(shop)
    await say(shop, "Good morning")
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        contact_id = (await db.execute(text("SELECT id FROM contact"))).scalar_one()
        await erase_contacts(db, [contact_id], by=shop.world.owner.id)
    await settled(shop)

    async def tidied() -> bool:
        return not await rows(shop, "SELECT 1 FROM outbox WHERE kind = 'erase'")

    await _until_async(tidied)
    assert await rows(shop, "SELECT count(*) FROM message") == [(0,)]
    assert await rows(shop, "SELECT count(*) FROM delivery") == [(0,)]
    assert await rows(shop, "SELECT DISTINCT body FROM inbound_event") == [(b"",)]
