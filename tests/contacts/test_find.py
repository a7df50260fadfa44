"""Contacts are found only by those who may see them."""

import pytest
from sqlalchemy import text

from ismessenger.accounts.read import mark_read, read_up_to
from ismessenger.accounts.visibility import ONLY_MINE, assignees_seen, sees
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.contacts.lock import ContactNotFound
from tests.conftest import World


async def contact_of(world: World, assignee_id: int | None) -> int:
    """A new contact of this assignee."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        insert = text(
            "INSERT INTO contact (status, created_at, created_source, assignee_id) VALUES ('open', now(), 'contact', :m) RETURNING id"
        )
        return int((await db.execute(insert, {"m": assignee_id})).scalar_one())


async def test_a_contact_that_the_member_may_not_see_does_not_exist(world: World) -> None:
    mine, other = await contact_of(world, world.agent.id), await contact_of(world, world.owner.id)
    world.agent.restrictions = [ONLY_MINE]
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        assert (await visible_contact(db, world.agent, mine)).id == mine
        assert (await hold_contact(db, world.agent, mine)).id == mine
        for find in (visible_contact, hold_contact):
            with pytest.raises(ContactNotFound):
                await find(db, world.agent, other)
            assert (await find(db, world.owner, other)).id == other


async def test_what_is_held_is_seen_as_it_is_now(world: World) -> None:
    contact_id = await contact_of(world, None)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        before = await visible_contact(db, world.agent, contact_id)
        async with world.installation.tenancy.workspace(world.workspace_id) as other:
            await other.execute(text("UPDATE contact SET assignee_id = :m WHERE id = :c"), {"m": world.owner.id, "c": contact_id})
        assert before.assignee_id is None
        assert (await hold_contact(db, world.agent, contact_id)).assignee_id == world.owner.id


async def test_the_rule_in_memory_is_the_rule_in_the_database(world: World) -> None:
    agent, owner = world.agent, world.owner
    assert assignees_seen(owner) is None
    assert sees(owner, assignee_id=None)
    agent.restrictions = [ONLY_MINE]
    assert assignees_seen(agent) == frozenset({agent.id})
    assert not sees(agent, assignee_id=None)
    agent.restrictions = ["contacts_assigned_to_team"]
    assert sees(agent, assignee_id=owner.id, mates=frozenset({owner.id}))
    assert not sees(agent, assignee_id=None, mates=frozenset({owner.id}))


async def test_a_read_mark_is_moved_forward_and_told(world: World) -> None:
    contact_id = await contact_of(world, None)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await mark_read(db, world.agent.id, contact_id, 7)
        await mark_read(db, world.agent.id, contact_id, 5)
        assert await read_up_to(db, world.agent.id, contact_id) == 7
        assert await read_up_to(db, world.owner.id, contact_id) == 0
        assert [change["message_id"] for change in db.changes] == [7]
