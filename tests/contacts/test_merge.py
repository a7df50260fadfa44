"""Two contacts become one."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.contacts.duplicates import dismiss
from ismessenger.contacts.lock import ContactNotFound, lock_contact
from ismessenger.contacts.merge import MOVED, SETTLED, MergeRefused, merge, successor
from ismessenger.contacts.model import ContactField
from ismessenger.tenancy.schema import workspace_metadata
from tests.messages.conftest import Line, line  # noqa: F401 - a fixture
from tests.messages.test_receive import NOON, rows, take, wrote


@pytest.mark.behaviour(7)
async def test_merging_closes_the_open_conversation_of_the_secondary_and_keeps_every_message(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"), wrote("ada-on-phone", "2", at=NOON + timedelta(minutes=1)))
    primary, secondary = [id_ for (id_,) in await rows(line, "SELECT id FROM contact ORDER BY id")]
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await merge(db, primary, secondary, by=line.world.owner.id)
    assert await rows(line, "SELECT id, preview FROM contact") == [(primary, "hello")]
    assert await rows(line, "SELECT count(*), count(DISTINCT contact_id) FROM message") == [(2, 1)]
    assert await rows(line, "SELECT closed_source FROM conversation ORDER BY closed_at NULLS FIRST") == [(None,), ("merge",)]
    await take(line, wrote("ada-on-phone", "3"))
    assert await rows(line, "SELECT count(*) FROM contact") == [(1,)]


async def test_two_merges_of_the_same_pair_at_once_lose_nothing(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"), wrote("bo", "2"))
    one, other = [id_ for (id_,) in await rows(line, "SELECT id FROM contact ORDER BY id")]

    async def go(primary: int, secondary: int) -> None:
        async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
            await merge(db, primary, secondary, by=None)

    outcomes = await asyncio.gather(go(one, other), go(other, one), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [ContactNotFound]
    assert await rows(line, "SELECT count(*) FROM message") == [(2,)]


async def test_a_contact_cannot_be_merged_with_itself(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"))
    ((contact,),) = await rows(line, "SELECT id FROM contact")
    with pytest.raises(MergeRefused):
        async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
            await merge(db, contact, contact, by=None)
    assert await rows(line, "SELECT count(*) FROM contact") == [(1,)]


async def test_the_preview_is_that_of_the_newest_message(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1", "old"), wrote("bo", "2", "new", at=NOON + timedelta(hours=1)))
    one, other = await rows(line, "SELECT id FROM contact ORDER BY id")
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await merge(db, one[0], other[0], by=None)
        preview = (await db.execute(text("SELECT preview FROM contact"))).scalar_one()
    assert preview == "new"


TALLIED = ("message", "conversation", "event", "contact_channel", "comment")


async def two(line: Line) -> tuple[int, int]:  # noqa: F811
    """Ada and Bo, who wrote once each."""
    await take(line, wrote("ada", "1"), wrote("bo", "2"))
    first, second = [int(str(id_)) for (id_,) in await rows(line, "SELECT id FROM contact ORDER BY id")]
    return first, second


async def joined(line: Line, primary: int, secondary: int, **more: object) -> None:  # noqa: F811
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await merge(db, primary, secondary, by=line.world.owner.id, **more)  # type: ignore[arg-type]


async def change(line: Line, statement: str, **values: object) -> None:  # noqa: F811
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await db.execute(text(statement), values)


def test_no_table_that_names_a_contact_is_forgotten() -> None:
    naming = set()
    for table in workspace_metadata.sorted_tables:
        targets = {key.target_fullname.split(".")[0] for key in table.foreign_keys}
        if "contact" in targets or "contact_id" in table.columns:
            naming.add(table.name)
    # An erasure names somebody who is gone and so can never be merged.
    assert naming - {"erasure"} == {*MOVED, *SETTLED}


async def test_values_are_united_and_the_chosen_ones_win(line: Line) -> None:  # noqa: F811
    first, second = await two(line)
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        size = ContactField(slug="size", name="Size")
        plan = ContactField(slug="plan", name="Plan")
        db.add_all([size, plan])
        await db.flush()
        one, other = await lock_contact(db, first), await lock_contact(db, second)
        one.phone, one.fields, one.tag_ids = "+60123456789", {str(size.id): "S"}, [3, 5]
        other.phone, other.email, other.fields, other.tag_ids = (
            "+60111111111",
            "bo@example.com",
            {str(size.id): "L", str(plan.id): "A"},
            [1, 3],
        )
    await joined(line, first, second, from_second=["phone", str(size.id)])
    ((name, phone, email, fields, tags),) = await rows(line, "SELECT first_name, phone, email, fields, tag_ids FROM contact")
    assert (name, phone, email, tags) == ("Ada", "+60111111111", "bo@example.com", [1, 3, 5])
    assert fields == {str(size.id): "L", str(plan.id): "A"}
    ((lost,),) = await rows(line, "SELECT details->'lost' FROM event WHERE kind = 'contact.merged'")
    assert {(each["key"], each["value"]) for each in lost} == {("firstName", "Bo"), ("phone", "+60123456789"), (str(size.id), "S")}


@pytest.mark.behaviour(190)
async def test_nothing_is_lost_but_the_second_row(line: Line) -> None:  # noqa: F811
    first, second = await two(line)
    before = {table: (await rows(line, f"SELECT count(*) FROM {table}"))[0][0] for table in TALLIED}
    metrics = await rows(line, "SELECT id, incoming_count, opened_at FROM conversation ORDER BY id")
    await joined(line, first, second)
    after = {table: (await rows(line, f"SELECT count(*), count(DISTINCT contact_id) FROM {table}"))[0] for table in TALLIED}
    told = {"event": 2}  # the second one's conversation was closed, and the merge
    assert {table: count for table, (count, _contacts) in after.items()} == {
        name: int(str(n)) + told.get(name, 0) for name, n in before.items()
    }
    assert all(contacts <= 1 for _count, contacts in after.values())
    assert await rows(line, "SELECT id, incoming_count, opened_at FROM conversation ORDER BY id") == metrics


async def test_a_member_to_whom_something_is_new_finds_it_unread(line: Line) -> None:  # noqa: F811
    first, second = await two(line)
    marks = "INSERT INTO read_mark (member_id, contact_id, message_id) SELECT :m, id, last_incoming_id FROM contact WHERE id = ANY(:c)"
    await change(line, marks, m=line.world.agent.id, c=[first, second])
    await change(line, marks, m=line.world.manager.id, c=[second])
    ((newest,),) = await rows(line, "SELECT max(last_incoming_id) FROM contact")
    await joined(line, first, second)
    read: dict[int, int] = dict(await rows(line, f"SELECT member_id, message_id FROM read_mark WHERE contact_id = {first}"))
    assert read == {line.world.agent.id: newest, line.world.manager.id: 0}


async def test_who_was_said_not_to_be_the_second_is_not_the_first_either(line: Line) -> None:  # noqa: F811
    first, second = await two(line)
    await take(line, wrote("cleo", "3"))
    ((third,),) = await rows(line, "SELECT max(id) FROM contact")
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        for one, other in ((second, third), (first, second)):
            await dismiss(db, int(str(one)), int(str(other)), by=None)
    await joined(line, second, first)
    assert await rows(line, "SELECT first_id, second_id FROM merge_dismissal") == [(second, third)]


async def test_an_assignee_comes_along_and_a_blocked_second_one_blocks_nobody(line: Line) -> None:  # noqa: F811
    first, second = await two(line)
    await change(line, "UPDATE contact SET assignee_id = :m, blocked_at = now() WHERE id = :c", m=line.world.agent.id, c=second)
    await joined(line, first, second)
    assert await rows(line, "SELECT assignee_id, blocked_at, status FROM contact") == [(line.world.agent.id, None, "open")]


@pytest.mark.behaviour(190)
async def test_a_link_to_a_merged_contact_leads_on_for_those_who_may_see_it(line: Line) -> None:  # noqa: F811
    first, second = await two(line)
    await take(line, wrote("cleo", "3"))
    ((third,),) = await rows(line, "SELECT max(id) FROM contact")
    await joined(line, second, first)
    await joined(line, int(str(third)), second)
    restricted = line.world.agent.model_copy(update={"restrictions": [ONLY_MINE]})
    async with line.world.installation.tenancy.reading(line.world.workspace_id) as db:
        assert [await successor(db, line.world.agent, id_) for id_ in (first, second)] == [third, third]
        assert await successor(db, restricted, first) is None


@pytest.mark.behaviour(190)
async def test_a_message_that_arrives_during_a_merge_is_not_lost(line: Line) -> None:  # noqa: F811
    first, second = await two(line)
    tenancy = line.world.installation.tenancy
    held, go_on = asyncio.Event(), asyncio.Event()

    async def merging() -> None:
        async with tenancy.workspace(line.world.workspace_id) as db:
            await merge(db, first, second, by=None)
            held.set()
            await go_on.wait()

    async def arriving() -> None:
        await held.wait()
        for number in range(50):
            try:
                return await take(line, wrote("bo", "3", "still here"))
            except IntegrityError:  # the drain comes again
                await asyncio.sleep(0.02 * number)
        raise AssertionError

    async with asyncio.TaskGroup() as group:
        group.create_task(merging())
        group.create_task(arriving())
        await held.wait()
        await asyncio.sleep(0.2)
        go_on.set()
    assert await rows(line, "SELECT contact_id, count(*) FROM message GROUP BY 1") == [(first, 3)]
    assert await rows(line, "SELECT count(*) FROM conversation WHERE closed_at IS NULL") == [(1,)]


@pytest.mark.behaviour(190)
async def test_merges_in_a_ring_at_once_end_with_one_contact_and_every_message(line: Line) -> None:  # noqa: F811
    await take(line, *[wrote(f"p{number}", str(number)) for number in range(6)])
    ids = [int(str(id_)) for (id_,) in await rows(line, "SELECT id FROM contact ORDER BY id")]
    pairs = [(one, other) for one in ids for other in ids if one != other]
    outcomes = await asyncio.gather(*(joined(line, *pair) for pair in pairs), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} <= {type(None), ContactNotFound}
    assert sum(outcome is None for outcome in outcomes) == len(ids) - 1
    assert await rows(line, "SELECT count(*), count(DISTINCT contact_id) FROM message") == [(6, 1)]
