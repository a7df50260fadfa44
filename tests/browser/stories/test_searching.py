"""Finding what was said, and getting around by keys."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from ismessenger.kit.clock import now
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
LINES = 160


def bar(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search people, messages and comments")


def hits(page: Page) -> Locator:
    return page.locator(".search-results .search-hit")


async def in_view(desk: Desk, bubble: Locator) -> None:
    """The bubble stands inside the part of the thread that is seen."""
    await expect(bubble).to_be_in_viewport()


@pytest.mark.behaviour(253)
async def test_a_message_is_found_and_read_in_its_thread_while_new_ones_come(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    began = now() - timedelta(days=30)
    contact_id = await shop.wrote(channel_id, "Ada", "Does the wicker lamp fit a narrow hall?", at=began)
    await shop.change(
        "INSERT INTO message (contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at, created_at)"
        " SELECT :c, :ch, 'incoming', 'text', jsonb_build_object('type', 'text', 'text', 'Line ' || n), 'Line ' || n, 'contact',"
        " 'received', '{}', now() - interval '1 day' + n * interval '1 minute', now() FROM generate_series(1, :n) AS n",
        c=contact_id,
        ch=channel_id,
        n=LINES,
    )
    await shop.wrote(channel_id, "Bo", "Where is my lamp?")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    page = desk.page
    await page.keyboard.press("/")
    await expect(bar(page)).to_be_focused()
    await page.keyboard.type("lamp")
    await expect(hits(page)).to_have_count(2)
    await expect(hits(page).locator("mark")).to_have_text(["lamp", "lamp"])
    await expect(desk.card("Ada")).to_be_hidden()
    await hits(page).filter(has_text="wicker").click()
    found = desk.bubble("wicker lamp")
    await in_view(desk, found)
    await expect(page).to_have_url(re.compile(r"message=\d+"))
    await expect(page.get_by_role("button", name="Newest messages")).to_be_visible()
    await expect(desk.bubble(f"Line {LINES}")).to_have_count(0)
    # What comes meanwhile waits at the end of the thread.
    await shop.wrote(channel_id, "Ada", "Hello again")
    await expect(page.get_by_role("button", name="1 new message")).to_be_visible()
    await expect(desk.bubble("Hello again")).to_have_count(0)
    await in_view(desk, found)
    # Reading on downwards leads there.
    for _ in range(60):
        if await desk.bubble("Hello again").count():
            break
        await desk.thread.hover()
        await page.mouse.wheel(0, 600)
        await expect(page.locator(".timeline-newer[busy]")).to_have_count(0)
    await expect(desk.bubble("Hello again")).to_have_count(1)
    assert await desk.thread.locator(".message").count() == LINES + 2
    await shop.wrote(channel_id, "Ada", "And again")
    await expect(desk.bubble("And again")).to_have_count(1)
    # Emptying the bar brings the list back.
    await bar(page).click()
    await page.keyboard.press("Escape")
    await expect(desk.card("Ada")).to_be_visible()


@pytest.mark.behaviour(252)
async def test_filters_are_offered_while_they_are_typed(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    ada = await shop.wrote(channel_id, "Ada", "A lamp, please")
    await shop.wrote(channel_id, "Bo", "A lamp, too")
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES ('Big customer', '', '', 'grey', now())")
    await shop.change("UPDATE contact SET tag_ids = ARRAY(SELECT id FROM tag) WHERE id = :c", c=ada)
    desk = await agent_page(shop.world.agent)
    await desk.open()
    page = desk.page
    await bar(page).click()
    choices = page.get_by_role("listbox", name="Filters").get_by_role("option")
    await expect(choices).to_have_count(8)
    await page.keyboard.type("lamp ta")
    await expect(choices).to_have_count(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(bar(page)).to_have_value("lamp tag:")
    await page.keyboard.type("big")
    await expect(choices).to_have_text([re.compile("Big customer")])
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(bar(page)).to_have_value('lamp tag:"Big customer" ')
    await expect(hits(page)).to_have_count(1)
    await expect(hits(page)).to_contain_text("Ada")
    await bar(page).fill("lamp tag:small")
    await expect(page.locator(".search-problem")).to_contain_text("There is no tag “small”.")


@pytest.mark.behaviour(255)
async def test_the_palette_finds_actions_contacts_and_pages(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Ada", "Hello")
    await shop.wrote(channel_id, "Zoë", "Hello")
    desk = await agent_page(shop.world.owner)
    await desk.open()
    page = desk.page
    await desk.choose("Ada")
    words = page.get_by_role("combobox", name="What to do or where to go")
    chosen = page.locator("#palette [role=option][aria-selected=true]")
    await desk.reply.focus()
    await page.keyboard.press("Control+k")
    await expect(words).to_be_focused()
    await page.keyboard.type("ZO")
    await expect(chosen).to_contain_text("Zoë")
    await page.keyboard.press("Enter")
    await expect(page.locator("#thread_name")).to_have_text("Zoë")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("close conv")
    await expect(chosen).to_contain_text("Close conversation")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Open conversation")).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("labels colour")
    await expect(chosen).to_contain_text("Settings: Tags")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/settings/tags$"))
    await page.keyboard.press("Control+k")
    await page.keyboard.type("inb mine")
    await expect(chosen).to_contain_text("Inbox: Mine")
    await page.keyboard.press("Escape")
    await expect(words).to_be_hidden()
    await page.keyboard.press("Control+k")
    await page.keyboard.type("nobody knows this")
    await expect(chosen).to_contain_text("Search messages for")
    await page.keyboard.press("Enter")
    await expect(bar(page)).to_have_value("nobody knows this")
    await expect(page.locator(".search-results")).to_contain_text("Nothing found")


@pytest.mark.behaviour(400)
@pytest.mark.behaviour(402)
async def test_either_spelling_finds_in_the_bar_the_palette_and_a_list(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Łukasz", "Ein Café in München?")
    desk = await agent_page(shop.world.owner)
    await desk.open()
    page = desk.page
    await page.keyboard.press("Control+k")
    await page.keyboard.type("lukasz")
    await expect(page.locator("#palette [role=option][aria-selected=true]")).to_contain_text("Łukasz")
    await page.keyboard.press("Enter")
    await expect(page.locator("#thread_name")).to_have_text("Łukasz")
    await bar(page).fill("cafe mun")
    await expect(hits(page).locator("mark")).to_have_text(["Café", "Mün"])
    await desk.open("/settings/tags")
    await page.get_by_role("searchbox", name="Search settings").fill("clósing")
    await expect(page.locator(".settings-side .settings-link:visible")).to_have_text([re.compile("Closing notes")])


@pytest.mark.behaviour(256)
async def test_single_keys_walk_and_act_but_never_while_somebody_writes(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    for name in ("Ada", "Bo", "Cy"):
        await shop.wrote(channel_id, name, f"Hello from {name}")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    page, keys, opened = desk.page, desk.page.keyboard, desk.page.locator("#thread_name")
    await keys.press("j")
    await expect(opened).to_have_text("Cy")
    await expect(desk.card("Cy").get_by_role("link")).to_be_focused()
    await keys.press("j")
    await expect(opened).to_have_text("Bo")
    await keys.press("k")
    await expect(opened).to_have_text("Cy")
    await expect(desk.card("Cy").get_by_role("link")).to_be_focused()
    await keys.press("r")
    await expect(desk.reply).to_be_focused()
    await keys.type("jeac?")
    await expect(desk.reply).to_have_value("jeac?")
    await expect(opened).to_have_text("Cy")
    await keys.press("Escape")
    await keys.press("c")
    await expect(page.get_by_label("Comment for your team")).to_be_focused()
    await keys.press("Escape")
    await keys.press("a")
    await expect(page.get_by_label("Find a member")).to_be_focused()
    await keys.press("Escape")
    await page.locator(".thread-assignee").hover()
    await expect(page.locator(".thread-assignee")).to_have_attribute("title", re.compile(r"\(A\)$"))
    await keys.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(sheet).to_be_visible()
    await sheet.get_by_label("Single keys work").uncheck()
    await keys.press("Escape")
    await expect(sheet).to_be_hidden()
    await keys.press("e")
    await keys.press("Control+k")
    await keys.press("Escape")
    await expect(page.locator(".thread-head").get_by_role("button", name="Close conversation")).to_be_visible()
    await page.get_by_role("button", name="Your menu").click()
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    await sheet.get_by_label("Single keys work").check()
    await keys.press("Escape")
    await keys.press("e")
    await expect(page.get_by_role("button", name="Open conversation")).to_be_visible()
