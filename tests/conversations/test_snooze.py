"""A conversation that is snoozed is out of the way until it comes back: by time, by hand, by a message."""

from datetime import UTC, datetime, timedelta

import pytest

from ismessenger.contacts.block import block_contact
from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.merge import merge
from ismessenger.conversations.assign import assign
from ismessenger.conversations.close import close, reopen
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.conversations.presets import presets, until, zone_named
from ismessenger.conversations.snooze import snooze, snooze_contacts, wake, wake_contacts
from ismessenger.jobs.wakeups import find_wakeups, work_wakeup
from ismessenger.kit.clock import now, stopped
from ismessenger.messages.receive import receive
from tests.messages.conftest import Line
from tests.messages.test_receive import rows, take, wrote

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def the_contact(line: Line) -> int:
    (found,) = await rows(line, "SELECT max(id) FROM contact")
    return int(str(found[0]))


async def snoozed(line: Line, until: datetime, who: str = "ada") -> int:
    """A contact who wrote and was snoozed by the agent."""
    await take(line, wrote(who, f"{who}-1", at=now()))
    contact_id = await the_contact(line)
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        assert await snooze(db, await lock_contact(db, contact_id), until, by=line.world.agent.id)
    return contact_id


async def wake_up(line: Line) -> int:
    """Let the worker do what is due in this workspace."""
    found = [piece for piece in await find_wakeups(line.world.installation) if piece[0] == line.world.workspace_id]
    return sum([await work_wakeup(line.world.installation, piece) for piece in found])


STATE = "SELECT status, snoozed_until FROM contact ORDER BY id"
TOLD = "SELECT kind, actor_kind, details ->> 'reason' FROM event WHERE kind LIKE 'conversation.%snoozed' ORDER BY id"


@pytest.mark.behaviour(210)
async def test_a_snooze_ends_when_its_time_has_come_and_tells_whoever_snoozed(line: Line) -> None:
    with stopped(NOON) as clock:
        await snoozed(line, NOON + HOUR)
        assert await rows(line, STATE) == [("snoozed", NOON + HOUR)]
        assert await wake_up(line) == 0
        clock.advance(HOUR)
        assert await wake_up(line) == 1
        assert await wake_up(line) == 0
    assert await rows(line, STATE) == [("open", None)]
    assert await rows(line, TOLD) == [("conversation.snoozed", "user", None), ("conversation.unsnoozed", "system", "time")]
    assert await rows(line, "SELECT count(*) FROM conversation WHERE closed_at IS NULL") == [(1,)]
    told = await rows(
        line, "SELECT payload ->> 'kind', payload -> 'to' FROM outbox WHERE kind = 'notify' AND payload ->> 'kind' LIKE 'sn%'"
    )
    assert told == [("snooze_ended", [line.world.agent.id])]


@pytest.mark.behaviour(210)
async def test_the_assignee_is_told_rather_than_whoever_snoozed(line: Line) -> None:
    with stopped(NOON) as clock:
        contact_id = await snoozed(line, NOON + HOUR)
        async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
            await assign(db, await lock_contact(db, contact_id), to=line.world.manager, actor="user", by=line.world.agent.id)
        clock.advance(HOUR)
        await wake_up(line)
    told = await rows(line, "SELECT payload -> 'to' FROM outbox WHERE kind = 'notify' AND payload ->> 'kind' = 'snooze_ended'")
    assert told == [([line.world.manager.id],)]


@pytest.mark.behaviour(211)
async def test_a_message_from_the_person_brings_the_conversation_back_and_belongs_to_it(line: Line) -> None:
    with stopped(NOON):
        await snoozed(line, NOON + HOUR)
        await snoozed(line, NOON + HOUR, "bo")
        await take(line, wrote("ada", "2", at=NOON))
    assert await rows(line, STATE) == [("open", None), ("snoozed", NOON + HOUR)]
    assert await rows(line, "SELECT count(*) FROM wakeup") == [(1,)]
    assert ("conversation.unsnoozed", "contact", "message") in await rows(line, TOLD)
    # The one that was hidden is the one that goes on.
    assert await rows(
        line, "SELECT count(DISTINCT conversation_id), count(*) FROM message WHERE contact_id = (SELECT min(id) FROM contact)"
    ) == [(1, 2)]


@pytest.mark.behaviour(211)
async def test_what_a_blocked_person_writes_wakes_nothing(line: Line) -> None:
    with stopped(NOON):
        contact_id = await snoozed(line, NOON + HOUR)
        async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
            await block_contact(db, await lock_contact(db, contact_id), by=line.world.agent.id)
        await take(line, wrote("ada", "2", at=NOON))
        assert await rows(line, STATE) == [("snoozed", NOON + HOUR)]


