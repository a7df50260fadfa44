"""Stories of several workspaces: choosing one, old tabs, dots, settings that save themselves, and every page of an organization."""

from dataclasses import dataclass

import pytest
from playwright.async_api import expect
from sqlalchemy import text
from sqlmodel import col, select

from ismessenger.accounts.join import join_workspace
from ismessenger.accounts.organization_change import change_logo, rename_organization
from ismessenger.accounts.presence import is_active, leave
from ismessenger.installation import Installation
from ismessenger.tenancy.catalog import Account, Workspace
from ismessenger.workspaces.create import add_workspace
from ismessenger.workspaces.delete import delete_workspace
from tests.browser.stories.conftest import AgentPage, Product
from tests.browser.stories.pictures import png
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_pages import look
from tests.conftest import PASSWORD, make_world

pytestmark = pytest.mark.browser
both_widths = pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])


async def organization_of(shop: Shop) -> int:
    async with shop.world.installation.tenancy.catalog() as catalog:
        return (await catalog.get_one(Workspace, shop.world.workspace_id)).organization_id


@pytest.mark.behaviour(122)
async def test_a_tab_of_the_former_workspace_says_so_and_changes_nothing(product: Product, shop: Shop, agent_page: AgentPage) -> None:
    installation, agent = product.installation, shop.world.agent
    other = await make_world(installation)
    await join_workspace(installation, other.workspace_id, email=agent.email, password=PASSWORD, name=agent.name, role="agent")
    async with installation.tenancy.catalog() as catalog:
        name = (await catalog.get_one(Workspace, other.workspace_id)).name
    desk = await agent_page(agent)
    desk.watch.expect("409")
    await desk.open()
    old = await desk.context.new_page()
    await old.goto(f"{desk.address}/inbox")
    await expect(old.locator("#live_note")).to_have_attribute("data-state", "open")
    await desk.page.get_by_role("button", name="switch or manage").click()
    await desk.page.get_by_role("button", name=name).click()
    await expect(desk.page.locator(".nav-workspace-name")).to_have_text(name)
    await expect(old.locator("#live_note")).to_have_text("This workspace is no longer open in this browser. Reload the page.")
    refused = await old.evaluate(
        "fetch('/account/status', {method: 'POST', headers: {'X-Workspace': document.querySelector('[name=workspace]').content}})"
        ".then(answer => answer.status)"
    )
    assert refused == 409
    await old.reload()
    await expect(old.locator(".nav-workspace-name")).to_have_text(name)


