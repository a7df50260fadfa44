"""The whole work of an agent without a mouse."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.stories.conftest import AgentPage, Opens, Product
from tests.browser.stories.shop import Shop
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser
MANY = 60


async def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press Tab until the target has the focus, which must always be visible on the way."""
    for _ in range(MANY):
        if await target.evaluate("element => element === document.activeElement"):
            return
        await page.keyboard.press(key)
        assert await page.evaluate("document.activeElement !== document.body"), "The focus got lost."
    raise AssertionError(f"{target} is not reached by {key}.")


async def test_signing_in_and_out(shop: Shop, product: Product, opens: Opens) -> None:
    context, watch = await opens("somebody")
    watch.expect("422")
    page = await context.new_page()
    await page.goto(f"{product.address}/inbox/mine")
    await expect(page.get_by_label("E-mail")).to_be_focused()
    for words in ("wrong", PASSWORD):
        if words == PASSWORD:
            await expect(page.get_by_role("alert")).to_contain_text("E-mail and password do not match.")
        await page.get_by_label("E-mail").fill(shop.world.agent.email)
        await tab_to(page, page.get_by_label("Password"))
        await page.keyboard.type(words)
        await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{product.address}/inbox/mine")
    await tab_to(page, page.get_by_role("button", name="Your menu"))
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_role("button", name="Sign out"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_answering_assigning_commenting_and_closing(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    page, keys = desk.page, desk.page.keyboard
    await tab_to(page, desk.card("Ada").get_by_role("link"))
    await keys.press("Enter")
    await expect(desk.reply).to_be_focused()
    await keys.type("It is")
    await keys.press("Shift+Enter")
    await keys.type("in white")
    await keys.press("Enter")
    await expect(desk.bubble("It is")).to_have_count(1)
    await expect(desk.reply).to_be_focused()
    await tab_to(page, page.get_by_role("tab", name="Reply"), "Shift+Tab")
    await keys.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Comment")).to_have_attribute("aria-selected", "true")
    await tab_to(page, page.get_by_label("Comment for your team"))
    await keys.type("A note")
    await keys.press("Enter")
    await expect(desk.thread.locator(".message-comment")).to_contain_text("A note")
    await tab_to(page, page.locator(".thread-assignee"), "Shift+Tab")
    await keys.press("Enter")
    await expect(page.get_by_label("Find a member")).to_be_focused()
    await keys.type(shop.world.manager.name)
    await keys.press("Enter")
    await expect(desk.assignee).to_have_text(shop.world.manager.name)
    await tab_to(page, page.get_by_role("button", name="Close conversation"), "Shift+Tab" if await behind(page) else "Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("button", name="Open conversation")).to_be_visible()


async def behind(page: Page) -> bool:
    """Whether the focus stands after the button that closes the conversation."""
    follows = "button => Boolean(button.compareDocumentPosition(document.activeElement) & Node.DOCUMENT_POSITION_FOLLOWING)"
    return bool(await page.get_by_role("button", name="Close conversation").evaluate(follows))


async def test_a_menu_closes_by_escape_and_gives_the_focus_back(shop: Shop, agent_page: AgentPage) -> None:
    await shop.wrote(await shop.quiet(), "Ada")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await desk.choose("Ada")
    for opener in (desk.page.locator(".thread-assignee"), desk.page.get_by_role("button", name="Emoji").first):
        await opener.focus()
        await desk.page.keyboard.press("Enter")
        await expect(opener).to_have_attribute("aria-expanded", "true")
        await desk.page.keyboard.press("Escape")
        await expect(opener).to_have_attribute("aria-expanded", "false")
        await expect(opener).to_be_focused()


async def test_the_focus_stays_when_something_arrives(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Ada")
    await shop.wrote(channel_id, "Bo")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await desk.choose("Ada")
    await desk.reply.fill("I am wri")
    await shop.wrote(channel_id, "Ada", "Hurry")
    await expect(desk.bubble("Hurry")).to_have_count(1)
    await expect(desk.reply).to_be_focused()
    await desk.page.keyboard.type("ting")
    await expect(desk.reply).to_have_value("I am writing")
    link = desk.card("Bo").get_by_role("link")
    await link.focus()
    await shop.wrote(channel_id, "Bo", "Me too")
    await expect(desk.names.first).to_have_text("Bo")
    await expect(link).to_be_focused()
