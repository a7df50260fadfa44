"""One change to many contacts: what each does, to whom, and for whom."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import col

from ismessenger.accounts.members import MemberNotFound
from ismessenger.background.job import LEASE, job_named
from ismessenger.background.model import Job
from ismessenger.conditions.tree import Group, Leaf
from ismessenger.contacts import bulk
from ismessenger.contacts.bulk import ACTIONS, Change, start_bulk
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.model import Contact, LifecycleStage, Tag
from ismessenger.contacts.select import Selection
from ismessenger.conversations.model import TimelineEvent
from ismessenger.jobs.long import work_job
from ismessenger.kit.clock import shifted
from tests.conftest import World
from tests.taken_back import taken_back


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SLICE", 2)


@pytest.fixture
async def people(world: World) -> list[int]:
    """Five contacts, Ada to Eve."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        made = [Contact(first_name=name) for name in ("Ada", "Bo", "Cleo", "Dee", "Eve")]
        for contact in made:
            db.add(contact)
            await db.flush()
        return [contact.id for contact in made]


async def named_row(world: World, row: Any) -> int:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add(row)
        await db.flush()
        return int(row.id)


async def do(world: World, action: str, selection: Selection, **values: Any) -> Job:
    """Start it as the owner and work it to its end."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        job_id = (await start_bulk(db, world.owner, Change(action, **values), selection)).id
    await work_job(world.installation, (world.workspace_id, job_id))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return await job_named(db, job_id)


async def having(world: World, condition: str) -> list[str]:
    """First names of the contacts for which it holds."""
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        query = f"SELECT first_name FROM contact WHERE {condition} ORDER BY id"
        return list((await db.execute(text(query))).scalars())


async def told(world: World) -> list[str]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return list((await db.execute(select(col(TimelineEvent.kind)).order_by(col(TimelineEvent.id)))).scalars())


async def test_assigning_hands_the_chosen_over_and_leaves_the_rest(world: World, people: Sequence[int]) -> None:
    chosen = Selection(ids=people[:3])
    job = await do(world, "assign", chosen, member_id=world.agent.id)
    assert (job.state, job.done, job.total, job.counts) == ("done", 3, 3, {"changed": 3, "unchanged": 0})
    assert await having(world, f"assignee_id = {world.agent.id}") == ["Ada", "Bo", "Cleo"]
    assert (await do(world, "assign", chosen, member_id=world.agent.id)).counts == {"changed": 0, "unchanged": 3}
    assert (await do(world, "unassign", Selection(ids=people))).counts == {"changed": 3, "unchanged": 2}
    assert await having(world, "assignee_id IS NOT NULL") == []
    assert await told(world) == ["contact.assigned"] * 3 + ["contact.unassigned"] * 3


async def test_tags_and_stages_are_set_and_taken_away(world: World, people: Sequence[int]) -> None:
    tag, stage = await named_row(world, Tag(name="VIP")), await named_row(world, LifecycleStage(name="Hot"))
    assert (await do(world, "tag", Selection(ids=people), tag_ids=[tag])).counts["changed"] == 5
    assert (await do(world, "untag", Selection(ids=people[:1]), tag_ids=[tag])).counts["changed"] == 1
    assert await having(world, "tag_ids = '{}'") == ["Ada"]
    assert (await do(world, "stage", Selection(ids=people[1:]), stage_id=stage)).counts["changed"] == 4
    assert (await do(world, "stage", Selection(ids=people[:2]))).counts == {"changed": 1, "unchanged": 1}
    assert await having(world, "lifecycle_id IS NULL") == ["Ada", "Bo"]


async def test_opening_and_closing_pass_over_the_blocked(world: World, people: Sequence[int]) -> None:
    everybody = Selection(ids=people)
    assert (await do(world, "block", Selection(ids=people[:1]))).counts["changed"] == 1
    assert (await do(world, "open", everybody)).counts == {"changed": 4, "unchanged": 1}
    assert await having(world, "status = 'open'") == ["Bo", "Cleo", "Dee", "Eve"]
    assert (await do(world, "block", Selection(ids=people[1:2]))).counts["changed"] == 1
    assert (await do(world, "close", everybody)).counts == {"changed": 3, "unchanged": 2}
    assert await having(world, "status = 'open'") == ["Bo"]
    assert (await do(world, "unblock", everybody)).counts["changed"] == 2


async def test_deleting_erases_them(world: World, people: Sequence[int]) -> None:
    assert (await do(world, "delete", Selection(ids=people[1:]))).counts == {"deleted": 4, "unchanged": 0}
    assert await having(world, "true") == ["Ada"]


@pytest.mark.behaviour(180)
async def test_all_that_match_are_changed_once_even_where_the_change_ends_the_match(world: World, people: Sequence[int]) -> None:
    tag = await named_row(world, Tag(name="VIP"))
    untagged = Group(items=(Leaf(category="contactTag", operator="hasNoneOf", value=(tag,)),))
    job = await do(world, "tag", Selection(condition=untagged), tag_ids=[tag])
    assert (job.total, job.done, job.counts) == (5, 5, {"changed": 5, "unchanged": 0})
    job = await do(world, "untag", Selection(words="dee"), tag_ids=[tag])
    assert (job.total, job.counts["changed"]) == (1, 1)
    assert await having(world, "tag_ids = '{}'") == ["Dee"]


async def test_who_becomes_a_contact_after_the_start_is_not_meant(
    world: World, people: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tag_and_make(db: Any, ids: Sequence[int], change: Change, by: int) -> Sequence[int]:
        db.add(Contact(first_name="Late"))
        return await ACTIONS["tag"](db, ids, change, by)

    tag = await named_row(world, Tag(name="VIP"))
    monkeypatch.setattr(bulk, "ACTIONS", {**ACTIONS, "tag": tag_and_make})
    assert (await do(world, "tag", Selection(), tag_ids=[tag])).done == 5
    assert set(await having(world, "tag_ids = '{}'")) == {"Late"}


@pytest.mark.behaviour(180)
async def test_a_change_that_is_broken_off_goes_on_where_it_stood(
    world: World, people: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[list[int]] = []

    async def breaks(db: Any, ids: Sequence[int], change: Change, by: int) -> Sequence[int]:
        pieces.append(list(ids))
        changed = await ACTIONS["tag"](db, ids, change, by)
        if len(pieces) == 2:
            raise OperationalError("", {}, OSError("the server went away"))
        return changed

    tag = await named_row(world, Tag(name="VIP"))
    monkeypatch.setattr(bulk, "ACTIONS", {**ACTIONS, "tag": breaks})
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        job_id = (await start_bulk(db, world.owner, Change("tag", tag_ids=[tag]), Selection(ids=people))).id
    with pytest.raises(OperationalError):
        await work_job(world.installation, (world.workspace_id, job_id))
    assert await having(world, "tag_ids <> '{}'") == ["Ada", "Bo"]
    with shifted(LEASE + timedelta(seconds=1)):
        await work_job(world.installation, (world.workspace_id, job_id))
    assert pieces == [list(people[:2]), list(people[2:4]), list(people[2:4]), list(people[4:])]
    assert await told(world) == ["tag.added"] * 5


async def test_a_job_ends_in_words_when_who_asked_or_what_it_needs_is_gone(world: World, people: Sequence[int]) -> None:
    for damage, words in (
        ("UPDATE member SET removed_at = now() WHERE id = :agent", "no such member"),
        ("UPDATE member SET role = 'agent' WHERE id = :owner", "is not allowed to do it any more"),
        ("UPDATE member SET removed_at = now() WHERE id = :owner", "does not work here any more"),
    ):
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            await db.execute(text("UPDATE member SET removed_at = NULL, role = CASE id WHEN :owner THEN 'owner' ELSE role END"), ids(world))
            job_id = (await start_bulk(db, world.owner, Change("assign", member_id=world.agent.id), Selection(ids=people))).id
            await db.execute(text(damage), {key: value for key, value in ids(world).items() if f":{key}" in damage})
        await work_job(world.installation, (world.workspace_id, job_id))
        async with world.installation.tenancy.reading(world.workspace_id) as db:
            job = await job_named(db, job_id)
        assert job.state == "failed"
        assert words in job.error
    assert await having(world, "assignee_id IS NOT NULL") == []


def ids(world: World) -> dict[str, int]:
    return {"owner": world.owner.id, "agent": world.agent.id}


async def test_what_cannot_be_done_is_refused_at_once(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        for change, error in (
            (Change("fly"), Refused),
            (Change("assign"), Refused),
            (Change("assign", member_id=999999), MemberNotFound),
            (Change("tag"), Refused),
            (Change("tag", tag_ids=[999999]), NotThere),
            (Change("stage", stage_id=999999), NotThere),
        ):
            with pytest.raises(error):
                await start_bulk(db, world.owner, change, Selection())
        world.manager.restrictions = ["contact_deletion"]
        with pytest.raises(Refused, match="not allowed"):
            await start_bulk(db, world.manager, Change("delete"), Selection())
        assert (await db.execute(select(Job))).first() is None


@pytest.mark.behaviour(418)
async def test_a_piece_that_the_database_took_back_is_done_again_at_once(world: World, people: Sequence[int]) -> None:
    async with taken_back(world, 2, "erasure"):
        job = await do(world, "delete", Selection(ids=people))
    assert (job.state, job.done, job.counts, job.attempt) == ("done", 5, {"deleted": 5, "unchanged": 0}, 1)
    assert await having(world, "true") == []


@pytest.mark.behaviour(418)
async def test_a_piece_that_is_taken_back_again_and_again_waits_for_the_next_attempt(world: World, people: Sequence[int]) -> None:
    async with taken_back(world, 3, "erasure"):
        with pytest.raises(DBAPIError, match="deadlock detected"):
            await do(world, "delete", Selection(ids=people))
    assert await having(world, "true") == ["Ada", "Bo", "Cleo", "Dee", "Eve"]
