"""Teams: names, members, and who hears of a change."""

import asyncio

import pytest
from sqlalchemy import text

from ismessenger.accounts.access import Access, change_access
from ismessenger.accounts.model import Member
from ismessenger.accounts.teams import (
    TeamDraft,
    TeamNotFound,
    TeamRefused,
    add_team,
    change_team,
    delete_team,
    limited_to_team,
    team_named,
    team_names,
)
from ismessenger.accounts.visibility import ONLY_TEAM
from tests.conftest import World, make_world


async def add(world: World, name: str, *people: Member) -> int:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        return (await add_team(db, TeamDraft(name, member_ids=[member.id for member in people]))).id


async def team_of(world: World, member: Member) -> int | None:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        found: int | None = (await db.execute(text("SELECT team_id FROM member WHERE id = :m"), {"m": member.id})).scalar_one()
        return found


async def test_a_member_is_in_one_team(world: World) -> None:
    sales = await add(world, "Sales", world.agent, world.manager)
    support = await add(world, " Customer   support ", world.agent)
    assert await team_of(world, world.agent) == support
    assert await team_of(world, world.manager) == sales
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        assert await team_names(db) == {support: "Customer support", sales: "Sales"}


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "sales", "SALES"])
async def test_a_team_needs_a_name_that_no_other_has(world: World, name: str) -> None:
    await add(world, "Sales")
    with pytest.raises(TeamRefused):
        await add(world, name)
    other = await add(world, "Support")
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(TeamRefused):
            await change_team(db, other, TeamDraft(name))


async def test_of_two_who_take_a_name_at_once_one_gets_it(world: World) -> None:
    outcomes = await asyncio.gather(add(world, "Sales"), add(world, "Sales"), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["TeamRefused", "int"]


async def test_a_team_may_keep_its_name_and_change_the_rest(world: World) -> None:
    sales = await add(world, "Sales", world.agent)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await change_team(db, sales, TeamDraft("sales", "Sells lamps", [world.manager.id]))
        told = {change["member_id"] for change in db.changes}
    assert told == {world.agent.id, world.manager.id}
    assert await team_of(world, world.agent) is None
    assert await team_of(world, world.manager) == sales
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        team = await team_named(db, sales)
        assert (team.name, team.description) == ("sales", "Sells lamps")


async def test_nobody_hears_of_a_change_that_concerns_nobody(world: World) -> None:
    sales = await add(world, "Sales", world.agent)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await change_team(db, sales, TeamDraft("Sales", "Sells lamps", [world.agent.id]))
        assert db.changes == []


async def test_a_deleted_team_leaves_its_members_without_one(world: World) -> None:
    sales = await add(world, "Sales", world.agent)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await change_access(db, world.agent.id, Access("agent", (ONLY_TEAM,), sales), by=world.owner)
        assert await limited_to_team(db, sales) == 1
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await delete_team(db, sales)
        assert [change["member_id"] for change in db.changes] == [world.agent.id]
    assert await team_of(world, world.agent) is None
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(TeamNotFound):
            await delete_team(db, sales)
        with pytest.raises(TeamNotFound):
            await change_team(db, sales, TeamDraft("Sales"))


async def test_members_of_another_workspace_and_removed_ones_stay_out(world: World) -> None:
    other = await make_world(world.installation)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE member SET removed_at = now() WHERE id = :m"), {"m": world.agent.id})
    await add(world, "Sales", other.agent, world.agent)
    assert await team_of(other, other.agent) is None
    assert await team_of(world, world.agent) is None
