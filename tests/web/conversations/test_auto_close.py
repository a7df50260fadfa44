"""Conversations that close by themselves: exactly when, and when not."""

from datetime import UTC, datetime, timedelta

import pytest

from ismessenger.contacts.block import block_contact, unblock_contact
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.assign import assign
from ismessenger.conversations.close import close
from ismessenger.conversations.rules import close_after
from ismessenger.conversations.snooze import snooze, wake
from ismessenger.jobs.wakeups import find_wakeups, work_wakeup
from ismessenger.kit.clock import Stopped, now, stopped
from ismessenger.messages.reply import Draft, Part, reply
from ismessenger.sdk.content import Text
from tests.web.site import Shop

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = 24 * 60

pytestmark = pytest.mark.usefixtures("shop")


async def switch(shop: Shop, minutes: int | None = DAY) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await close_after(db, minutes)


async def answers(shop: Shop, contact_id: int, words: str = "hello", *, source: str = "user", by_hand: bool = True) -> None:
    draft = Draft([Part(Text(text=words))])
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await reply(shop.installation, db, contact_id, draft, by=shop.world.agent if by_hand else None, source=source)


async def wake_up(shop: Shop) -> None:
    """Let the worker do what is due in this workspace."""
    for piece in await find_wakeups(shop.installation):
        if piece[0] == shop.world.workspace_id:
            await work_wakeup(shop.installation, piece)


async def closed(shop: Shop) -> list[object]:
    await wake_up(shop)
    return [row[0] for row in await shop.rows("SELECT closed_source FROM conversation ORDER BY id")]


async def due(shop: Shop) -> list[object]:
    return [row[0] for row in await shop.rows("SELECT due_at FROM wakeup WHERE kind = 'auto_close'")]


async def asked(shop: Shop, clock: Stopped) -> int:
    """Auto-close is on, and somebody wrote a minute later."""
    await switch(shop)
    clock.advance(MINUTE)
    return await shop.wrote("ada")


@pytest.mark.behaviour(11)
async def test_it_runs_from_the_last_message_of_a_member_and_says_so(shop: Shop) -> None:
    with stopped(NOON) as clock:
        contact_id = await asked(shop, clock)
        assert await due(shop) == []
        await answers(shop, contact_id)
        clock.advance(23 * HOUR)
        await answers(shop, contact_id, "still there?")
        assert await due(shop) == [now() + 24 * HOUR]
        clock.advance(24 * HOUR - MINUTE)
        assert await closed(shop) == [None]
        clock.advance(MINUTE)
        assert await closed(shop) == ["auto_close"]
    assert await shop.rows("SELECT actor_kind, actor_id FROM event WHERE kind = 'conversation.closed'") == [("system", None)]
    assert await shop.rows("SELECT status, assignee_id FROM contact") == [("closed", shop.world.agent.id)]
    assert await due(shop) == []


@pytest.mark.behaviour(11)
async def test_an_answer_of_the_person_cancels_it_and_the_next_of_a_member_begins_anew(shop: Shop) -> None:
    with stopped(NOON) as clock:
        contact_id = await asked(shop, clock)
        await answers(shop, contact_id)
        clock.advance(HOUR)
        await shop.wrote("ada", "one more thing")
        assert await due(shop) == []
        clock.advance(48 * HOUR)
        assert await closed(shop) == [None]
        await answers(shop, contact_id, "yes?")
        assert await due(shop) == [now() + 24 * HOUR]


@pytest.mark.behaviour(11)
@pytest.mark.parametrize("source", ["workflow", "broadcast", "api", "ai_agent"])
async def test_what_no_member_wrote_neither_starts_nor_resets_it(shop: Shop, source: str) -> None:
    with stopped(NOON) as clock:
        contact_id = await asked(shop, clock)
        await answers(shop, contact_id, source=source, by_hand=False)
        assert await due(shop) == []
        await answers(shop, contact_id)
        before = await due(shop)
        clock.advance(HOUR)
        await answers(shop, contact_id, source=source, by_hand=False)
        assert await due(shop) == before


