"""Removing a member: who is out, whose contacts become whose, and what a crash or a race leaves over."""

import asyncio

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.accounts.members import MemberNotFound, present_member
from ismessenger.accounts.remove import remove_member
from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.model import Contact
from ismessenger.conversations import unassign
from ismessenger.conversations.assign import assign
from ismessenger.conversations.close import reopen
from ismessenger.conversations.model import TimelineEvent
from ismessenger.conversations.unassign import count_assigned, unassign_all, unassign_removed
from ismessenger.realtime.publish import stream_key
from ismessenger.tenancy.catalog import Membership
from tests.conftest import World


async def contacts(world: World, number: int) -> list[int]:
    """New contacts of the agent."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        rows = [Contact(first_name=f"Contact {index}", assignee_id=world.agent.id) for index in range(number)]
        db.add_all(rows)
        await db.flush()
        return [row.id for row in rows]


async def assignees(world: World) -> list[int | None]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return list((await db.execute(select(col(Contact.assignee_id)).order_by(col(Contact.id)))).scalars())


async def events(world: World) -> list[TimelineEvent]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        statement = select(TimelineEvent).where(col(TimelineEvent.kind) == "contact.unassigned").order_by(col(TimelineEvent.contact_id))
        return list((await db.execute(statement)).scalars())


@pytest.mark.behaviour(132)
async def test_the_contacts_of_a_removed_member_become_unassigned_with_an_event_each(world: World) -> None:
    mine, other = await contacts(world, 2)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await reopen(db, await lock_contact(db, mine), by=world.owner.id)
    await remove_member(world.installation, world.workspace_id, world.agent.id, by=world.owner)
    assert await assignees(world) == [None, None]
    one, two = await events(world)
    assert [one.contact_id, two.contact_id] == [mine, other]
    assert (one.actor_kind, one.actor_id) == ("user", world.owner.id)
    assert one.details == {"from": world.agent.id, "to": None, "to_name": None}
    assert one.conversation_id is not None
    assert two.conversation_id is None


async def test_their_place_is_gone_and_the_organization_keeps_them(world: World) -> None:
    await remove_member(world.installation, world.workspace_id, world.agent.id, by=world.owner)
    async with world.installation.tenancy.catalog() as catalog:
        place = {"account_id": world.agent.account_id, "workspace_id": world.workspace_id}
        assert await catalog.get(Membership, place) is None
        belongs = "SELECT count(*) FROM catalog.organization_member WHERE account_id = :a"
        assert (await catalog.execute(text(belongs), {"a": world.agent.account_id})).scalar_one() == 1


async def test_many_contacts_are_freed_batch_by_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unassign, "BATCH", 3)
    monkeypatch.setattr(unassign, "SHOWN", 2)
    await contacts(world, 7)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert await count_assigned(db, world.agent.id) == 7
        assert await count_assigned(db, world.agent.id, most=4) == 5
    await remove_member(world.installation, world.workspace_id, world.agent.id, by=world.owner)
    assert set(await assignees(world)) == {None}
    assert len(await events(world)) == 7
    told = [entry[b"d"] for _id, entry in await world.installation.redis.xrange(stream_key(world.workspace_id))]
    assert sum(b'"refresh"' in entry for entry in told) == 2
    assert sum(b'"was_assignee"' in entry for entry in told) == 1


async def test_nobody_is_given_a_contact_while_they_are_being_removed(world: World) -> None:
    (contact_id,) = await contacts(world, 1)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact = await lock_contact(db, contact_id)
        await assign(db, contact, to=None, actor="user")
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        agent = await present_member(db, world.agent.id)
        await assign(db, await lock_contact(db, contact_id), to=agent, actor="user")
        removal = asyncio.create_task(remove_member(world.installation, world.workspace_id, world.agent.id, by=world.owner))
        # It waits for us: what we assign it finds.
        while not await _waits(world):
            assert not removal.done()
    await removal
    assert await assignees(world) == [None]
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(MemberNotFound):
            await assign(db, await lock_contact(db, contact_id), to=world.agent, actor="user")


async def _waits(world: World) -> bool:
    """Whether some transaction of this database waits for a lock."""
    async with world.installation.tenancy.catalog() as catalog:
        return bool((await catalog.execute(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))).scalar_one())


async def test_the_nightly_tidying_frees_what_a_crash_left_over(world: World) -> None:
    await contacts(world, 3)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE member SET removed_at = now() WHERE id = :m"), {"m": world.agent.id})
    await unassign_removed(world.installation)
    assert await assignees(world) == [None, None, None]
    assert [event.actor_kind for event in await events(world)] == ["system"] * 3


async def test_whoever_stays_keeps_their_contacts(world: World) -> None:
    await contacts(world, 2)
    await unassign_removed(world.installation)
    await unassign_all(world.installation, world.workspace_id, world.owner.id, by=None)
    assert await assignees(world) == [world.agent.id, world.agent.id]
