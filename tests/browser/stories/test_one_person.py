"""One person behind two contacts: found, compared, merged; blocked by mistake, and deleted at last. The colleague's screen follows."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import DESKTOP, PHONE, Desk
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_pages import look

pytestmark = pytest.mark.browser


@pytest.fixture
async def two(shop: Shop, agent_page: AgentPage) -> tuple[Desk, Desk]:
    """Ada wrote from two places; the agent looks at the one, the manager at the other."""
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    await shop.wrote(channel_id, "Adele", "I asked from my telephone too")
    await shop.change("UPDATE contact SET email = 'ada@example.com'")
    await shop.change("UPDATE contact SET phone = '+60123456789' WHERE first_name = 'Adele'")
    one, other = await agent_page(shop.world.agent), await agent_page(shop.world.manager)
    for desk, name in ((one, "Ada"), (other, "Adele")):
        await desk.open()
        await desk.page.locator(".contact-card").filter(has=desk.page.get_by_text(name, exact=True)).get_by_role("link").click()
        await expect(desk.page.locator("#thread_name")).to_have_text(name)
    return one, other


async def test_two_contacts_are_one_person(two: tuple[Desk, Desk]) -> None:
    one, other = two
    await other.page.goto(f"{other.address}/contacts/duplicates")
    found = await look(other.page, "duplicates", 1440)
    await other.page.go_back()
    await expect(other.page.locator("#thread_name")).to_have_text("Adele")
    await other.is_live()

    await one.page.get_by_role("link", name="Compare and merge with Adele").click()
    result = one.page.locator("#merge_preview")
    await expect(result).to_contain_text("+60123456789")
    await one.page.get_by_role("radio", name="Adele").check()
    await expect(result.locator(".person-name")).to_have_text("Adele")
    for size in (DESKTOP, PHONE):
        await one.page.set_viewport_size(size)  # type: ignore[arg-type]
        found += await look(one.page, "merge", size["width"])
    await one.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    assert found == []

    await one.page.get_by_role("button", name="Merge contacts").click()
    await expect(one.page.locator("#thread_name")).to_have_text("Adele")
    for words in ("Is the lamp in stock?", "I asked from my telephone too"):
        await expect(one.bubble(words)).to_have_count(1)
    await expect(other.page.get_by_text("This contact was merged into another one")).to_be_visible()
    await expect(other.card("Adele")).to_have_count(1)
    await other.page.get_by_role("link", name="Open the contact").click()
    await expect(other.bubble("Is the lamp in stock?")).to_have_count(1)


async def test_blocking_is_undone_from_the_notice_and_deleting_shows_everywhere(two: tuple[Desk, Desk]) -> None:
    one, other = two
    panel = one.page.locator("#contact_panel")
    await panel.get_by_role("button", name="Block…").click()
    await one.page.get_by_role("dialog").get_by_role("button", name="Block", exact=True).click()
    for desk in two:
        await expect(desk.names).to_have_text(["Adele"])
    await expect(panel.get_by_text("Blocked", exact=True)).to_be_visible()
    await one.page.get_by_role("region", name="Notices").get_by_role("button", name="Unblock").click()
    for desk in two:
        await expect(desk.names).to_have_text(["Adele", "Ada"])

    await other.page.locator("#contact_panel").get_by_role("button", name="Delete…").click()
    question = other.page.get_by_role("dialog")
    await expect(question).to_contain_text(re.compile("1 message,.* cannot be undone"))
    await question.get_by_role("button", name="Delete contact").click()
    await expect(other.page.get_by_text("This contact was deleted")).to_be_visible()
    for desk in two:
        await expect(desk.names).to_have_text(["Ada"])
    await expect(panel.get_by_role("link", name=re.compile("Compare and merge"))).to_have_count(1)
