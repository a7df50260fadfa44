"""Many at once are left as one by one."""

from typing import Any

from sqlalchemy import text

from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.model import Contact
from ismessenger.conversations.assign import assign
from ismessenger.conversations.close import close, reopen
from ismessenger.conversations.many import assign_contacts, close_contacts
from ismessenger.kit.clock import now, stopped
from ismessenger.tenancy.doors import WriteSession
from tests.conftest import World

LEFT_OUT = "'{id,workspace_id,contact_id,conversation_id,first_name}'::text[]"
ROWS = {
    "contact": f"SELECT to_jsonb(t) - {LEFT_OUT} FROM contact t WHERE id = ANY(:ids)",
    "conversation": f"SELECT to_jsonb(t) - {LEFT_OUT} FROM conversation t WHERE contact_id = ANY(:ids)",
    "event": f"SELECT jsonb_build_object('in', conversation_id IS NOT NULL) || to_jsonb(t) - {LEFT_OUT} FROM event t"
    " WHERE contact_id = ANY(:ids)",
}


async def three(db: WriteSession, world: World) -> list[int]:
    """One that is open, one that is closed, one that is open and assigned."""
    made = [Contact(first_name=name) for name in "abc"]
    for contact in made:
        db.add(contact)
        await db.flush()
    for contact in (made[0], made[2]):
        await reopen(db, contact, by=world.owner.id)
    await assign(db, made[2], to=world.owner, actor="user", by=world.owner.id)
    return [contact.id for contact in made]


async def rows(db: WriteSession, ids: list[int]) -> dict[str, list[Any]]:
    await db.flush()
    return {name: sorted((await db.execute(text(query), {"ids": ids})).scalars(), key=str) for name, query in ROWS.items()}


async def test_many_are_assigned_unassigned_and_closed_as_one_by_one(world: World) -> None:
    with stopped(now()):
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            single, many = await three(db, world), await three(db, world)
            for to in (world.agent, None, world.agent):
                for id_ in single:
                    await assign(db, await lock_contact(db, id_), to=to, actor="user", by=world.owner.id)
                assert sorted(await assign_contacts(db, many, to=to, by=world.owner.id)) == many
                assert await rows(db, many) == await rows(db, single)
            assert await assign_contacts(db, many, to=world.agent, by=world.owner.id) == []
            for id_ in single:
                await close(db, await lock_contact(db, id_), by=world.owner.id)
            assert sorted(await close_contacts(db, many, by=world.owner.id)) == [many[0], many[2]]
            assert await rows(db, many) == await rows(db, single)