@pytest.mark.behaviour(15)
async def test_a_colleagues_dot_follows_what_they_do(product: Product, shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.wrote(await shop.quiet(), "Ada")
    owner = await agent_page(shop.world.owner)
    await owner.open(f"/inbox/all/contacts/{contact_id}")
    await owner.page.locator(".thread-assignee").click()
    seen = owner.page.locator(f"#assign_menu [data-presence-words-of='{shop.world.agent.id}']")
    await expect(seen).to_have_text("Offline")
    agent = await agent_page(shop.world.agent)
    await agent.open("/inbox")
    own = agent.page.locator(".nav-member .presence")
    await agent.page.mouse.move(200, 200)
    await expect(own).to_have_class("presence presence-online")
    await agent.page.get_by_role("button", name="Your menu").click()
    await agent.page.get_by_role("button", name="Busy").click()
    await expect(own).to_have_class("presence presence-busy")
    await expect(seen).to_have_text("Busy")
    await expect(agent.page.locator("#my_status").get_by_role("button", name="Busy")).to_have_attribute("aria-pressed", "true")
    await leave(product.installation, shop.world.workspace_id, shop.world.agent.account_id)
    await expect(own).to_have_class("presence presence-offline")
    await expect(seen).to_have_text("Offline")


async def test_general_settings_save_themselves_and_say_so(shop: Shop, agent_page: AgentPage) -> None:
    desk = await agent_page(shop.world.owner)
    await desk.open("/settings/general")
    name = desk.page.get_by_label("Workspace name")
    await name.fill("Lumen Lamps")
    await name.blur()
    await expect(desk.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await desk.page.get_by_label("Allow all channel activities").check()
    await expect(desk.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    async with shop.world.installation.tenancy.reading(shop.world.workspace_id) as db:
        assert (await db.execute(text("SELECT events_open_conversations FROM preferences"))).scalar_one() is True
    await desk.open("/settings/general")
    await expect(desk.page.locator(".nav-workspace-name")).to_have_text("Lumen Lamps")
    await expect(name).to_have_value("Lumen Lamps")
    await desk.page.get_by_label("User inactivity timeout").fill("90")
    await desk.page.get_by_label("User inactivity timeout").blur()
    async with shop.world.installation.tenancy.reading(shop.world.workspace_id) as db:
        assert (await db.execute(text("SELECT inactivity_minutes FROM preferences"))).scalar_one() == 15


@dataclass(frozen=True)
class Group:
    """An organization with a logo, a second workspace and a deleted one."""

    installation: Installation
    path: str
    open_id: int
    second_id: int


@pytest.fixture
async def group(product: Product, shop: Shop) -> Group:
    installation = product.installation
    organization_id = await organization_of(shop)
    await rename_organization(installation, organization_id, "Lumen Group")
    await change_logo(installation, organization_id, png(64, 64))
    async with installation.tenancy.catalog() as catalog:
        account = (await catalog.execute(select(Account).where(col(Account.id) == shop.world.owner.account_id))).scalar_one()
    repairs = await add_workspace(installation, account, name="Repairs", organization_id=organization_id, timezone="Europe/Berlin")
    gone = await add_workspace(installation, account, name="Old shop", organization_id=organization_id)
    await delete_workspace(installation, gone.workspace_id)
    # The first change of a workspace has every page read itself again: it shall be over before somebody looks.
    await is_active(installation, shop.world.workspace_id, shop.world.owner.id, returns=True)
    return Group(installation, f"/organizations/{organization_id}", shop.world.workspace_id, repairs.workspace_id)


@both_widths
async def test_pages_about_people_and_workspaces(group: Group, shop: Shop, agent_page: AgentPage, phone: bool) -> None:
    desk, found = await agent_page(shop.world.owner, phone=phone), []
    for name, path in {
        "choose": "/workspaces",
        "organization-general": f"{group.path}/general",
        "organization-users": f"{group.path}/users",
        "organization-workspaces": f"{group.path}/workspaces",
        "organization-security": f"{group.path}/security",
    }.items():
        await desk.open(path)
        found += await look(desk.page, name, 390 if phone else 1440)
    assert found == [], "\n".join(found)


@both_widths
async def test_forms_of_workspaces(group: Group, shop: Shop, agent_page: AgentPage, phone: bool) -> None:
    desk, found = await agent_page(shop.world.owner, phone=phone), []
    for name, path in {
        "workspace-general": "/settings/general",
        "organization-workspace-new": f"{group.path}/workspaces/new",
        "organization-workspace": f"{group.path}/workspaces/{group.second_id}",
    }.items():
        await desk.open(path)
        found += await look(desk.page, name, 390 if phone else 1440)
    assert found == [], "\n".join(found)


@both_widths
async def test_menus_questions_and_whoever_is_outside(group: Group, shop: Shop, agent_page: AgentPage, phone: bool) -> None:
    desk, width, found = await agent_page(shop.world.owner, phone=phone), 390 if phone else 1440, []
    await desk.open(f"{group.path}/users")
    await desk.page.get_by_role("button", name="Remove Agent").click()
    found += await look(desk.page, "organization-user-remove", width)
    await desk.open("/inbox")
    if not phone:
        await desk.page.get_by_role("button", name="switch or manage").click()
        await expect(desk.page.get_by_role("button", name="Repairs")).to_be_visible()
        found += await look(desk.page, "menu-workspaces", width)
        await desk.page.keyboard.press("Escape")
    await desk.page.get_by_role("button", name="Your menu").click()
    found += await look(desk.page, "menu-member", width)
    await delete_workspace(group.installation, group.open_id)
    await desk.page.goto(f"{desk.address}/inbox")
    await expect(desk.page).to_have_url(f"{desk.address}/workspaces")
    found += await look(desk.page, "choose-outside", width)
    assert found == [], "\n".join(found)
