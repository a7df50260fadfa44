"""Organization → Users: roles, the last admin, and leaving for good."""

import pytest
from sqlalchemy import text

from tests.web.organization.conftest import Company


async def test_the_page_shows_everybody_with_role_and_workspaces(company: Company) -> None:
    world = company.shop.world
    page = (await (await company.shop.browser(world.owner)).get(f"{company.path}/users")).text
    for member in (world.owner, world.manager, world.agent):
        assert member.email in page
    assert "3 people" in page
    assert page.count("/removal") == 2  # nobody removes themselves


async def test_an_admin_gives_every_role_and_a_user_admin_none_of_admins(company: Company) -> None:
    world = company.shop.world
    owner, manager = await company.shop.browser(world.owner), await company.shop.browser(world.manager)

    async def role(browser: object, member: object, wanted: str) -> int:
        answer = await browser.post(f"{company.path}/users/{member.account_id}/role", data={"role": wanted})  # type: ignore[attr-defined]
        return int(answer.status_code)

    assert await role(owner, world.manager, "user_admin") == 303
    assert await role(manager, world.agent, "user_admin") == 303
    assert await role(manager, world.agent, "admin") == 422
    assert await role(manager, world.owner, "member") == 422
    assert await role(manager, world.agent, "king") == 422
    assert [await company.role_of(each) for each in (world.owner, world.manager, world.agent)] == ["admin", "user_admin", "user_admin"]


@pytest.mark.behaviour(123)
async def test_nobody_changes_their_own_role_and_the_last_admin_stays(company: Company) -> None:
    world = company.shop.world
    owner = await company.shop.browser(world.owner)
    own = f"{company.path}/users/{world.owner.account_id}"
    assert (await owner.post(f"{own}/role", data={"role": "member"})).status_code == 422
    assert (await owner.post(f"{own}/removal")).status_code == 422
    await company.make(world.manager, "admin")
    await company.make(world.owner, "member")
    other = await company.shop.browser(world.manager)
    assert (await owner.post(f"{company.path}/users/{world.manager.account_id}/removal")).status_code == 403
    assert (await other.post(f"{company.path}/users/{world.manager.account_id}/role", data={"role": "member"})).status_code == 422
    assert await company.role_of(world.manager) == "admin"


async def test_whoever_is_removed_leaves_all_workspaces_and_their_contacts_are_nobodys(company: Company) -> None:
    world, shop = company.shop.world, company.shop
    contact_id = await shop.wrote("ada")
    await shop.assign(contact_id, world.agent)
    agents = await shop.browser(world.agent)
    assert (await agents.get("/inbox")).status_code == 200
    answer = await (await shop.browser(world.owner)).post(f"{company.path}/users/{world.agent.account_id}/removal")
    assert answer.status_code == 303
    assert (await agents.get("/inbox")).headers["location"] == "/workspaces"
    assert await company.role_of(world.agent) is None
    assert await shop.value("SELECT assignee_id FROM contact WHERE id = :id", id=contact_id) is None
    assert await shop.value("SELECT removed_at IS NOT NULL FROM member WHERE id = :id", id=world.agent.id) is True
    assert (await (await shop.browser(world.owner)).post(f"{company.path}/users/{world.agent.account_id}/removal")).status_code == 404
    async with shop.installation.tenancy.catalog() as catalog:
        left = await catalog.execute(text("SELECT count(*) FROM catalog.membership WHERE account_id = :id"), {"id": world.agent.account_id})
        assert left.scalar_one() == 0


async def test_the_only_owner_of_a_workspace_is_not_removed_from_the_organization(company: Company) -> None:
    world = company.shop.world
    await company.make(world.manager, "admin")
    answer = await (await company.shop.browser(world.manager)).post(f"{company.path}/users/{world.owner.account_id}/removal")
    assert answer.status_code == 422
    assert "only Owner of Shop" in answer.text
    assert await company.role_of(world.owner) == "admin"
