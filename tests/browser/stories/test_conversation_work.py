"""What is done with a conversation beside writing: handed to a team, snoozed, closed with a note, taken back, unread again."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from ismessenger.accounts.teams import TeamDraft, add_team
from ismessenger.conversations.closing_categories import CategoryDraft, add_category, delete_category
from ismessenger.conversations.rules import ask_for_notes
from ismessenger.kit.clock import now
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop
from tests.web.chromium import accessibility

pytestmark = pytest.mark.browser


async def test_a_conversation_is_handed_over_snoozed_and_brought_back_by_its_person(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await add_team(db, TeamDraft("Support", member_ids=[shop.world.manager.id]))
    one, other = await agent_page(shop.world.agent), await agent_page(shop.world.manager)
    for desk in (one, other):
        await desk.open()
        await desk.choose("Ada")

    await one.page.locator(".thread-assignee").click()
    await one.page.get_by_label("Find a member or a team").fill("supp")
    team = one.page.locator("#assign_menu").get_by_role("button", name=re.compile("^Support"))
    await expect(team).to_be_visible()
    await one.page.keyboard.press("Enter")
    notice = await one.notice(f"Ada is {shop.world.manager.name}'s, of the team Support")
    await expect(other.assignee).to_have_text(shop.world.manager.name)
    await notice.get_by_role("button", name="Undo").click()
    await expect(other.page.locator(".thread-assignee")).to_have_text(re.compile("Assign"))

    await one.page.get_by_role("button", name="Snooze", exact=True).click()
    menu = one.page.locator("#snooze_menu")
    await expect(menu.get_by_role("button", name=re.compile("^Tomorrow"))).to_be_visible()
    assert await accessibility(one.page) == []
    await menu.get_by_role("button", name=re.compile("^Next week")).click()
    await expect(menu).to_be_hidden()
    for desk in (one, other):
        await expect(desk.page.locator(".thread-channel")).to_contain_text("Snoozed until Mon")
        await expect(desk.thread).to_contain_text("Snoozed until Mon")
    await shop.wrote(channel_id, "Ada", "Hello?")
    for desk in (one, other):
        await expect(desk.page.locator(".thread-channel")).not_to_contain_text("Snoozed")
        await expect(desk.thread).to_contain_text("Not snoozed any more: a message came")

    await one.page.get_by_role("button", name="Snooze", exact=True).click()
    await menu.get_by_label("Day and time").fill(f"{now() + timedelta(days=2):%Y-%m-%dT10:00}")
    await menu.get_by_role("button", name="Snooze", exact=True).click()
    await expect(one.page.locator(".thread-channel")).to_contain_text("Snoozed until")
    await one.page.get_by_role("button", name="Snoozed", exact=True).click()
    await menu.get_by_role("button", name="Bring it back now").click()
    await expect(other.page.locator(".thread-channel")).not_to_contain_text("Snoozed")


async def test_a_note_is_asked_for_survives_a_deleted_category_and_the_closing_is_taken_back(shop: Shop, agent_page: AgentPage) -> None:
    await shop.wrote(await shop.quiet(), "Ada", "Is the lamp in stock?")
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        gone = await add_category(db, CategoryDraft("Delivery"))
        await add_category(db, CategoryDraft("Stock"))
    one, other = await agent_page(shop.world.agent), await agent_page(shop.world.manager)
    one.watch.expect("422")
    for desk in (one, other):
        await desk.open()
        await desk.choose("Ada")

    # Optional: the arrow asks, the button does not.
    await one.page.get_by_role("button", name="Close with a note").click()
    dialog = one.page.get_by_role("dialog", name="Close conversation")
    await expect(dialog.get_by_label("Category (optional)")).to_be_focused()
    assert await accessibility(one.page) == []
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_be_hidden()

    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await ask_for_notes(db, "both")
        db.announce("refresh", 0)
    await expect(one.page.locator("#closing_dialog")).to_have_attribute("data-mode", "both")
    await one.page.get_by_role("button", name="Close conversation").first.click()
    await expect(dialog).to_be_visible()
    await dialog.get_by_label("Category").select_option("Delivery")
    await dialog.get_by_label("Summary").fill("Sent it again")
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await delete_category(db, gone.id)
    await dialog.get_by_role("button", name="Close conversation").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("This category was deleted meanwhile")
    await expect(dialog.get_by_label("Summary")).to_have_value("Sent it again")
    await dialog.get_by_label("Category").select_option("Stock")
    await dialog.get_by_role("button", name="Close conversation").click()
    await expect(dialog).to_be_hidden()
    notice = await one.notice("Conversation with Ada closed")
    await expect(other.thread).to_contain_text("Stock: Sent it again")
    await expect(other.page.get_by_role("button", name="Open conversation")).to_be_visible()
    await notice.get_by_role("button", name="Undo").click()
    await expect(other.page.get_by_role("button", name="Close conversation").first).to_be_visible()
    await expect(other.thread).to_contain_text("Closing taken back")


async def test_a_conversation_is_marked_unread_linked_and_saved(shop: Shop, agent_page: AgentPage) -> None:
    await shop.wrote(await shop.quiet(), "Ada", "Is the lamp in stock?")
    desk, second = await agent_page(shop.world.agent), await agent_page(shop.world.agent)
    await second.open()
    await desk.open()
    await desk.choose("Ada")
    for window in (desk, second):
        await expect(window.card("Ada")).not_to_have_attribute("data-unread", "")

    async def more(name: str) -> None:
        await desk.page.get_by_role("button", name="More actions").click()
        await desk.page.locator("#more_menu").get_by_text(name, exact=True).click()

    await desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await more("Copy link")
    await expect(desk.page.locator("#toasts")).to_contain_text("The link is copied")
    assert re.search(r"/inbox/all/contacts/\d+$", await desk.page.evaluate("navigator.clipboard.readText()"))
    async with desk.page.expect_download() as download:
        await more("Save as text")
    saved = await (await download.value).path()
    assert "Is the lamp in stock?" in saved.read_text()
    await more("Block")
    await expect(desk.page.locator(".thread-channel")).to_contain_text("Blocked")
    await expect(desk.page.locator("#more_menu")).to_be_hidden()
    await more("Unblock")
    await expect(desk.page.locator(".thread-channel")).not_to_contain_text("Blocked")
    await expect(desk.page.locator("#more_menu")).to_be_hidden()
    await more("Mark as unread")
    await expect(desk.page.get_by_text("No conversation chosen")).to_be_visible()
    for window in (desk, second):
        await expect(window.card("Ada")).to_have_attribute("data-unread", "")
