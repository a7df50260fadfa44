"""Whoever is faster than the server does what they meant to do: what is on its way is held here until the story says so."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.held import held
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser

# Changes fields of the contact in one moment.
CHANGES = """(panel, values) => {
    for (const [field, value] of Object.entries(values)) {
        const control = panel.querySelector(`.inplace[id$="_${field}"]`);
        control.value = value;
        for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
    }
}"""
OPENS_AND_SAYS_WHAT_HAS_THE_FOCUS = """(button) => {
    button.click();
    return document.activeElement.textContent.trim();
}"""


@pytest.fixture
async def desk(shop: Shop, agent_page: AgentPage) -> Desk:
    """The inbox with conversations of Ada, which is open, and of Bo, the next one."""
    channel_id = await shop.quiet()
    for name in ("Bo", "Ada"):
        await shop.wrote(channel_id, name, f"Hello from {name}")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await desk.choose("Ada")
    return desk


async def states(shop: Shop) -> dict[str, str]:
    return dict(await shop.rows("SELECT first_name, status FROM contact"))


@pytest.mark.behaviour(370)
async def test_a_key_waits_for_the_conversation_that_was_walked_to(shop: Shop, desk: Desk) -> None:
    page, keys = desk.page, desk.page.keyboard
    await keys.press("Escape")
    async with held(page, "/inbox/all/contacts/") as thread:
        await keys.press("j")
        await thread.asked_for()
        await keys.press("e")
        # What is typed after it is no key for anything.
        await keys.press("n")
        assert await states(shop) == {"Ada": "open", "Bo": "open"}
        thread.free.set()
        await expect(page.locator("#thread_name")).to_have_text("Bo")
        await expect(page.get_by_role("button", name="Open conversation")).to_be_visible()
    await expect(page.get_by_role("dialog", name="New conversation")).to_be_hidden()
    assert await states(shop) == {"Ada": "open", "Bo": "closed"}


@pytest.mark.behaviour(370)
async def test_what_is_written_while_another_conversation_loads_goes_to_nobody_else(shop: Shop, desk: Desk) -> None:
    page = desk.page
    await desk.reply.fill("For Ada")
    async with held(page, "/inbox/all/contacts/") as thread:
        await desk.card("Bo").get_by_role("link").click()
        await thread.asked_for()
        await page.locator(".composer-text").first.evaluate("text => text.focus()")
        await page.keyboard.press("Enter")
        await page.keyboard.press("e")
        thread.free.set()
        await expect(page.locator("#thread_name")).to_have_text("Bo")
    await expect(desk.reply).to_be_focused()
    await expect(desk.reply).to_have_value("")
    await desk.choose("Ada")
    await expect(desk.reply).to_have_value("For Ada")
    await expect(desk.bubble("For Ada")).to_have_count(0)
    assert await states(shop) == {"Ada": "open", "Bo": "open"}


@pytest.mark.behaviour(370)
async def test_a_conversation_that_did_not_come_leaves_the_one_before_in_use(desk: Desk) -> None:
    desk.watch.expect("ERR_FAILED", "Failed to fetch")
    await desk.page.route(re.compile("/inbox/all/contacts/"), lambda route: route.abort())
    await desk.card("Bo").get_by_role("link").click()
    await expect(desk.page.get_by_role("alert")).to_be_visible()
    await desk.says("Still with you")


@pytest.mark.behaviour(371)
async def test_enter_in_the_palette_picks_what_was_typed_and_is_on_its_way(shop: Shop, desk: Desk) -> None:
    page = desk.page
    await shop.wrote((await shop.rows("SELECT id FROM channel"))[0][0], "Cy", "Hello")
    await page.keyboard.press("Control+k")
    await page.keyboard.type("Bo")
    await expect(page.locator("#palette_contacts [role=option]")).to_have_text(["Bo"])
    async with held(page, "/palette/contacts") as contacts:
        await page.locator("#palette_words").fill("Cy")
        await page.keyboard.press("Enter")
        await contacts.asked_for()
    await expect(page.locator("#palette")).to_be_hidden()
    await expect(page.locator("#thread_name")).to_have_text("Cy")


@pytest.mark.behaviour(372)
async def test_two_fields_that_are_changed_at_once_are_both_saved(shop: Shop, desk: Desk) -> None:
    panel = desk.page.get_by_role("complementary", name="Contact")
    async with (
        desk.page.expect_response(re.compile("/fields/phone$")) as phone,
        desk.page.expect_response(re.compile("/fields/email$")) as email,
    ):
        await panel.evaluate(CHANGES, {"phone": "+49 30 901820", "email": "ada@shop.example"})
    assert (await phone.value).ok
    assert (await email.value).ok
    assert await shop.rows("SELECT phone, email FROM contact WHERE first_name = 'Ada'") == [("+4930901820", "ada@shop.example")]


@pytest.mark.behaviour(372)
async def test_a_change_is_saved_although_another_page_is_opened_at_once(shop: Shop, desk: Desk) -> None:
    await desk.page.goto(f"{desk.address}/account/profile")
    hold_back = desk.page.locator("[name=undo_send]")
    async with desk.page.expect_response(re.compile("/account/sending$")) as saved:
        await hold_back.evaluate("box => { box.click(); document.querySelector('.nav-place[href=\"/inbox\"]').click(); }")
    assert (await saved.value).status < 400
    await expect(desk.page).to_have_url(re.compile("/inbox$"))
    assert await shop.rows("SELECT undo_send FROM member WHERE id = :id", id=desk.member.id) == [(True,)]


@pytest.mark.behaviour(373)
async def test_the_first_choice_of_a_menu_has_the_focus_as_soon_as_it_opens(desk: Desk) -> None:
    more = desk.page.locator("[popovertarget=more_menu]")
    for _ in range(2):
        assert (
            await more.evaluate(OPENS_AND_SAYS_WHAT_HAS_THE_FOCUS)
            == await desk.page.locator("#more_menu .menu-item:visible").first.inner_text()
        )
        await expect(more).to_have_attribute("aria-expanded", "true")
        await expect(desk.page.locator(".menu-item[autofocus]")).to_have_count(0)
        await desk.page.keyboard.press("Escape")


@pytest.mark.behaviour(9)
async def test_a_dot_outlives_numbers_that_were_asked_for_before(shop: Shop, desk: Desk) -> None:
    dot = desk.page.locator(".inbox-link:has(.inbox-news:visible) .inbox-link-name")
    await desk.choose("Bo")
    await expect(dot).to_have_count(0)
    async with held(desk.page, "/inbox/counts") as counts:
        await desk.open()
        await counts.asked_for()
        await shop.wrote((await shop.rows("SELECT id FROM channel"))[0][0], "Cy", "Hello")
        await expect(dot).to_have_text(["Unassigned"])
        counts.free.set()
        await expect(desk.inbox("All")).to_contain_text("2 open")
        assert await dot.all_inner_texts() == ["Unassigned"]


async def test_beginning_a_conversation_again_shows_nothing_of_the_last_time(desk: Desk) -> None:
    page, begin = desk.page, desk.page.get_by_role("button", name="New conversation")
    dialog = page.get_by_role("dialog", name="New conversation")
    await begin.click()
    await dialog.get_by_role("link", name="Bo").click()
    await expect(dialog.get_by_role("button", name="Write")).to_be_visible()
    await page.keyboard.press("Escape")
    async with held(page, "/conversations/new$") as form:
        await begin.click()
        await form.asked_for()
        await expect(dialog.locator("#new_conversation :is(form, input)")).to_have_count(0)
    await expect(dialog.get_by_role("searchbox")).to_be_focused()
