"""What is known about a contact is changed beside the thread, and the other browser shows it."""

import pytest
from playwright.async_api import Locator, Page, expect

from ismessenger.contacts.define_fields import FieldDraft, add_field
from ismessenger.contacts.lifecycle import enable_lifecycle
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.held import held
from tests.browser.stories.shop import Shop
from tests.web.chromium import accessibility

pytestmark = pytest.mark.browser

LONG_ENOUGH_TO_ASK_MS = 500
"""A page that knows nothing of the hand would have asked for itself again by then."""


def panel(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Contact")


async def test_fields_tags_and_stage_are_changed_in_place_and_show_in_the_other_browser(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await enable_lifecycle(db, on=True)
        await add_field(db, FieldDraft("Plan", "list", options=["Free", "Pro"]))
        await add_field(db, FieldDraft("Margin", "number", agent_access="hidden"))
        await add_field(db, FieldDraft("Shoe size", "number", visible=False))
    one, other = await agent_page(shop.world.agent), await agent_page(shop.world.manager)
    one.watch.expect("422")
    for desk in (one, other):
        await desk.open()
        await desk.choose("Ada")
    mine, theirs = panel(one.page), panel(other.page)
    await expect(mine.get_by_label("Margin")).to_have_count(0)
    await expect(theirs.get_by_label("Margin")).to_have_count(1)

    phone = mine.get_by_label("Phone")
    await phone.fill("not a number")
    await phone.press("Enter")
    await expect(mine.get_by_role("alert")).to_contain_text("is no phone number")
    await expect(phone).to_have_value("not a number")
    await expect(phone).to_be_focused()
    await phone.fill("+49 30 901820")
    await phone.press("Tab")
    await expect(mine.get_by_role("alert")).to_have_count(0)
    await expect(theirs.get_by_label("Phone")).to_have_value("+4930901820")
    await expect(theirs.get_by_label("Country")).to_have_value("Germany")
    await expect(other.thread.get_by_text("Phone changed")).to_have_count(1)

    await mine.get_by_label("Plan").select_option("Pro")
    await expect(theirs.get_by_label("Plan")).to_have_value("Pro")
    await mine.get_by_text("Show more").click()
    size = mine.get_by_label("Shoe size")
    await size.fill("42")
    await size.press("Escape")
    await expect(size).to_have_value("")

    await mine.get_by_label("Stage").select_option(label="🔥 Hot Lead")
    await expect(other.card("Ada")).to_contain_text("Hot Lead")
    await expect(other.page.locator(".thread-channel")).to_contain_text("Hot Lead")

    await mine.get_by_role("button", name="Add tag").click()
    words = mine.get_by_label("Find or make a tag")
    await words.fill("VIP")
    await mine.get_by_role("button", name="Make the tag “VIP”").click()
    await expect(theirs.locator(".tag")).to_have_text("VIP")
    await theirs.get_by_role("button", name="Remove the tag VIP").click()
    await expect(mine.locator(".tag")).to_have_count(0)
    await mine.get_by_role("button", name="Add tag").click()
    await mine.get_by_role("button", name="VIP").click()
    await expect(theirs.locator(".tag")).to_have_text("VIP")
    # What was unfolded stays so through all that came meanwhile.
    await expect(size).to_be_visible()
    assert await accessibility(one.page) == []


async def test_fields_are_dragged_into_another_order(shop: Shop, agent_page: AgentPage) -> None:
    desk = await agent_page(shop.world.manager)
    await desk.page.goto(f"{desk.address}/settings/fields")
    names = desk.page.locator(".settings-row-name")
    await desk.page.get_by_role("button", name="Move Last name up").click()
    await expect(names.first).to_have_text("Last name")
    await expect(desk.page.get_by_role("button", name="Move Last name down")).to_be_enabled()
    handle = desk.page.locator("#field_row_email .sortable-handle")
    await handle.drag_to(desk.page.locator("#field_row_lastName"), target_position={"x": 40, "y": 4})
    await expect(names.first).to_have_text("E-mail")
    await expect(desk.page.get_by_role("button", name="Move E-mail up")).to_be_disabled()
    await desk.page.reload()
    await expect(names.first).to_have_text("E-mail")


@pytest.mark.behaviour(432)
@pytest.mark.parametrize("moment", ["before", "meanwhile"])
async def test_what_others_change_does_not_take_a_row_out_of_the_hand(shop: Shop, agent_page: AgentPage, moment: str) -> None:
    desk = await agent_page(shop.world.manager)
    page, names = desk.page, desk.page.locator(".settings-row-name")
    await desk.open("/settings/fields")
    grip, place = (
        await page.locator("#field_row_email .sortable-handle").bounding_box(),
        await page.locator("#field_row_firstName").bounding_box(),
    )
    assert grip
    assert place

    async def drags() -> None:
        await page.mouse.move(grip["x"] + 4, grip["y"] + 4)
        await page.mouse.down()
        await page.mouse.move(place["x"] + 40, place["y"] + 60, steps=4)
        await expect(page.locator("#field_row_email")).to_have_attribute("data-dragged", "")

    async with held(page, "/settings/fields$") as answers:
        if moment == "meanwhile":
            await drags()
        # A page that has just opened may have had to catch up.
        before = answers.count
        hears = await desk.hears("turbo:before-stream-render")
        async with shop.world.installation.tenancy.workspace(shop.world.workspace_id) as db:
            await add_field(db, FieldDraft("Shoe size", "number"))
        await hears()
        if moment == "before":
            await answers.asked_for()
            await drags()
        else:
            await page.wait_for_timeout(LONG_ENOUGH_TO_ASK_MS)
            assert answers.count == before
        answers.free.set()
        await page.mouse.move(place["x"] + 40, place["y"] + 4, steps=4)
        await page.mouse.up()
        await expect(names.first).to_have_text("E-mail")
        await expect(names.last).to_have_text("Shoe size")
    await page.reload()
    await expect(names.first).to_have_text("E-mail")
