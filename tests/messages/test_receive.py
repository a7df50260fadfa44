"""What arrives becomes contacts, conversations and messages, once."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from channels_adapters.telegram.adapter import Telegram
from channels_adapters.telegram.config import TelegramConfig
from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.assign import assign
from ismessenger.conversations.close import close
from ismessenger.messages.receive import receive
from ismessenger.sdk.channel import ContactChanged, InboundEvent, MessageEchoed, MessageEdited, MessageReceived, Profile, StatusChanged
from ismessenger.sdk.content import Media, Text
from ismessenger.sdk.testing import raw_request
from ismessenger.workspaces.preferences import Decided, prefer
from tests.messages.conftest import Line

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def wrote(who: str, id_: str, words: str = "hello", *, at: datetime = NOON, **more: object) -> MessageReceived:
    return MessageReceived(who, id_, Text(text=words), at, Profile(first_name=who.title()), **more)  # type: ignore[arg-type]


async def take(line: Line, *events: InboundEvent) -> None:
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await receive(db, line.channel_id, events)


async def rows(line: Line, query: str) -> Sequence[tuple[Any, ...]]:
    async with line.world.installation.tenancy.reading(line.world.workspace_id) as db:
        return [tuple(row) for row in (await db.execute(text(query))).all()]


async def test_a_stranger_becomes_a_contact_with_an_open_conversation(line: Line) -> None:
    await take(line, wrote("ada", "1"), wrote("ada", "2", "again", at=NOON + timedelta(minutes=1)))
    assert await rows(line, "SELECT first_name, status, preview, preview_traffic FROM contact") == [("Ada", "open", "again", "incoming")]
    assert await rows(line, "SELECT opened_source, contact_type, incoming_count FROM conversation") == [("contact", "new", 2)]
    assert await rows(line, "SELECT words, status, traffic FROM message ORDER BY sent_at") == [
        ("hello", "received", "incoming"),
        ("again", "received", "incoming"),
    ]


async def test_a_repeated_webhook_changes_nothing(line: Line) -> None:
    await take(line, wrote("ada", "1"))
    before = await rows(line, "SELECT * FROM conversation")
    await take(line, wrote("ada", "1"), wrote("ada", "1"))
    assert await rows(line, "SELECT count(*) FROM message") == [(1,)]
    assert await rows(line, "SELECT * FROM conversation") == before


@pytest.mark.behaviour(2)
async def test_a_message_to_a_closed_contact_opens_a_new_conversation(line: Line) -> None:
    await take(line, wrote("ada", "1"))
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        contact_id = (await db.execute(text("SELECT id FROM contact"))).scalar_one()
        await close(db, await lock_contact(db, contact_id), by=line.world.agent.id)
    await take(line, wrote("ada", "2"))
    assert await rows(line, "SELECT contact_type, opened_source, closed_at IS NULL FROM conversation ORDER BY id") == [
        ("new", "contact", False),
        ("returning", "contact", True),
    ]


@pytest.mark.behaviour(5)
async def test_closing_keeps_the_assignee_for_the_next_conversation(line: Line) -> None:
    await take(line, wrote("ada", "1"))
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        contact = await lock_contact(db, (await db.execute(text("SELECT id FROM contact"))).scalar_one())
        await assign(db, contact, to=line.world.agent, actor="user", by=line.world.owner.id)
        await close(db, contact, by=line.world.agent.id)
    await take(line, wrote("ada", "2"))
    agent = line.world.agent.id
    assert await rows(line, "SELECT assignee_id, status FROM contact") == [(agent, "open")]
    assert await rows(line, "SELECT first_assignee_id FROM conversation ORDER BY id DESC LIMIT 1") == [(agent,)]


@pytest.mark.behaviour(3)
async def test_a_welcome_event_makes_a_contact_and_opens_nothing_but_an_ad_click_opens(line: Line) -> None:
    await take(line, ContactChanged("bo", NOON, happened="started"))
    assert await rows(line, "SELECT status FROM contact") == [("closed",)]
    await take(line, ContactChanged("bo", NOON, happened="referral", opens=True, referral={"source": "ADS"}))
    assert await rows(line, "SELECT opened_source FROM conversation") == [("ctc_ads",)]


@pytest.mark.behaviour(3)
async def test_where_the_workspace_wants_it_every_event_opens_but_leaving_does_not(line: Line) -> None:
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await prefer(db, Decided(inactivity_minutes=15, events_open_conversations=True))
    await take(line, ContactChanged("ada", NOON, happened="followed"))
    await take(line, MessageReceived("bo", "w1", Text(text="/start"), NOON, opens=False))
    await take(line, ContactChanged("cleo", NOON, happened="blocked", reachable=False))
    await take(line, ContactChanged("dora", NOON, profile=Profile(first_name="Dora")))
    opened = "SELECT cc.identifier, c.status FROM contact c JOIN contact_channel cc ON cc.contact_id = c.id ORDER BY 1"
    assert await rows(line, opened) == [("ada", "open"), ("bo", "open"), ("cleo", "closed"), ("dora", "closed")]
    await take(line, ContactChanged("ada", NOON, happened="followed"))
    assert await rows(line, "SELECT count(*) FROM conversation") == [(2,)]


@pytest.mark.behaviour(410)
async def test_a_status_stands_once_in_the_list_however_often_it_is_reported(line: Line) -> None:
    await take(line, MessageEchoed("ada", "e1", Text(text="hi"), NOON))
    by_id = StatusChanged("delivered", NOON, external_id="e1")
    by_watermark = StatusChanged("delivered", NOON, identifier="ada", watermark=NOON)
    await take(line, by_id, by_watermark)
    await take(line, StatusChanged("read", NOON, external_id="e1"), by_id, by_watermark)
    assert await rows(line, "SELECT value FROM message_status ORDER BY id") == [("delivered",), ("read",)]


@pytest.mark.behaviour(410)
async def test_statuses_that_come_together_in_any_order_stand_in_theirs(line: Line) -> None:
    await take(line, MessageEchoed("ada", "e1", Text(text="hi"), NOON))
    await take(line, *(StatusChanged(status, NOON, external_id="e1") for status in ("read", "delivered")))
    assert await rows(line, "SELECT value FROM message_status ORDER BY id") == [("delivered",), ("read",)]


@pytest.mark.behaviour(411)
async def test_somebody_known_who_shares_their_number_in_telegram_has_it_from_then_on(line: Line) -> None:
    await take(line, wrote("5", "1"))
    ada = {"id": 5, "is_bot": False, "first_name": "Ada"}
    shared = {"phone_number": "60123456789", "first_name": "Ada", "user_id": 5}
    message = {"message_id": 2, "date": 1772611200, "chat": {"id": 5, "type": "private"}, "from": ada, "contact": shared}
    body = json.dumps({"update_id": 1, "message": message}).encode()
    await take(line, *Telegram().parse(raw_request(body), TelegramConfig(bot_token="1:token")))
    assert await rows(line, "SELECT phone, country_code FROM contact") == [("+60123456789", "MY")]


async def test_a_status_that_comes_before_its_message_waits_for_it(line: Line) -> None:
    await take(line, StatusChanged("delivered", NOON, external_id="e1"))
    await take(line, MessageEchoed("ada", "e1", Text(text="from the page"), NOON))
    assert await rows(line, "SELECT status, source, traffic FROM message") == [("delivered", "echo", "outgoing")]
    assert await rows(line, "SELECT count(*) FROM early_status") == [(0,)]


@pytest.mark.behaviour(40)
async def test_statuses_never_go_backwards(line: Line) -> None:
    await take(line, MessageEchoed("ada", "e1", Text(text="hi"), NOON))
    for status in ("read", "delivered", "sent", "failed"):
        await take(line, StatusChanged(status, NOON, external_id="e1"))
    assert await rows(line, "SELECT status FROM message") == [("read",)]
    assert await rows(line, "SELECT value FROM message_status ORDER BY id") == [("read",)]


async def test_failed_gives_way_to_a_later_delivered(line: Line) -> None:
    await take(line, MessageEchoed("ada", "e1", Text(text="hi"), NOON), StatusChanged("failed", NOON, external_id="e1", reason="no"))
    assert await rows(line, "SELECT status, status_reason FROM message") == [("failed", "no")]
    await take(line, StatusChanged("delivered", NOON, external_id="e1"))
    assert await rows(line, "SELECT status, status_reason FROM message") == [("delivered", None)]


async def test_a_watermark_reaches_only_the_identity_and_what_was_sent_before(line: Line) -> None:
    later = NOON + timedelta(hours=1)
    await take(
        line,
        MessageEchoed("ada", "a1", Text(text="1"), NOON),
        MessageEchoed("ada", "a2", Text(text="2"), later),
        MessageEchoed("bo", "b1", Text(text="3"), NOON),
    )
    await take(line, StatusChanged("read", later, identifier="ada", watermark=NOON + timedelta(minutes=1)))
    assert await rows(line, "SELECT external_id, status FROM message ORDER BY external_id") == [
        ("a1", "read"),
        ("a2", "sent"),
        ("b1", "sent"),
    ]


async def test_a_file_waits_to_be_fetched_and_does_not_hold_the_message_back(line: Line) -> None:
    await take(line, MessageReceived("ada", "1", Media(kind="image", url="https://cdn.example/a.png"), NOON))
    assert await rows(line, "SELECT state, kind FROM attachment") == [("pending", "image")]
    assert await rows(line, "SELECT preview FROM contact") == [(":image:",)]


async def test_a_late_message_keeps_its_place_and_does_not_become_the_preview(line: Line) -> None:
    await take(line, wrote("ada", "2", "second"))
    await take(line, wrote("ada", "1", "first", at=NOON - timedelta(minutes=5)))
    assert await rows(line, "SELECT preview FROM contact") == [("second",)]
    assert await rows(line, "SELECT words FROM message ORDER BY sent_at, id") == [("first",), ("second",)]


async def test_an_edit_of_the_last_message_shows_on_the_card(line: Line) -> None:
    await take(line, wrote("ada", "1", "helo"))
    await take(line, MessageEdited("ada", "1", Text(text="hello"), NOON + timedelta(minutes=1)))
    await take(line, MessageEdited("ada", "1", Text(text="an older edit"), NOON))
    assert await rows(line, "SELECT preview FROM contact") == [("hello",)]
    assert await rows(line, "SELECT words, edited_at IS NOT NULL FROM message") == [("hello", True)]


@pytest.mark.behaviour(43)
async def test_what_was_sent_from_the_channels_own_application_is_no_first_response(line: Line) -> None:
    await take(line, wrote("ada", "1"), MessageEchoed("ada", "e1", Text(text="from the page"), NOON + timedelta(minutes=1)))
    assert await rows(line, "SELECT source FROM message WHERE traffic = 'outgoing'") == [("echo",)]
    assert await rows(line, "SELECT first_response_at, response_count FROM conversation") == [(None, 0)]


async def test_text_that_the_database_cannot_hold_is_replaced(line: Line) -> None:
    await take(line, wrote("ada", "1", "a\x00b\ud800c"))
    assert await rows(line, "SELECT words, body ->> 'text' FROM message") == [("a\ufffdb\ufffdc", "a\ufffdb\ufffdc")]
