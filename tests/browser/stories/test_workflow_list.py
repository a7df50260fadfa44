"""The list of workflows and the gallery, as a person uses them."""

import json
from pathlib import Path

import pytest
from playwright.async_api import expect

from ismessenger.accounts.model import Member
from ismessenger.automation.gallery import template_named
from ismessenger.automation.take_in import take_in
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_pages import look
from tests.browser.stories.workshop import definition, workflow

pytestmark = pytest.mark.browser


async def furnish(shop: Shop, member: Member) -> None:
    """Some workflows of the gallery."""
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        for slug in ("welcome-ask-email-and-phone", "menu", "csat", "spam"):
            exported = template_named(slug).exported
            await take_in(db, exported, shop.installation.plugins, "UTC", most=100, by=member.id)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_the_list_and_the_gallery_look_right(shop: Shop, agent_page: AgentPage, phone: bool) -> None:
    desk = await agent_page(shop.world.owner, phone=phone)
    width = 390 if phone else 1440
    await desk.open("/workflows")
    await expect(desk.page.get_by_text("No workflow yet")).to_be_visible()
    found = await look(desk.page, "workflows-empty", width)
    await furnish(shop, shop.world.owner)
    await desk.open("/workflows")
    found += await look(desk.page, "workflows", width)
    await desk.page.get_by_role("button", name="More for Menu with a second level").click()
    found += await look(desk.page, "workflows-menu", width)
    await desk.page.get_by_role("button", name="Delete…").click()
    await expect(desk.page.get_by_role("heading", name="Delete the workflow Menu with a second level?")).to_be_visible()
    found += await look(desk.page, "workflows-delete", width)
    await desk.open("/workflows/new")
    found += await look(desk.page, "workflows-new", width)
    assert found == []


async def test_a_workflow_is_found_renamed_cloned_exported_and_deleted(shop: Shop, agent_page: AgentPage, tmp_path: Path) -> None:
    await workflow(shop, definition(("a", "add_comment", {"text": "hello"}, {})), "Welcome")
    await workflow(shop, definition(), "Away")
    desk = await agent_page(shop.world.owner)
    page = desk.page
    await desk.open("/workflows")
    await page.get_by_role("searchbox", name="Search workflows").fill("welc")
    await page.get_by_role("button", name="Search").click()
    await expect(page.get_by_role("link", name="Away", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="More for Welcome").click()
    await page.get_by_role("button", name="Rename…").click()
    await page.get_by_role("textbox", name="Name").fill("away")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("There is a workflow called away already.")).to_be_visible()
    desk.watch.expect("422")
    await page.get_by_role("textbox", name="Name").fill("Greeting")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("link", name="Greeting")).to_be_visible()
    await page.get_by_role("button", name="More for Greeting").click()
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Export as JSON").click()
    file = tmp_path / "greeting.json"
    await (await started.value).save_as(file)
    assert json.loads(file.read_text())["name"] == "Greeting"
    await page.get_by_role("button", name="Delete…").click()
    await page.get_by_role("button", name="Delete workflow").click()
    await expect(page.get_by_role("link", name="Greeting")).to_have_count(0)
    await page.goto(f"{desk.address}/workflows/new")
    await page.get_by_label("File of an exported workflow").set_input_files(file)
    await page.get_by_role("button", name="Import").click()
    await expect(page.locator('[data-spot="a"]')).to_contain_text("hello")


async def test_the_list_follows_what_others_do(shop: Shop, agent_page: AgentPage) -> None:
    await workflow(shop, definition(), "Welcome")
    desk = await agent_page(shop.world.owner)
    await desk.open("/workflows")
    await workflow(shop, definition(), "Made meanwhile")
    await expect(desk.page.get_by_role("link", name="Made meanwhile")).to_be_visible()
