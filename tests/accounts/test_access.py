"""What members may be given, by whom, and what happens when two do it at once."""

import asyncio

import pytest
from sqlalchemy import text

from ismessenger.accounts.access import Access, AccessRefused, NotManaged, change_access
from ismessenger.accounts.join import join_workspace
from ismessenger.accounts.members import MemberNotFound, present_member
from ismessenger.accounts.model import Member
from ismessenger.accounts.remove import remove_member
from ismessenger.accounts.teams import TeamDraft, add_team
from ismessenger.accounts.visibility import ONLY_TEAM
from tests.conftest import PASSWORD, World, make_world


async def give(world: World, member: Member, access: Access, *, by: Member) -> Member:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        return await change_access(db, member.id, access, by=by)


async def second_owner(world: World) -> Member:
    email = f"second.{world.workspace_id}@example.com"
    return await join_workspace(world.installation, world.workspace_id, email=email, password=PASSWORD, name="Second", role="owner")


async def owners(world: World) -> list[int]:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        statement = "SELECT id FROM member WHERE role = 'owner' AND removed_at IS NULL ORDER BY id"
        return list((await db.execute(text(statement))).scalars())


async def team(world: World, *people: Member, name: str = "Sales") -> int:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        return (await add_team(db, TeamDraft(name, member_ids=[member.id for member in people]))).id


async def test_role_restrictions_and_team_are_given_together(world: World) -> None:
    sales = await team(world)
    changed = await give(world, world.agent, Access("agent", (ONLY_TEAM, "shortcuts", "shortcuts"), sales), by=world.owner)
    assert (changed.role, changed.restrictions, changed.team_id) == ("agent", sorted([ONLY_TEAM, "shortcuts"]), sales)
    changed = await give(world, world.agent, Access("manager"), by=world.owner)
    assert (changed.role, changed.restrictions, changed.team_id) == ("manager", [], None)


async def test_open_pages_hear_of_it_also_those_of_the_teams(world: World) -> None:
    sales = await team(world, world.manager)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await change_access(db, world.agent.id, Access("agent", (), sales), by=world.owner)
        told = [change["member_id"] for change in db.changes if change["kind"] == "member"]
    assert sorted(told, key=str) == sorted([world.agent.id, world.manager.id], key=str)


@pytest.mark.behaviour(131)
async def test_an_owner_ends_another_but_not_themselves(world: World) -> None:
    second = await second_owner(world)
    await give(world, second, Access("agent"), by=world.owner)
    assert await owners(world) == [world.owner.id]
    with pytest.raises(NotManaged):
        await give(world, world.owner, Access("agent"), by=world.owner)
    with pytest.raises(NotManaged):
        await remove_member(world.installation, world.workspace_id, world.owner.id, by=world.owner)
    assert await owners(world) == [world.owner.id]


@pytest.mark.behaviour(131)
@pytest.mark.parametrize("how", ["demoted", "removed"])
async def test_two_owners_who_end_each_other_at_once_leave_one(world: World, how: str) -> None:
    second = await second_owner(world)

    async def end(member: Member, by: Member) -> None:
        if how == "demoted":
            await give(world, member, Access("agent"), by=by)
        else:
            await remove_member(world.installation, world.workspace_id, member.id, by=by)

    outcomes = await asyncio.gather(end(second, world.owner), end(world.owner, second), return_exceptions=True)
    assert len(await owners(world)) == 1
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [NotManaged]


@pytest.mark.behaviour(131)
async def test_the_last_owner_stays_whoever_asks(world: World) -> None:
    """Somebody who is an Owner on a page that is open still, and was made an Agent meanwhile, ends nobody."""
    second = await second_owner(world)
    as_it_was = await give(world, second, Access("agent"), by=world.owner)
    stale = Member(**{**as_it_was.model_dump(), "role": "owner"})
    with pytest.raises(NotManaged):
        await give(world, world.owner, Access("agent"), by=stale)
    assert await owners(world) == [world.owner.id]


@pytest.mark.behaviour(17)
@pytest.mark.parametrize(("whom", "role"), [("owner", "agent"), ("agent", "manager"), ("agent", "owner")])
async def test_a_manager_gives_and_takes_nothing_but_agents(world: World, whom: str, role: str) -> None:
    await give(world, world.agent, Access("agent", ("shortcuts",)), by=world.manager)
    with pytest.raises(NotManaged):
        await give(world, getattr(world, whom), Access(role), by=world.manager)


async def test_a_manager_who_may_not_open_the_settings_manages_nobody(world: World) -> None:
    await give(world, world.manager, Access("manager", ("workspace_settings",)), by=world.owner)
    with pytest.raises(NotManaged):
        await give(world, world.agent, Access("agent"), by=world.manager)


@pytest.mark.parametrize(
    "access",
    [
        Access("boss"),
        Access("owner", ("shortcuts",)),
        Access("manager", ("shortcuts",)),
        Access("agent", ("data_export",)),
        Access("agent", (ONLY_TEAM,)),
        Access("agent", (), 999_999),
    ],
)
async def test_access_that_does_not_exist_is_refused(world: World, access: Access) -> None:
    with pytest.raises(AccessRefused):
        await give(world, world.agent, access, by=world.owner)


async def test_teams_and_members_of_another_workspace_are_out_of_reach(world: World) -> None:
    other = await make_world(world.installation)
    # Numbers are given once for all workspaces of a home.
    with pytest.raises(AccessRefused):
        await give(world, world.agent, Access("agent", (), await team(other)), by=world.owner)
    with pytest.raises(MemberNotFound):
        await give(world, other.agent, Access("agent"), by=world.owner)


async def test_a_member_who_was_removed_is_nobody_to_change(world: World) -> None:
    await remove_member(world.installation, world.workspace_id, world.agent.id, by=world.owner)
    with pytest.raises(MemberNotFound):
        await give(world, world.agent, Access("agent"), by=world.owner)
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        with pytest.raises(MemberNotFound):
            await present_member(db, world.agent.id)
