"""A workspace for somebody who has an account: in their organization or a new one, and what is refused."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from ismessenger.accounts.members import members
from ismessenger.accounts.organizations import place_in, places_of
from ismessenger.jobs.tidy import purge_workspaces
from ismessenger.kit.clock import shifted
from ismessenger.tenancy.catalog import Account, Workspace
from ismessenger.workspaces import create
from ismessenger.workspaces.create import WorkspaceRefused, add_workspace
from tests.conftest import World


async def account_of(world: World, account_id: int) -> Account:
    async with world.installation.tenancy.catalog() as catalog:
        return await catalog.get_one(Account, account_id)


async def organization_of(world: World) -> int:
    async with world.installation.tenancy.catalog() as catalog:
        return (await catalog.get_one(Workspace, world.workspace_id)).organization_id


async def test_a_second_workspace_in_the_same_organization(world: World) -> None:
    account = await account_of(world, world.manager.account_id)
    organization_id = await organization_of(world)
    made = await add_workspace(
        world.installation, account, name=" Repairs ", organization_id=organization_id, timezone="Europe/Berlin", home="eu"
    )
    async with world.installation.tenancy.reading(made.workspace_id) as db:
        (owner,) = await members(db)
    assert (owner.account_id, owner.role, owner.email) == (account.id, "owner", account.email)
    (places,) = await places_of(world.installation, account.id)
    assert {workspace.id for workspace in places.workspaces} == {world.workspace_id, made.workspace_id}
    row = next(workspace for workspace in places.workspaces if workspace.id == made.workspace_id)
    assert (row.name, row.timezone, row.home, row.organization_id) == ("Repairs", "Europe/Berlin", "eu", organization_id)


async def test_a_workspace_in_a_new_organization_whose_admin_is_its_maker(world: World) -> None:
    account = await account_of(world, world.agent.account_id)
    made = await add_workspace(world.installation, account, name="Studio", organization="Agent and Sons")
    places = {each.place.organization.name: each for each in await places_of(world.installation, account.id)}
    assert [workspace.id for workspace in places["Agent and Sons"].workspaces] == [made.workspace_id]
    place = await place_in(world.installation, account.id, places["Agent and Sons"].place.organization.id)
    assert place is not None
    assert place.role == "admin"


@pytest.mark.parametrize(
    ("values", "words"),
    [({"name": " "}, "name"), ({"name": "x" * 101}, "name"), ({"timezone": "Mars/Base"}, "time zone"), ({"home": "moon"}, "home")],
)
async def test_what_cannot_be(world: World, values: dict[str, str], words: str) -> None:
    account = await account_of(world, world.owner.account_id)
    with pytest.raises(WorkspaceRefused, match=words):
        await add_workspace(world.installation, account, **{"name": "Shop", **values})  # type: ignore[arg-type]


async def test_an_organization_has_a_bounded_number_of_workspaces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create, "MAX_WORKSPACES", 1)
    account = await account_of(world, world.owner.account_id)
    with pytest.raises(WorkspaceRefused, match="at most 1"):
        await add_workspace(world.installation, account, name="Two", organization_id=await organization_of(world))


async def test_one_that_a_crash_left_half_made_is_entered_by_nobody_and_tidied_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await account_of(world, world.owner.account_id)

    async def dies(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(create, "add_to_workspace", dies)
    with pytest.raises(KeyboardInterrupt):
        await add_workspace(world.installation, account, name="Half made", organization_id=await organization_of(world))
    (places,) = await places_of(world.installation, account.id)
    assert [workspace.id for workspace in places.workspaces] == [world.workspace_id]
    with shifted(timedelta(days=2)):
        await purge_workspaces(world.installation)
    async with world.installation.tenancy.catalog() as catalog:
        left = await catalog.execute(
            select(Workspace).where(Workspace.organization_id == await organization_of(world), col(Workspace.name) == "Half made")
        )
        assert left.first() is None