@pytest.mark.behaviour(11)
async def test_a_snooze_holds_it_up_and_it_counts_on_from_the_last_message_of_a_member(shop: Shop) -> None:
    with stopped(NOON) as clock:
        contact_id = await asked(shop, clock)
        await answers(shop, contact_id)
        written = now()
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await snooze(db, await lock_contact(db, contact_id), now() + 10 * HOUR, by=shop.world.agent.id)
        assert await due(shop) == []
        # Who writes to somebody snoozed leaves them so.
        clock.advance(HOUR)
        await answers(shop, contact_id, "by the way")
        written = now()
        assert await due(shop) == []
        clock.advance(9 * HOUR)
        await wake_up(shop)
        assert await due(shop) == [written + 24 * HOUR]
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await snooze(db, await lock_contact(db, contact_id), now() + 100 * HOUR, by=shop.world.agent.id)
        clock.advance(100 * HOUR)
        assert await closed(shop) == [None]
        # Whoever comes back to it finds it open, and has half an hour.
        assert await due(shop) == [now() + 30 * MINUTE]
        clock.advance(30 * MINUTE)
        assert await closed(shop) == ["auto_close"]


@pytest.mark.behaviour(11)
async def test_another_assignee_changes_nothing_about_the_time(shop: Shop) -> None:
    with stopped(NOON) as clock:
        contact_id = await asked(shop, clock)
        await answers(shop, contact_id)
        before = await due(shop)
        clock.advance(HOUR)
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await assign(db, await lock_contact(db, contact_id), to=shop.world.manager, actor="user", by=shop.world.agent.id)
        assert await due(shop) == before


@pytest.mark.behaviour(12)
async def test_it_counts_for_conversations_that_were_opened_since_it_is_on(shop: Shop) -> None:
    with stopped(NOON) as clock:
        old = await shop.wrote("ada")
        clock.advance(MINUTE)
        await switch(shop)
        clock.advance(MINUTE)
        new = await shop.wrote("bo")
        for contact_id in (old, new):
            await answers(shop, contact_id)
        assert await shop.rows("SELECT contact_id FROM wakeup") == [(new,)]
        await switch(shop, None)
        assert await due(shop) == []
        clock.advance(MINUTE)
        await switch(shop)
        await answers(shop, new)
        assert await due(shop) == []


@pytest.mark.behaviour(12)
async def test_the_time_is_from_half_an_hour_to_a_fortnight(shop: Shop) -> None:
    for minutes in (0, 29, 14 * DAY + 1):
        with pytest.raises(Refused, match="30 minutes"):
            await switch(shop, minutes)
    for minutes in (30, 14 * DAY):
        await switch(shop, minutes)


@pytest.mark.behaviour(219)
async def test_another_time_counts_at_once_for_those_that_wait(shop: Shop) -> None:
    with stopped(NOON) as clock:
        contact_id = await asked(shop, clock)
        await answers(shop, contact_id)
        written = now()
        since = await shop.value("SELECT auto_close_since FROM preferences")
        for minutes in (14 * DAY, 60):
            await switch(shop, minutes)
            assert await due(shop) == [written + timedelta(minutes=minutes)]
        assert await shop.value("SELECT auto_close_since FROM preferences") == since
        clock.advance(HOUR)
        assert await closed(shop) == ["auto_close"]


@pytest.mark.behaviour(219)
async def test_whoever_is_blocked_or_closed_meanwhile_is_left_alone(shop: Shop) -> None:
    with stopped(NOON) as clock:
        ada = await asked(shop, clock)
        bo = await shop.wrote("bo")
        for contact_id in (ada, bo):
            await answers(shop, contact_id)
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await block_contact(db, await lock_contact(db, ada), by=shop.world.agent.id)
            await close(db, await lock_contact(db, bo), by=shop.world.agent.id)
        assert len(await due(shop)) == 1
        clock.advance(24 * HOUR)
        assert await closed(shop) == [None, "user"]
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await unblock_contact(db, await lock_contact(db, ada), by=shop.world.agent.id)
        assert await due(shop) == [now() + 30 * MINUTE]


async def test_a_snoozed_conversation_that_is_woken_by_hand_goes_on_waiting(shop: Shop) -> None:
    with stopped(NOON) as clock:
        contact_id = await asked(shop, clock)
        await answers(shop, contact_id)
        before = await due(shop)
        async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
            contact = await lock_contact(db, contact_id)
            await snooze(db, contact, now() + HOUR, by=shop.world.agent.id)
            await wake(db, contact, by=shop.world.agent.id)
        assert await due(shop) == before