async def test_it_ends_by_hand_by_closing_by_opening_and_by_merging(line: Line) -> None:
    world = line.world
    with stopped(NOON):
        contact_id = await snoozed(line, NOON + HOUR)
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            contact = await lock_contact(db, contact_id)
            assert await wake(db, contact, by=world.agent.id)
            assert not await wake(db, contact, by=world.agent.id)
            await snooze(db, contact, NOON + HOUR, by=world.agent.id)
            await reopen(db, contact, by=world.agent.id)
            assert contact.status == "open"
            await snooze(db, contact, NOON + HOUR, by=world.agent.id)
            await close(db, contact, by=world.agent.id)
            assert (contact.status, contact.snoozed_until) == ("closed", None)
        assert await rows(line, "SELECT count(*) FROM wakeup") == [(0,)]
        other = await snoozed(line, NOON + HOUR, "bo")
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            await merge(db, contact_id, other, by=world.agent.id)
        assert await rows(line, STATE) == [("closed", None)]
        assert await rows(line, "SELECT count(*) FROM wakeup") == [(0,)]


@pytest.mark.behaviour(212)
async def test_times_that_make_no_sense_are_refused_in_a_sentence(line: Line) -> None:
    world = line.world
    await take(line, wrote("ada", "1"))
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact = await lock_contact(db, await the_contact(line))
        for at, words in ((now(), "has passed"), (now() - HOUR, "has passed"), (now() + timedelta(days=367), "a year at most")):
            with pytest.raises(ConversationRefused, match=words):
                await snooze(db, contact, at, by=world.agent.id)
        assert contact.status == "open"
        await close(db, contact, by=world.agent.id)
        with pytest.raises(ConversationRefused, match="Open it to snooze it"):
            await snooze(db, contact, now() + HOUR, by=world.agent.id)
    for typed in ("", "soon", "2026-13-40T99:00", "9999-12-31T23:59:59-23:59"):
        with pytest.raises(ConversationRefused, match="Choose a day and a time"):
            until(typed, zone_named("UTC"))


async def test_many_are_snoozed_and_brought_back_as_one_by_one(line: Line) -> None:
    world = line.world
    with stopped(NOON):
        for who in ("ada", "bo", "cy"):
            await take(line, wrote(who, who, at=NOON))
        ids = [int(str(row[0])) for row in await rows(line, "SELECT id FROM contact ORDER BY id")]
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            await close(db, await lock_contact(db, ids[2]), by=world.agent.id)
            assert sorted(await snooze_contacts(db, ids, NOON + HOUR, by=world.agent.id)) == ids[:2]
            assert await snooze_contacts(db, ids, NOON + HOUR, by=world.agent.id) == []
            assert await snooze_contacts(db, ids[:1], NOON + 2 * HOUR, by=world.agent.id) == ids[:1]
        assert await rows(line, "SELECT due_at FROM wakeup ORDER BY due_at") == [(NOON + HOUR,), (NOON + 2 * HOUR,)]
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            assert sorted(await wake_contacts(db, ids, by=world.agent.id)) == ids[:2]
            await receive(db, line.channel_id, [])
        assert await rows(line, "SELECT count(*) FROM wakeup") == [(0,)]


@pytest.mark.behaviour(212)
def test_the_choices_are_on_the_clock_of_whoever_looks() -> None:
    berlin, morning = zone_named("Europe/Berlin"), datetime(2026, 3, 26, 9, 12, tzinfo=UTC)
    named = {preset.name: preset.at.isoformat() for preset in presets(morning, berlin)}
    assert named == {
        "later": "2026-03-26T13:30:00+01:00",
        "tomorrow": "2026-03-27T09:00:00+01:00",
        # The clocks are put forward in between: it is nine in the morning all the same.
        "next_week": "2026-03-30T09:00:00+02:00",
    }
    late = presets(datetime(2026, 3, 26, 21, tzinfo=UTC), berlin)
    assert [preset.name for preset in late] == ["tomorrow", "next_week"]
    sunday = presets(datetime(2026, 3, 29, 8, tzinfo=UTC), berlin)
    assert [f"{preset.at:%a %d}" for preset in sunday[1:]] == ["Mon 30", "Mon 06"]
    assert zone_named("", "Nowhere/Land", "../etc", "Asia/Tokyo").key == "Asia/Tokyo"
    assert until("2026-03-30T09:00", berlin) == datetime(2026, 3, 30, 7, tzinfo=UTC)
    assert until("2026-03-30T09:00+05:00", berlin) == datetime(2026, 3, 30, 4, tzinfo=UTC)
