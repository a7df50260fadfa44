"""Writing to somebody first, by keyboard alone; and what the panel tells of a contact's past."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from ismessenger.kit.clock import now
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop
from tests.web.chromium import accessibility

pytestmark = pytest.mark.browser


@pytest.mark.behaviour(263)
async def test_an_agent_writes_to_a_number_that_nobody_knows(shop: Shop, agent_page: AgentPage) -> None:
    await shop.custom()
    quiet = await shop.quiet()
    await shop.wrote(quiet, "Ada", "Hello")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await desk.page.keyboard.press("n")
    dialog = desk.page.get_by_role("dialog", name="New conversation")
    words = dialog.get_by_label("Name, phone number or e-mail address")
    await expect(words).to_be_focused()
    await expect(dialog.get_by_role("link", name="Ada")).to_be_visible()
    assert await accessibility(desk.page) == []
    await words.press_sequentially("+49 30 901820")
    await expect(dialog.get_by_role("link", name="Write to +4930901820")).to_be_visible()
    await words.press("Enter")
    await expect(dialog.get_by_role("radio", name="Orders")).to_be_focused()
    await expect(dialog.get_by_role("radio", name="Shop chat")).to_be_disabled()
    await expect(dialog).to_contain_text("This contact must write first.")
    assert await accessibility(desk.page) == []
    await dialog.get_by_label("Name, if you know it").fill("Kim")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.locator("#thread_name")).to_have_text("Kim")
    await expect(desk.page.get_by_label("Send on").locator("option:checked")).to_have_text("Orders")
    await desk.says("Your lamp is ready.")
    await expect(desk.thread.locator(".event", has_text="Conversation opened")).to_be_attached()
    # The same number again is the same person, in whatever spelling.
    await desk.page.get_by_role("button", name="New conversation").click()
    await words.fill("0049 30/90 18 20")
    await expect(dialog.get_by_role("link", name="Kim")).to_be_visible()
    await expect(dialog.get_by_role("link", name=re.compile("^Write to"))).to_have_count(0)
    await desk.page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(desk.page.get_by_role("button", name="New conversation")).to_be_focused()


@pytest.mark.behaviour(263)
async def test_the_channel_that_was_chosen_is_the_one_that_is_written_on(shop: Shop, agent_page: AgentPage) -> None:
    await shop.custom()
    contact_id = await shop.wrote(await shop.quiet(), "Ada", "Hello")
    await shop.change("UPDATE contact SET phone = '+4930901820' WHERE id = :c", c=contact_id)
    desk = await agent_page(shop.world.agent)
    await desk.open("/conversations/new")
    await desk.page.get_by_role("link", name="Ada").click()
    await desk.page.get_by_role("radio", name="Orders").check()
    await desk.page.get_by_role("button", name="Write").click()
    chosen = desk.page.get_by_label("Send on").locator("option:checked")
    await expect(chosen).to_have_text("Orders")
    await shop.wrote((await shop.rows("SELECT id FROM channel WHERE kind = 'website_chat'"))[0][0], "Ada", "By the way")
    await expect(desk.bubble("By the way")).to_have_count(1)
    await expect(chosen).to_have_text("Orders")


@pytest.mark.behaviour(264)
async def test_the_past_of_a_contact_is_unfolded_and_leads_into_the_thread(shop: Shop, agent_page: AgentPage) -> None:
    quiet = await shop.quiet()
    contact_id = await shop.wrote(quiet, "Ada", "The very first question", at=now() - timedelta(days=40))
    await shop.change(
        "UPDATE conversation SET opened_at = now() - interval '40 days', first_response_at = now() - interval '40 days' + interval '4 min',"
        " closed_at = now() - interval '38 days', closed_source = 'auto_close', category = 'Order', summary = 'Six lamps'"
        " WHERE contact_id = :c",
        c=contact_id,
    )
    await shop.change("UPDATE contact SET status = 'closed' WHERE id = :c", c=contact_id)
    await shop.chatted(quiet, "Ada", 60)
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await expect(desk.bubble("Line 60")).to_be_in_viewport()
    panel = desk.page.get_by_role("complementary", name="Contact")
    past = panel.locator(".history-row")
    await expect(past).to_have_count(2)
    await expect(past.nth(1)).to_contain_text("Six lamps")
    await expect(past.nth(1)).to_contain_text("4 minutes")
    await expect(past.nth(1)).to_contain_text("the auto-close timer")
    activities = panel.locator("details", has=desk.page.get_by_role("heading", name="Activities"))
    await activities.locator("summary").click()
    await expect(activities.locator(".history-row").last).to_contain_text("Contact created")
    await desk.assigns(shop.world.manager.name)
    await expect(activities.locator(".history-row").first).to_contain_text(f"Assigned to {shop.world.manager.name}")
    files = panel.locator("details", has=desk.page.get_by_role("heading", name="Files"))
    await files.locator("summary").click()
    await expect(files).to_contain_text("No files yet.")
    assert await accessibility(desk.page) == []
    await past.nth(1).get_by_role("link", name="Show in the thread").click()
    await expect(desk.bubble("The very first question")).to_be_in_viewport()
    # What was unfolded is so the next time, and in the next contact.
    other = await shop.wrote(quiet, "Bo", "Hello")
    await desk.open(f"/inbox/all/contacts/{other}")
    await expect(activities).to_have_attribute("open", "")
    await expect(activities.locator(".history-row").last).to_contain_text("Contact created")
