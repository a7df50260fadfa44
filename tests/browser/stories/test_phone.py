"""An agent on a phone: one column at a time, there and back."""

import pytest
from playwright.async_api import expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def test_from_the_list_to_a_thread_to_the_contact_and_back(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    contact_id = await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    await shop.wrote(channel_id, "Bo")
    await shop.change("UPDATE contact SET email = 'ada@example.com' WHERE id = :id", id=contact_id)
    desk = await agent_page(shop.world.agent, phone=True)
    page = desk.page
    await desk.open()
    await expect(desk.card("Ada")).to_be_in_viewport()
    await desk.card("Ada").get_by_role("link").tap()
    await expect(desk.bubble("Is the lamp in stock?")).to_be_in_viewport()
    await expect(desk.card("Ada")).to_be_hidden()
    await expect(page).to_have_url(f"{desk.address}/inbox/all/contacts/{contact_id}")
    await desk.reply.fill("It is")
    await page.get_by_role("button", name="Send", exact=True).tap()
    await expect(desk.bubble("It is")).to_be_in_viewport()
    await page.get_by_role("button", name="Contact", exact=True).tap()
    await expect(page.get_by_role("link", name="ada@example.com")).to_be_in_viewport()
    assert await page.evaluate(WIDER) == 0
    await page.get_by_role("button", name="Close the contact").tap()
    await expect(page.get_by_role("link", name="ada@example.com")).to_be_hidden()
    await page.get_by_role("link", name="Back to the list").tap()
    await expect(desk.card("Bo")).to_be_in_viewport()
    await expect(desk.thread).to_have_count(0)
    assert await page.evaluate(WIDER) == 0
    # The browser's own way back leads to the thread again.
    await page.go_back()
    await expect(desk.bubble("It is")).to_be_in_viewport()


async def test_the_inbox_and_the_status_are_changed_from_the_top(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Ada")
    desk = await agent_page(shop.world.agent, phone=True)
    await desk.open()
    await desk.page.get_by_role("button", name="Change inbox").tap()
    await desk.page.get_by_role("link", name="Mine").tap()
    await expect(desk.page.get_by_text("Nothing waits for you")).to_be_visible()
    await desk.page.get_by_role("button", name="Status: Open").tap()
    await desk.page.get_by_role("link", name="Closed").tap()
    await expect(desk.page.get_by_text("Nothing closed yet")).to_be_visible()
    assert await desk.page.evaluate(WIDER) == 0
