"""Many conversations of a list changed at once, and back; and all that a list shows, by a job."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.background.model import Job
from ismessenger.contacts.bulk import Change
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.conversations.bulk import AT_ONCE, Everything, change_at_once, start_inbox_bulk, take_it_back
from ismessenger.jobs.long import work_job
from ismessenger.kit.clock import now
from tests.conftest import World

UNTIL = (now() + timedelta(days=1)).isoformat()


async def people(world: World, number: int) -> list[int]:
    """Contacts with an open conversation each."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        made = text(
            "WITH made AS (INSERT INTO contact"
            " (first_name, status, opened_at, created_at, created_source, last_message_at, last_incoming_id)"
            " SELECT 'P' || n, 'open', now(), now(), 'contact', now() - n * interval '1 second', n FROM generate_series(1, :n) AS n"
            " RETURNING id), opened AS (INSERT INTO conversation (contact_id, opened_at, opened_source, contact_type)"
            " SELECT id, now(), 'contact', 'new' FROM made) SELECT id FROM made ORDER BY id"
        )
        return list((await db.execute(made, {"n": number})).scalars())


async def change(world: World, what: Change, ids: Sequence[int], by: Member | None = None) -> tuple[list[int], dict[str, str]]:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        done = await change_at_once(db, by or world.agent, what, ids)
    return list(done.contact_ids), dict(done.undo)


async def back(world: World, undo: dict[str, str], by: Member | None = None) -> list[int]:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        return sorted(await take_it_back(db, by or world.agent, undo))


async def states(world: World, column: str = "status") -> list[object]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return list((await db.execute(text(f"SELECT {column} FROM contact ORDER BY id"))).scalars())


async def set_back(world: World, statement: str, **values: object) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text(statement), values)


@pytest.mark.behaviour(202)
async def test_an_assignment_of_several_goes_back_to_whoever_had_each(world: World) -> None:
    ids = await people(world, 4)
    await set_back(world, "UPDATE contact SET assignee_id = :m WHERE id = :c", m=world.manager.id, c=ids[1])
    changed, undo = await change(world, Change("assign", member_id=world.agent.id), ids)
    assert sorted(changed) == ids
    # One of them is handed on meanwhile: it stays where it is.
    await set_back(world, "UPDATE contact SET assignee_id = :m WHERE id = :c", m=world.owner.id, c=ids[3])
    assert await back(world, undo) == ids[:3]
    assert await states(world, "assignee_id") == [None, world.manager.id, None, world.owner.id]


@pytest.mark.behaviour(202)
async def test_closing_several_is_taken_back_as_if_nothing_had_been(world: World) -> None:
    ids = await people(world, 3)
    changed, undo = await change(world, Change("close", summary="All the same"), ids)
    assert (sorted(changed), await states(world)) == (ids, ["closed"] * 3)
    assert await back(world, undo) == ids
    assert await states(world) == ["open"] * 3
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert (await db.execute(text("SELECT count(*), count(closed_at), count(summary) FROM conversation"))).one() == (3, 0, 0)


@pytest.mark.behaviour(202)
async def test_what_was_snoozed_before_stays_so_when_a_snooze_is_taken_back(world: World) -> None:
    ids = await people(world, 3)
    await change(world, Change("snooze", until=UNTIL), ids[:1])
    changed, undo = await change(world, Change("snooze", until=(now() + timedelta(days=2)).isoformat()), ids)
    assert sorted(changed) == ids
    assert await back(world, undo) == ids[1:]
    assert await states(world) == ["snoozed", "open", "open"]
    assert (await change(world, Change("wake"), ids))[0] == ids[:1]


async def test_only_what_the_member_sees_is_changed(world: World) -> None:
    ids = await people(world, 2)
    await set_back(world, "UPDATE contact SET assignee_id = :m WHERE id = :c", m=world.agent.id, c=ids[0])
    world.agent.restrictions = [ONLY_MINE]
    assert (await change(world, Change("close"), ids))[0] == ids[:1]
    assert await back(world, {"action": "assign", "from": "", "to": f"{ids[1]}:{world.agent.id}"}) == []
    assert await states(world) == ["closed", "open"]


async def test_several_are_unread_for_the_one_who_says_so(world: World) -> None:
    ids = await people(world, 2)
    await set_back(world, "INSERT INTO read_mark (member_id, contact_id, message_id) SELECT :m, id, 9 FROM contact", m=world.agent.id)
    await change(world, Change("unread"), ids)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert list((await db.execute(text("SELECT message_id FROM read_mark ORDER BY contact_id"))).scalars()) == [0, 1]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (Change("nonsense"), "no such action"),
        (Change("block"), "no such action"),
        (Change("assign"), "Choose whom"),
        (Change("tag"), "tags"),
        (Change("snooze"), "until when"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_words(world: World, what: Change, words: str) -> None:
    with pytest.raises(Refused, match=words):
        await change(world, what, await people(world, 1))


async def test_too_many_at_once_are_for_a_job(world: World) -> None:
    with pytest.raises(Refused, match=f"at most {AT_ONCE}"):
        await change(world, Change("close"), range(1, AT_ONCE + 2))
    with pytest.raises(Refused, match="no way back"):
        await back(world, {"action": "tag", "ids": "1"})


async def job_of(world: World, what: Change, everything: Everything) -> Job:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        job = await start_inbox_bulk(db, world.agent, what, everything)
    await work_job(world.installation, (world.workspace_id, job.id))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        done: Job = await db.get_one(Job, (world.workspace_id, job.id))
        return done


@pytest.mark.behaviour(203)
async def test_all_that_a_list_shows_is_changed_by_a_job(world: World) -> None:
    ids = await people(world, 450)
    await set_back(world, "UPDATE contact SET assignee_id = :m WHERE id % 2 = 0", m=world.agent.id)
    await set_back(world, "UPDATE contact SET preview_traffic = 'incoming' WHERE id % 4 = 0")
    mine = [id_ for id_ in ids if id_ % 4 == 0]
    done = await job_of(world, Change("close"), Everything("mine", unreplied=True))
    assert (done.state, done.done, done.counts["changed"]) == ("done", len(mine), len(mine))
    assert [id_ for id_, status in zip(ids, await states(world), strict=True) if status == "closed"] == mine


@pytest.mark.behaviour(203)
async def test_a_job_on_an_inbox_that_is_gone_fails_in_words(world: World) -> None:
    with pytest.raises(NotThere):
        await job_of(world, Change("close"), Everything("custom-9"))
    with pytest.raises(Refused):
        await job_of(world, Change("unread"), Everything("mine"))
