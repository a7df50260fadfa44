"""A Manager at the contacts table: a filter becomes a segment, all in it get a tag; one is looked at, one is deleted, one is added."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.stories.conftest import AgentPage, Product
from tests.browser.stories.desk import DESKTOP, PHONE, Desk
from tests.browser.stories.lines import reads_itself_again
from tests.browser.stories.shop import Shop
from tests.browser.stories.test_pages import look

pytestmark = pytest.mark.browser


async def at_the_table(shop: Shop, agent_page: AgentPage, number: int) -> Desk:
    """So many people with a language, and Ada, who wrote; there is a tag."""
    await shop.change(
        "INSERT INTO contact (first_name, last_name, language, email, status, created_at, created_source)"
        " SELECT 'Person', 'P' || n, 'fr', 'p' || n || '@x.example', 'closed', now(), 'user' FROM generate_series(1, :number) AS n",
        number=number,
    )
    await shop.change("INSERT INTO tag (name, description, emoji, color, created_at) VALUES ('VIP', '', '⭐', 'green', now())")
    await shop.wrote(await shop.quiet(), "Ada", "Hello")
    desk = await agent_page(shop.world.manager)
    await desk.page.goto(f"{desk.address}/contacts")
    return desk


def count_at(page: Page) -> Locator:
    """The number in the table's heading."""
    return page.get_by_role("region", name="All contacts").get_by_role("paragraph").first


async def filter_by_language(page: Page) -> None:
    """Show those whose language is known."""
    await page.get_by_role("button", name="Filter").click()
    await page.get_by_role("button", name="Add condition").click()
    await page.get_by_label("What the condition is about").select_option(label="Language")
    await page.get_by_label("How it compares").select_option(label="is set")
    await page.get_by_role("button", name="Show contacts").click()


async def looked_at(page: Page, name: str, *sizes: dict[str, int]) -> list[str]:
    """What is wrong with the page in these sizes."""
    found = []
    for size in sizes:
        await page.set_viewport_size(size)  # type: ignore[arg-type]
        found += await look(page, name, size["width"])
    await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    return found


async def test_all_in_a_segment_get_a_tag(shop: Shop, agent_page: AgentPage) -> None:
    page = (await at_the_table(shop, agent_page, 60)).page
    heading, rows = page.locator(".contacts-heading"), page.locator(".contacts-row")
    await expect(heading).to_contain_text("61 contacts")
    await filter_by_language(page)
    await expect(heading).to_contain_text("60 contacts")
    await page.get_by_role("button", name="Save as a new segment").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Speak French")
    await page.get_by_role("dialog").get_by_role("button", name="Save segment").click()
    await expect(heading).to_contain_text("Speak French")
    await expect(page.get_by_role("navigation", name="Segments").get_by_role("link", name="Speak French")).to_contain_text("60")

    await page.get_by_role("checkbox", name="Choose all on this page").check()
    await page.get_by_role("button", name="Choose all 60 that match").click()
    await expect(page.get_by_text("All that match are chosen")).to_be_visible()
    await page.get_by_role("button", name="Add tags").click()
    question = page.get_by_role("dialog")
    await expect(question).to_contain_text("Add tags to 60 contacts")
    await question.get_by_role("checkbox", name="VIP").check()
    await question.get_by_role("button", name="Add tags").click()
    await expect(page.get_by_text("60 changed")).to_be_visible()
    await expect(rows.first.locator(".tag")).to_have_text(re.compile("VIP"))
    await expect(page.get_by_role("link", name="With tags")).to_contain_text("60")


async def test_a_table_counts_anew_where_others_delete(shop: Shop, agent_page: AgentPage) -> None:
    one = (await at_the_table(shop, agent_page, 3)).page
    other = await agent_page(shop.world.manager)
    await other.open("/contacts")
    await expect(count_at(other.page)).to_have_text("4 contacts")
    await one.get_by_role("button", name="Delete Ada").click()
    await one.get_by_role("dialog").get_by_role("button", name="Delete contact").click()
    for page in (one, other.page):
        await expect(page.get_by_role("link", name="Ada")).to_have_count(0)
        await expect(count_at(page)).to_have_text("3 contacts")


@pytest.mark.behaviour(423)
async def test_a_filter_that_is_being_made_stays_whatever_the_table_reads_again(
    product: Product, shop: Shop, agent_page: AgentPage
) -> None:
    desk = await at_the_table(shop, agent_page, 3)
    page = desk.page
    await desk.is_live()
    await page.get_by_role("button", name="Filter").click()
    await page.get_by_role("button", name="Add condition").click()
    await page.get_by_label("What the condition is about").select_option(label="Language")
    await page.get_by_role("button", name="Columns").click()
    columns = page.get_by_role("dialog")
    await columns.get_by_role("button", name=re.compile("^Move .* up$")).nth(2).click()
    order = await columns.get_by_role("listitem").all_inner_texts()
    await reads_itself_again(product, desk)
    assert await columns.get_by_role("listitem").all_inner_texts() == order
    await page.keyboard.press("Escape")
    await page.get_by_label("How it compares").select_option(label="is set")
    await page.get_by_role("button", name="Show contacts").click()
    await expect(count_at(page)).to_have_text("3 contacts")


async def test_contacts_are_looked_at_deleted_and_added(shop: Shop, agent_page: AgentPage) -> None:
    page = (await at_the_table(shop, agent_page, 3)).page
    await page.get_by_role("button", name="Delete Ada").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete contact").click()
    await expect(page.get_by_role("region", name="Notices")).to_contain_text("Ada is deleted")
    await expect(page.get_by_role("link", name="Ada")).to_have_count(0)
    await expect(page.get_by_role("dialog")).to_have_count(0)

    await filter_by_language(page)
    await expect(page.get_by_role("button", name="Save as a new segment")).to_be_visible()
    await page.get_by_role("checkbox", name="Choose Person P2").check()
    found = await looked_at(page, "contacts", PHONE, DESKTOP)
    await page.get_by_role("button", name="Assign", exact=True).click()
    await expect(page.get_by_role("dialog")).to_contain_text("Assign 1 contact")
    found += await looked_at(page, "contacts-question", PHONE)
    await page.keyboard.press("Escape")
    await page.get_by_role("link", name="Person P2", exact=True).click()
    beside = page.get_by_role("complementary", name="Contact")
    await expect(beside.get_by_role("link", name="Merge…")).to_be_visible()
    found += await looked_at(page, "contacts-beside", PHONE)
    await beside.get_by_role("button", name="Close the contact").last.click()
    await expect(beside.get_by_role("heading", name="Person P2")).to_have_count(0)

    await page.get_by_role("button", name="Columns").click()
    columns = page.get_by_role("dialog")
    await columns.get_by_role("checkbox", name="Contact ID").check()
    await columns.get_by_role("button", name="Move Contact ID up").click()
    await expect(columns.get_by_role("button", name="Move Contact ID up")).to_be_focused()
    await columns.get_by_role("button", name="Show these columns").click()
    await expect(page.get_by_role("columnheader", name="Contact ID")).to_be_visible()

    await page.get_by_role("link", name="New contact").click()
    await expect(page.get_by_role("heading", name="New contact")).to_be_visible()
    found += await looked_at(page, "contacts-new", PHONE)
    await page.get_by_label("First name").fill("Dee")
    await page.get_by_label("E-mail").fill("P2@x.example")
    await page.get_by_role("button", name="Add contact").click()
    await expect(page.get_by_text("The same e-mail address as Person P2")).to_be_visible()
    assert not found, "\n".join(found)
