"""Names as long as they may be, on a desk and on a phone: nothing is pushed out of its column."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
LONG = "Donaudampfschifffahrtselektrizit\u00e4tenhauptbetriebswerkbauunterbeamtengesellschaft"
SIDEWAYS = """[document.documentElement, ...document.querySelectorAll('main, .settings-section, .contact, .merge-side, .begin-found')]
  .filter(each => each.clientWidth && each.scrollWidth > each.clientWidth + 1).map(each => `${each.tagName} ${each.className}`)"""
SMALL = """[...document.querySelectorAll('a.btn, button, .input, .select, .tab, .nav-place')]
  .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest('.composer, .thread-bar, .inboxes, .toasts'))
  .filter(each => { const {height} = each.getBoundingClientRect(); return height > 1 && height < 44 })
  .map(each => `${each.className} ${each.innerText || each.ariaLabel}`)"""


async def lengthen(shop: Shop) -> tuple[int, int]:
    """Two contacts, a tag and a channel with long names; the numbers of the contacts."""
    channel_id = await shop.quiet()
    first, second = await shop.wrote(channel_id, LONG), await shop.wrote(channel_id, "Bo")
    await shop.change("UPDATE channel SET name = :name", name=LONG)
    tag = "INSERT INTO tag (name, description, emoji, color, created_at) VALUES (:name, '', '', 'green', now())"
    await shop.change(tag, name=LONG * 2)
    await shop.change("UPDATE contact SET tag_ids = (SELECT array_agg(id) FROM tag)")
    return first, second


async def stands(page: Page, address: str, path: str) -> None:
    await page.goto(address + path)
    await expect(page.get_by_text(LONG[:20]).first).to_be_attached()
    assert (path, await page.evaluate(SIDEWAYS)) == (path, [])


@pytest.mark.behaviour(367)
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
async def test_long_names_push_nothing_out_of_its_column(shop: Shop, agent_page: AgentPage, phone: bool) -> None:
    first, second = await lengthen(shop)
    desk = await agent_page(shop.world.owner, phone=phone)
    for path in (
        f"/inbox/all/contacts/{first}",
        f"/contacts/{first}/merge/{second}",
        "/conversations/new",
        "/contacts/new",
        "/settings/tags",
        "/settings/channels",
    ):
        await stands(desk.page, desk.address, path)


@pytest.mark.behaviour(368)
async def test_on_a_phone_a_finger_meets_what_it_aims_at(shop: Shop, agent_page: AgentPage) -> None:
    desk = await agent_page(shop.world.owner, phone=True)
    for path in ("/inbox", "/contacts", "/settings/channels", "/settings/teams/new", "/account/profile", "/notifications"):
        await desk.page.goto(desk.address + path)
        await expect(desk.page.locator("main")).to_be_visible()
        small = await desk.page.evaluate(SMALL)
        assert not small, (path, small)


@pytest.mark.behaviour(399)
async def test_a_long_name_from_right_to_left_is_cut_at_its_end(shop: Shop, agent_page: AgentPage) -> None:
    name = "\u0645\u062d\u0645\u062f " * 12
    contact_id = await shop.wrote(await shop.quiet(), name)
    desk = await agent_page(shop.world.manager)
    for path, place in (
        (f"/inbox/all/contacts/{contact_id}", ".contact-card-name, .thread-name"),
        ("/contacts", ".contacts-name > a > span[dir]"),
    ):
        await desk.page.goto(desk.address + path)
        await expect(desk.page.locator(place).first).to_be_visible()
        looks = "all => all.map(each => [getComputedStyle(each).direction, getComputedStyle(each).textAlign])"
        assert set(map(tuple, await desk.page.locator(place).evaluate_all(looks))) == {("rtl", "left")}
