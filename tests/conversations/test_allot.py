"""Contacts are given to members by a rule: in turn, to whoever has the least, within limits, and fairly however many give at once."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import is_active
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.allot import allot_many
from ismessenger.conversations.assign import assign
from ismessenger.conversations.queue import Asker, Wanted
from ismessenger.sdk.step import Assign
from tests.conftest import World
from tests.conversations.crew import assignees, crew, people

ASKER = Asker("workflow", 7, "7/s1")


async def give(world: World, contact_ids: Sequence[int], asker: Asker = ASKER, **order: Any) -> Mapping[int, int | None]:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"), {"ids": list(contact_ids)})
        return await allot_many(world.installation, db, Assign.model_validate(order), [Wanted(id_) for id_ in contact_ids], asker)


@pytest.mark.behaviour(302)
async def test_a_round_robin_takes_turns_and_remembers_them(world: World) -> None:
    team_id, mates = await crew(world, 3)
    ids = await people(world, 7)
    given = {**await give(world, ids[:2], pool="team", to=team_id), **await give(world, ids[2:], pool="team", to=team_id)}
    assert [given[id_] for id_ in ids] == [*mates, *mates, mates[0]]
    assert await assignees(world, ids) == given
    # Another step has turns of its own.
    assert await give(world, ids[:1], Asker("workflow", 7, "7/s2"), pool="team", to=team_id) == {ids[0]: mates[0]}


@pytest.mark.behaviour(302)
async def test_the_least_open_gets_the_next_and_ties_go_round(world: World) -> None:
    team_id, (ada, bo, cy) = await crew(world, 3)
    ids = await people(world, 8)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        for contact_id, member_id in ((ids[0], ada), (ids[1], ada), (ids[2], bo)):
            await assign(db, await lock_contact(db, contact_id), to=await db.get_one(Member, (db.workspace_id, member_id)), actor="user")
    given = await give(world, ids[3:], pool="team", to=team_id, logic="least_open")
    assert list(given.values()) == [cy, bo, cy, ada, bo]


async def test_what_is_closed_or_blocked_is_nothing_to_do(world: World) -> None:
    team_id, (ada, bo) = await crew(world, 2)
    ids = await people(world, 3)
    closed = await people(world, 4, status="closed", assignee_id=bo)
    await give(world, ids[:1], pool="member", to=ada)
    assert set((await give(world, [*closed, ids[1]], pool="team", to=team_id, logic="least_open")).values()) == {bo}


@pytest.mark.behaviour(303)
async def test_only_who_is_online_and_below_the_limit_gets_any(world: World) -> None:
    team_id, (ada, bo, cy) = await crew(world, 3)
    ids = await people(world, 6)
    for member_id in (ada, bo):
        await is_active(world.installation, world.workspace_id, member_id, returns=True)
    given = await give(world, ids[:3], pool="team", to=team_id, online_only=True)
    assert list(given.values()) == [ada, bo, ada]
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE member SET status = 'busy' WHERE id = :id"), {"id": ada})
    given = await give(world, ids[3:], pool="team", to=team_id, online_only=True, below=2)
    assert given == {ids[3]: bo}, "the others wait"
    assert await give(world, [ids[4]], Asker("workflow", 8, "8/s1"), pool="member", to=cy) == {ids[4]: cy}


async def test_members_of_other_teams_and_removed_ones_get_nothing(world: World) -> None:
    team_id, (ada, bo) = await crew(world, 2)
    await crew(world, 2)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE member SET removed_at = now(), team_id = NULL WHERE id = :id"), {"id": ada})
    ids = await people(world, 3)
    assert set((await give(world, ids, pool="team", to=team_id)).values()) == {bo}
    with pytest.raises(Refused, match="has left the workspace"):
        await give(world, ids, pool="member", to=ada)
    with pytest.raises(Refused, match="was deleted"):
        await give(world, ids, pool="team", to=team_id + 100)


async def test_the_workspace_is_a_pool_and_nobody_is_one_too(world: World) -> None:
    ids = await people(world, 3)
    assert set((await give(world, ids, pool="workspace")).values()) == {world.owner.id, world.manager.id, world.agent.id}
    assert await give(world, ids, pool="nobody") == dict.fromkeys(ids)
    assert set((await assignees(world, ids)).values()) == {None}


@pytest.mark.behaviour(304)
@pytest.mark.parametrize("logic", ["round_robin", "least_open"])
async def test_eight_at_once_spread_ten_thousand_evenly(world: World, logic: str) -> None:
    team_id, mates = await crew(world, 7)
    ids = await people(world, 10_000)
    batches = [ids[at : at + 125] for at in range(0, len(ids), 125)]

    async def worker() -> None:
        while batches:
            await give(world, batches.pop(), pool="team", to=team_id, logic=logic)

    async with asyncio.TaskGroup() as group:
        for _number in range(8):
            group.create_task(worker())
    spread = Counter((await assignees(world, ids)).values())
    assert set(spread) == set(mates)
    assert max(spread.values()) - min(spread.values()) <= 1


@pytest.mark.behaviour(304)
async def test_no_limit_is_overrun_by_many_steps_at_once(world: World) -> None:
    team_id, mates = await crew(world, 2)
    ids = await people(world, 24)

    async def step(number: int) -> Mapping[int, int | None]:
        asker = Asker("workflow", number, f"{number}/s1")
        return await give(world, ids[number * 3 : number * 3 + 3], asker, pool="team", to=team_id, below=5)

    given = await asyncio.gather(*map(step, range(8)))
    assert Counter(member for each in given for member in each.values()) == dict.fromkeys(mates, 5)


async def test_an_assignment_by_a_workflow_is_told_to_the_member(world: World) -> None:
    (contact_id,) = await people(world, 1)
    # A workflow and a member may have the same number.
    await give(world, [contact_id], Asker("workflow", world.agent.id, "t"), pool="member", to=world.agent.id)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        said = (await db.execute(text("SELECT payload FROM outbox WHERE kind = 'notify'"))).scalars().all()
    assert [(each["to"], each["by"]) for each in said] == [([world.agent.id], None)]
