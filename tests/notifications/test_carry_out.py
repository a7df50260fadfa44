"""Who is told of what happens, and how often."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from ismessenger.accounts.read import mark_read
from ismessenger.background.job import CANCELLED, DONE, FAILED, Running
from ismessenger.background.model import Job
from ismessenger.contacts.merge import merge
from ismessenger.jobs.notify import work_orders
from ismessenger.kit.clock import now
from ismessenger.messages.status import raise_statuses
from ismessenger.notifications.carry_out import carry_out
from ismessenger.notifications.choices import DEFAULTS, choose
from ismessenger.notifications.kinds import KINDS
from ismessenger.notifications.listing import unread_of
from ismessenger.notifications.orders import ORDER
from ismessenger.notifications.settle import NEWEST, TAKEN, read_all
from ismessenger.notifications.tidy import tidy_notifications
from ismessenger.sdk.channel import ContactChanged, MessageReceived, Profile
from ismessenger.sdk.content import Text
from tests.notifications.conftest import NOON, Shop


@pytest.mark.behaviour(20)
async def test_a_message_of_nobodys_contact_is_told_to_everybody_and_one_of_somebodys_to_them_alone(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.work()
    assert [await shop.told(member) for member in shop.everybody] == [[("message_unassigned", 1)]] * 3
    await shop.change("DELETE FROM notification")
    await shop.assign(contact_id, shop.world.agent)
    await shop.wrote("ada")
    await shop.work()
    assert [await shop.told(member) for member in shop.everybody] == [[], [], [("message_mine", 1)]]


@pytest.mark.behaviour(20)
async def test_who_mutes_messages_of_nobodys_contacts_is_told_of_their_own_still(shop: Shop) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await choose(db, shop.world.agent.id, {**DEFAULTS, "message_unassigned": frozenset()})
    contact_id = await shop.wrote("ada")
    await shop.work()
    assert await shop.told(shop.world.agent) == []
    assert await shop.told(shop.world.owner) == [("message_unassigned", 1)]
    await shop.assign(contact_id, shop.world.agent)
    await shop.wrote("ada")
    await shop.work()
    assert await shop.told(shop.world.agent) == [("message_mine", 1)]


@pytest.mark.behaviour(240)
async def test_a_flood_is_one_line_until_it_is_read(shop: Shop) -> None:
    for each in range(5):
        contact_id = await shop.wrote("ada", f"words {each}")
    await shop.wrote("bo")
    await shop.work()
    for _each in range(3):
        await shop.wrote("ada")
    await shop.work()
    assert await shop.told(shop.world.owner) == [("message_unassigned", 8), ("message_unassigned", 1)]
    first, last = (await shop.rows("SELECT min(id), max(id) FROM message WHERE contact_id = :id", id=contact_id))[0]
    stored = await shop.rows("SELECT subject_id, details FROM notification WHERE contact_id = :c", c=contact_id)
    assert stored == [(last, {"first": first})]
    assert await shop.orders() == []


@pytest.mark.behaviour(240)
async def test_a_batch_costs_one_order_and_an_order_a_handful_of_statements(shop: Shop) -> None:
    people = [MessageReceived(f"p{i}", f"x{i}-{j}", Text(text="hi"), NOON, Profile()) for i in range(30) for j in range(2)]
    await shop.take(*people)
    assert await shop.value("SELECT count(*) FROM outbox WHERE kind = 'notify'") == 1
    seen: list[str] = []
    engine = shop.installation.tenancy.homes["default"].app.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        await shop.work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert await shop.value("SELECT count(*) FROM notification") == 30  # however many members there are
    assert [len(await shop.told(member)) for member in shop.everybody] == [30] * 3
    assert len(seen) <= 12, seen


@pytest.mark.behaviour(241)
async def test_reading_a_thread_reads_what_told_of_its_messages(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    other_id = await shop.wrote("bo")
    await shop.happens("mention", contact_id, to=[shop.world.agent.id], by=shop.world.owner.id)
    await shop.work()
    newest = await shop.value("SELECT max(id) FROM message WHERE contact_id = :id", id=contact_id)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await mark_read(db, shop.world.agent.id, contact_id, int(newest))
        changes = [change for change in db.changes if change["kind"] == "tell"]
    assert [change["member_id"] for change in changes] == [shop.world.agent.id]
    async with shop.installation.tenancy.reading(shop.world.workspace_id) as db:
        unread = await unread_of(db, shop.world.agent)
    assert sorted(unread) == [("mention", contact_id), ("message_unassigned", other_id)]
    assert len(await shop.told(shop.world.owner)) == 2


@pytest.mark.behaviour(241)
async def test_a_message_that_comes_while_an_older_one_is_read_stays_unread(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    first = await shop.value("SELECT max(id) FROM message WHERE contact_id = :id", id=contact_id)
    await shop.wrote("ada")
    await shop.work()
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await mark_read(db, shop.world.agent.id, contact_id, int(first))
    assert await shop.told(shop.world.agent) == [("message_unassigned", 2)]


@pytest.mark.behaviour(241)
async def test_who_has_the_thread_open_is_not_told_of_what_they_see_come(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    newest = await shop.value("SELECT max(id) FROM message WHERE contact_id = :id", id=contact_id)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await mark_read(db, shop.world.agent.id, contact_id, int(newest))
    await shop.work()
    assert await shop.told(shop.world.agent) == []
    assert await shop.told(shop.world.owner) == [("message_unassigned", 1)]


async def test_a_message_is_told_only_after_there_was_time_to_read_it(shop: Shop) -> None:
    await shop.wrote("ada")
    await work_orders(shop.installation, (shop.world.workspace_id, 0))
    assert await shop.told(shop.world.owner) == []
    assert len(await shop.orders()) == 1


@pytest.mark.behaviour(242)
async def test_the_blocked_notify_nobody(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.change("UPDATE contact SET blocked_at = now() WHERE id = :id", id=contact_id)
    await shop.work()  # blocked between the message and its telling
    await shop.wrote("ada")
    assert await shop.orders() == []
    assert await shop.rows("SELECT * FROM notification") == []


async def test_what_opens_no_conversation_is_told_to_nobody(shop: Shop) -> None:
    await shop.take(ContactChanged("ada", NOON, Profile(first_name="Ada"), happened="followed"))
    await shop.take(MessageReceived("ada", "welcome", Text(text="hi"), NOON, Profile(), opens=False))
    await shop.work()
    assert await shop.rows("SELECT * FROM notification") == []


@pytest.mark.behaviour(243)
async def test_nobody_is_told_of_a_contact_whom_they_do_not_see(shop: Shop) -> None:
    await shop.restrict(shop.world.agent, "contacts_assigned_to_me")
    contact_id = await shop.wrote("ada")
    await shop.happens("mention", contact_id, to=[shop.world.agent.id, shop.world.manager.id], by=shop.world.owner.id)
    await shop.work()
    assert await shop.told(shop.world.agent) == []
    assert sorted(await shop.told(shop.world.manager)) == [("mention", 1), ("message_unassigned", 1)]


@pytest.mark.behaviour(243)
async def test_an_agent_of_a_team_is_told_of_what_its_members_have(shop: Shop) -> None:
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        team_id = (
            await db.execute(text("INSERT INTO team (name, description, created_at) VALUES ('A', '', now()) RETURNING id"))
        ).scalar_one()
    await shop.restrict(shop.world.agent, "contacts_assigned_to_team", team_id=team_id)
    mine, theirs = await shop.wrote("ada"), await shop.wrote("bo")
    await shop.change("UPDATE member SET team_id = :t WHERE id = :m", t=team_id, m=shop.world.manager.id)
    await shop.assign(mine, shop.world.manager)
    await shop.assign(theirs, shop.world.owner)
    for contact_id in (mine, theirs):
        await shop.happens("snooze_ended", contact_id, to=[shop.world.agent.id])
    await shop.work()
    seen = await shop.rows("SELECT contact_id FROM notification WHERE member_id = :id", id=shop.world.agent.id)
    assert seen == [(mine,)]


async def test_nobody_is_told_of_what_they_did_themselves(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.happens("assigned", contact_id, to=[shop.world.agent.id], by=shop.world.agent.id)
    await shop.happens("assigned", contact_id, to=[shop.world.manager.id], by=shop.world.agent.id)
    await shop.work()
    assert ("assigned", 1) not in await shop.told(shop.world.agent)
    assert ("assigned", 1) in await shop.told(shop.world.manager)


async def test_who_was_removed_is_told_nothing(shop: Shop) -> None:
    await shop.wrote("ada")
    await shop.change("UPDATE member SET removed_at = now() WHERE id = :id", id=shop.world.agent.id)
    await shop.work()
    assert await shop.told(shop.world.agent) == []


async def test_a_broken_channel_is_told_to_those_who_can_mend_it(shop: Shop) -> None:
    await shop.happens("channel_broken", None, to=None, subject_id=shop.channel_id)
    await shop.work()
    assert [await shop.told(member) for member in shop.everybody] == [[("channel_broken", 1)], [("channel_broken", 1)], []]


async def test_what_could_not_be_sent_goes_back_to_whoever_wrote_it_once_for_each_contact(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.work()
    await shop.change("DELETE FROM notification")
    insert = text(
        "INSERT INTO message (contact_id, channel_id, traffic, kind, body, words, source, sender_id, status, reactions, sent_at,"
        " created_at)"
        " SELECT :c, :ch, 'outgoing', 'text', '{}', 'w', s, :m, 'sent', '{}', now(), now() FROM unnest(CAST(:sources AS text[])) AS n(s)"
        " RETURNING id"
    )
    values = {"c": contact_id, "ch": shop.channel_id, "m": shop.world.agent.id, "sources": ["user", "user", "broadcast"]}
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        ids = (await db.execute(insert, values)).scalars().all()
        await raise_statuses(db, [(id_, "failed", now(), "No such number.") for id_ in ids])
    await shop.work()
    assert await shop.told(shop.world.agent) == [("send_failed", 2)]
    assert await shop.told(shop.world.owner) == []


async def test_a_contact_that_is_erased_meanwhile_holds_the_others_up_in_nothing(shop: Shop) -> None:
    gone, stays = await shop.wrote("ada"), await shop.wrote("bo")
    await shop.happens("assigned", gone, to=[shop.world.agent.id])
    await shop.change("DELETE FROM contact WHERE id = :id", id=gone)
    await shop.work()
    assert await shop.rows("SELECT DISTINCT contact_id FROM notification") == [(stays,)]
    assert await shop.orders() == []


async def test_an_order_that_nobody_understands_holds_the_others_up_in_nothing(shop: Shop) -> None:
    await shop.change("INSERT INTO outbox (kind, payload, due_at) VALUES ('notify', '{\"nonsense\": 1}', now())")
    await shop.change("INSERT INTO outbox (kind, payload, due_at) VALUES ('digest', '{\"nonsense\": 1}', now())")
    await shop.happens("of_a_later_version", None, to=None)
    await shop.wrote("ada")
    await shop.work()
    assert await shop.told(shop.world.owner) == [("message_unassigned", 1)]
    assert await shop.orders() == []


async def test_each_member_is_told_once_however_much_happened(shop: Shop) -> None:
    for name in ("ada", "bo", "cleo"):
        await shop.wrote(name)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        payloads = (await db.execute(text("DELETE FROM outbox WHERE kind = 'notify' RETURNING payload"))).scalars().all()
        await carry_out(db, [ORDER.validate_python(payload) for payload in payloads])
        told = [change["member_id"] for change in db.changes if change["kind"] == "tell"]
    assert len(payloads) == 3
    assert told == [None]


async def test_a_word_to_everybody_is_one_and_whoever_wants_a_sound_gets_theirs(shop: Shop) -> None:
    agent = shop.world.agent
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await choose(db, agent.id, {**DEFAULTS, "message_unassigned": frozenset({"app", "sound"})})
    await shop.wrote("ada")
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        (payload,) = (await db.execute(text("DELETE FROM outbox WHERE kind = 'notify' RETURNING payload"))).scalars().all()
        await carry_out(db, [ORDER.validate_python(payload)])
        told = [(change["member_id"], change["sound"]) for change in db.changes if change["kind"] == "tell"]
    assert told == [(None, False), (agent.id, True)]


@pytest.mark.behaviour(240)
async def test_what_comes_after_a_member_read_the_line_of_all_is_counted_for_them_from_there(shop: Shop) -> None:
    await shop.wrote("ada")
    await shop.wrote("ada")
    await shop.work()
    await shop.settle(read_all, shop.world.agent)
    assert await shop.told(shop.world.agent) == []
    await shop.wrote("ada")
    await shop.work()
    assert await shop.told(shop.world.agent) == [("message_unassigned", 1)]
    assert await shop.told(shop.world.owner) == [("message_unassigned", 3)]


@pytest.mark.behaviour(240)
async def test_messages_of_nobodys_contact_are_over_for_all_once_somebody_has_it(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.work()
    await shop.assign(contact_id, shop.world.agent)
    assert [await shop.told(member) for member in shop.everybody] == [[], [], []]
    await shop.assign(contact_id, None)
    await shop.wrote("ada")
    await shop.work()
    assert [await shop.told(member) for member in shop.everybody] == [[("message_unassigned", 2)]] * 3
    await shop.assign(contact_id, shop.world.agent)
    await shop.wrote("bo")
    await shop.work()
    await shop.assign(contact_id, None)
    await shop.wrote("ada")
    await shop.work()
    assert sorted(await shop.told(shop.world.owner)) == [("message_unassigned", 1)] * 2


async def test_a_new_member_is_not_told_of_what_came_before(shop: Shop) -> None:
    await shop.wrote("ada")
    await shop.work()
    await shop.change("UPDATE member SET created_at = :at WHERE id = :id", at=now() + timedelta(hours=1), id=shop.world.agent.id)
    assert await shop.told(shop.world.agent) == []
    assert await shop.told(shop.world.owner) == [("message_unassigned", 1)]


def test_every_kind_can_be_told_somewhere() -> None:
    assert all(kind.surfaces for kind in KINDS.values())


@pytest.mark.parametrize(("seconds", "state", "told"), [(60, DONE, 1), (60, FAILED, 1), (60, CANCELLED, 0), (2, DONE, 0)])
async def test_whoever_started_a_long_job_is_told_when_it_is_over(shop: Shop, seconds: int, state: str, told: int) -> None:
    began = now() - timedelta(seconds=seconds)
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        job = Job(kind="export", state="running", attempt=1, created_by_id=shop.world.manager.id, created_at=began, started_at=began)
        db.add(job)
        await db.flush()
    await Running(shop.installation, shop.world.workspace_id, job.id, 1).finish(state)
    await shop.work()
    assert await shop.told(shop.world.manager) == [("job_done", 1)] * told


async def test_lines_of_all_about_contacts_that_are_merged_are_one(shop: Shop) -> None:
    one, other = await shop.wrote("ada"), await shop.wrote("ada-on-phone")
    await shop.work()
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await merge(db, one, other, by=None)
    assert await shop.told(shop.world.owner) == [("message_unassigned", 1)]
    await shop.wrote("ada-on-phone")
    await shop.work()
    assert await shop.told(shop.world.owner) == [("message_unassigned", 2)]


@pytest.mark.behaviour(240)
async def test_lines_of_all_that_lie_far_back_are_settled_at_night(shop: Shop) -> None:
    contact_id = await shop.wrote("ada")
    await shop.work()
    await line_up(shop, NEWEST)
    await shop.assign(contact_id, shop.world.agent)
    await shop.wrote("bo")
    await shop.work()
    unread = "SELECT count(*) FROM notification WHERE read_at IS NULL AND contact_id = :id"
    assert await shop.value(unread, id=contact_id) == 1
    await tidy_notifications(shop.installation)
    assert await shop.value(unread, id=contact_id) == 0
    assert await shop.value("SELECT count(*) FROM notification WHERE read_at IS NULL") == NEWEST + 1


async def test_settling_looks_once_at_the_contact_of_each_line_however_new_the_workspace_is(shop: Shop) -> None:
    """Nobody has told the planner yet that there are so many: it must not compare each line with each contact."""
    await line_up(shop, 2 * NEWEST)
    (plan,) = await shop.rows(f"EXPLAIN (ANALYZE, FORMAT JSON) {TAKEN}", most=NEWEST)
    assert 2 * NEWEST <= sum(looked_at(plan[0][0]["Plan"])) < 12 * NEWEST


def looked_at(node: dict[str, Any]) -> Iterator[float]:
    """How many rows each part of a plan met."""
    rows = sum(value for name, value in node.items() if name == "Actual Rows" or name.startswith("Rows Removed"))
    yield rows * node["Actual Loops"]
    for part in node.get("Plans", ()):
        yield from looked_at(part)


async def line_up(shop: Shop, lines: int) -> None:
    """So many contacts that are nobody's, each with a line of which nobody knows yet."""
    await shop.change(
        "WITH there AS (INSERT INTO contact (first_name, status, opened_at, created_at, created_source)"
        " SELECT 'P' || n, 'open', now(), now(), 'user' FROM generate_series(1, :lines) AS n RETURNING id)"
        " INSERT INTO notification (kind, contact_id, subject_id, details, folds, count, in_app, at)"
        " SELECT 'message_unassigned', id, id, '{}', TRUE, 1, TRUE, now() FROM there",
        lines=lines,
    )
