"""Deleting and merging: contacts first, at once where they are few, else in slices of a job."""

import asyncio

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.background.model import Job
from ismessenger.contacts import retire
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.lifecycle import enable_lifecycle, stage_by_name, stages
from ismessenger.contacts.mark import tag_contacts
from ismessenger.contacts.mentions import Mentions, mentions
from ismessenger.contacts.model import Contact, Segment
from ismessenger.contacts.retire import delete_stage, delete_tag, merge_tags
from ismessenger.contacts.tags import TagDraft, add_tag, tags
from ismessenger.conversations.model import CustomInbox
from ismessenger.jobs.long import work_job
from tests.conftest import World


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three contacts are many."""
    monkeypatch.setattr(retire, "AT_ONCE", 2)
    monkeypatch.setattr(retire, "SLICE", 2)


async def tagged(world: World, number: int) -> tuple[int, int, list[int]]:
    """Two tags and contacts with the first."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        old, new = await add_tag(db, TagDraft("old")), await add_tag(db, TagDraft("new"))
        contacts = [Contact(first_name=f"C{index}") for index in range(number)]
        db.add_all(contacts)
        await db.flush()
        ids = [contact.id for contact in contacts]
        await tag_contacts(db, ids, add=[old.id])
        return old.id, new.id, ids


async def tags_of(world: World) -> list[list[int]]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return list((await db.execute(select(col(Contact.tag_ids)).order_by(col(Contact.id)))).scalars())


async def work(world: World, job: Job | None) -> Job:
    assert job is not None
    await work_job(world.installation, (world.workspace_id, job.id))
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return (await db.execute(select(Job).where(col(Job.id) == job.id))).scalar_one()


async def test_a_tag_that_few_have_is_deleted_at_once(world: World) -> None:
    old, _new, _ids = await tagged(world, 2)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        assert await delete_tag(db, old, by=world.owner.id) is None
        assert [tag.name for tag in await tags(db)] == ["new"]
    assert await tags_of(world) == [[], []]


async def test_a_tag_that_many_have_is_deleted_by_a_job(world: World, many: None) -> None:
    old, _new, _ids = await tagged(world, 3)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        job = await delete_tag(db, old, by=world.owner.id)
    done = await work(world, job)
    assert (done.state, done.done, done.total) == ("done", 3, 3)
    assert await tags_of(world) == [[], [], []]
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert [tag.name for tag in await tags(db)] == ["new"]


@pytest.mark.behaviour(166)
async def test_a_merged_tag_passes_its_contacts_and_segments_on(world: World, many: None) -> None:
    old, new, ids = await tagged(world, 3)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await tag_contacts(db, ids[:1], add=[new])
        leaf = {"category": "contactTag", "operator": "hasAnyOf", "value": [old, new]}
        db.add(Segment(name="Old ones", condition={"$and": [{"$or": [leaf]}]}))
        db.add(Segment(name="Others", condition={"$and": []}))
        db.add(CustomInbox(owner_id=world.agent.id, name="Agent's", condition={"$and": [leaf]}))
        db.add(CustomInbox(owner_id=world.agent.id, name="Shared", condition={"$and": [leaf]}, sharing="public"))
        await db.flush()
        assert await mentions(db, world.owner, "contactTag", old) == Mentions(["Old ones"], ["Shared"], 1)
        assert await mentions(db, world.agent, "contactTag", old) == Mentions(["Old ones"], ["Agent's", "Shared"])
        job = await merge_tags(db, old, new, by=world.owner.id)
    await work(world, job)
    assert await tags_of(world) == [[new], [new], [new]]
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert await mentions(db, world.owner, "contactTag", old) == Mentions([], [])
        assert (await mentions(db, world.owner, "contactTag", new)).private == 1
        segment = (await db.execute(select(Segment).where(col(Segment.name) == "Old ones"))).scalar_one()
        assert segment.condition["$and"][0]["$or"][0]["value"] == [new]


async def test_a_tag_is_not_merged_into_itself_nor_into_one_that_is_not_there(world: World) -> None:
    old, _new, _ids = await tagged(world, 1)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(Refused, match="into another"):
            await merge_tags(db, old, old, by=None)
        with pytest.raises(NotThere):
            await merge_tags(db, old, 10**15, by=None)


async def test_a_tag_that_is_gone_is_put_on_nobody(world: World) -> None:
    old, new, ids = await tagged(world, 1)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await delete_tag(db, old, by=None)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        assert await tag_contacts(db, ids, add=[old]) == []
        assert await tag_contacts(db, ids, add=[old, new]) == ids
    assert await tags_of(world) == [[new]]


@pytest.mark.behaviour(166)
async def test_contacts_leave_a_stage_that_is_deleted_with_an_event_each(world: World, many: None) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
        hot, first = await stage_by_name(db, "Hot Lead"), await stage_by_name(db, "New Lead")
        db.add_all([Contact(first_name=f"C{number}", lifecycle_id=hot.id) for number in range(3)])
        await db.flush()
        with pytest.raises(Refused, match="New contacts begin in New Lead"):
            await delete_stage(db, first.id, by=None)
        job = await delete_stage(db, hot.id, by=world.owner.id)
    await work(world, job)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert "Hot Lead" not in [stage.name for stage in await stages(db)]
        assert (await db.execute(text("SELECT count(*) FROM contact WHERE lifecycle_id IS NOT NULL"))).scalar_one() == 0
        assert (await db.execute(text("SELECT count(*) FROM event WHERE kind = 'lifecycle.updated'"))).scalar_one() == 3


async def test_a_tag_that_is_put_on_somebody_while_it_is_deleted_stays_on_nobody(world: World) -> None:
    old, _new, ids = await tagged(world, 1)
    tenancy = world.installation.tenancy

    async def deleted() -> None:
        async with tenancy.workspace(world.workspace_id) as db:
            await delete_tag(db, old, by=None)

    async with tenancy.workspace(world.workspace_id) as db:
        late = Contact(first_name="Late")
        db.add(late)
        await db.flush()
        assert await tag_contacts(db, [late.id], add=[old]) == [late.id]
        deleting = asyncio.create_task(deleted())
        await asyncio.sleep(0.2)
        assert not deleting.done()
    await deleting
    assert await tags_of(world) == [[], []]
    assert len(ids) == 1
