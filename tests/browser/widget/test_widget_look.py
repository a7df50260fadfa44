"""How the widget behaves on phones, by keyboard, for screen readers, and inside rude pages."""

import re

import pytest
from playwright.async_api import Page, expect

from ismessenger.sdk.content import Button, Buttons, Card, Carousel, QuickReplies, QuickReply, Text
from tests.browser.widget.conftest import Opens
from tests.browser.widget.host import DESKTOP, PHONE, Visit
from tests.conftest import World
from tests.web.chromium import accessibility
from tests.web.widget.site import Site, open_site

pytestmark = pytest.mark.browser


SHAPES = """
dialog => [dialog, ...dialog.querySelectorAll("h2, textarea, button")].map(element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  const colours = [style.color, style.backgroundColor, style.borderColor];
  return [...colours, style.fontSize, style.fontFamily, style.visibility, box.x, box.y, box.width, box.height];
})
"""


async def opened(site: Site, visits: Opens, viewport: dict[str, int] | None = None, path: str = "/", **more: object) -> Visit:
    guest = await visits(site, viewport, **more)
    await guest.open(path)
    await guest.launcher.click()
    await expect(guest.dialog).to_be_visible()
    return guest


async def focused(page: Page) -> str:
    """The name of what has the focus inside the widget."""
    name: str = await page.evaluate(
        "() => { const e = document.querySelector('#ismessenger').shadowRoot.activeElement;"
        " return e ? (e.getAttribute('aria-label') || e.textContent || e.className) : '' }"
    )
    return name


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("colour", ["teal", "#ffe14d"])
async def test_axe_finds_nothing(
    shop_world: World, http: object, visits: Opens, viewport: dict[str, int], scheme: str, colour: str
) -> None:
    site = await open_site(shop_world, http, colour=colour, sound="true", online_hours="Always")  # type: ignore[arg-type]
    guest = await opened(site, visits, viewport, color_scheme=scheme)
    assert await accessibility(guest.page) == []
    await guest.says("Hello")
    await guest.confirmed()
    await site.settle()
    await site.answer(Text(text="See [this](https://a.example) and `that`"))
    await site.answer(
        Buttons(text="Which?", buttons=[Button(title="One", value="1"), Button(kind="url", title="Two", value="https://b.example")])
    )
    await site.answer(Carousel(cards=[Card(title="A", subtitle="Small"), Card(title="B")]))
    await site.answer(QuickReplies(title="Done?", replies=[QuickReply(title="Yes")]))
    await expect(guest.log.get_by_role("button", name="Yes")).to_be_visible()
    await guest.page.get_by_role("button", name="Insert emoji").click()
    assert await accessibility(guest.page) == []


async def test_axe_finds_nothing_in_the_form(shop_world: World, http: object, visits: Opens) -> None:
    site = await open_site(shop_world, http, pre_chat="name*, email, phone")  # type: ignore[arg-type]
    guest = await opened(site, visits)
    await guest.page.get_by_role("button", name="Start chat").click()
    await expect(guest.page.get_by_text("Please fill this in.")).to_be_visible()
    assert await accessibility(guest.page) == []


async def test_everything_is_reached_by_keyboard(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    await guest.open()
    await expect(guest.launcher).to_be_visible()
    keys = guest.page.keyboard
    await keys.press("Tab")
    await keys.press("Tab")
    assert await focused(guest.page) == "Open chat"
    await keys.press("Enter")
    await expect(guest.field).to_be_focused()
    await keys.type("Hello by key")
    await keys.press("Shift+Enter")
    await keys.type("second line")
    await keys.press("Enter")
    await expect(guest.log.locator(".mine .bubble")).to_have_text("Hello by key\nsecond line")
    await guest.confirmed()
    await keys.press("Shift+Tab")
    assert await focused(guest.page) == "Insert emoji"
    await keys.press("Enter")
    await keys.press("ArrowRight")
    await keys.press("Enter")
    await expect(guest.field).to_have_value("😄")
    await expect(guest.field).to_be_focused()
    await keys.press("Escape")
    await expect(guest.dialog).to_be_hidden()
    assert await focused(guest.page) == "Open chat"


async def test_escape_closes_the_emoji_first(site: Site, visits: Opens) -> None:
    guest = await opened(site, visits)
    await guest.page.get_by_role("button", name="Insert emoji").click()
    await guest.page.keyboard.press("Escape")
    await expect(guest.dialog).to_be_visible()
    await expect(guest.page.get_by_role("group", name="Insert emoji")).to_be_hidden()
    await guest.page.keyboard.press("Escape")
    await expect(guest.dialog).to_be_hidden()


async def test_on_a_phone_the_chat_fills_the_screen_and_keeps_the_focus_inside(site: Site, visits: Opens) -> None:
    guest = await opened(site, visits, PHONE)
    box = await guest.dialog.bounding_box()
    assert box == {"x": 0, "y": 0, **PHONE}
    await expect(guest.dialog).to_have_attribute("aria-modal", "true")
    await expect(guest.launcher).to_be_hidden()
    names = []
    for _ in range(12):
        await guest.page.keyboard.press("Tab")
        names.append(await focused(guest.page))
    assert "" not in names
    assert "Write a message" in names
    await guest.page.get_by_role("button", name="Close chat").click()
    await expect(guest.launcher).to_be_visible()


async def test_a_phones_field_does_not_make_the_page_zoom(site: Site, visits: Opens) -> None:
    guest = await opened(site, visits, PHONE)
    assert await guest.field.evaluate("e => getComputedStyle(e).fontSize") == "16px"


async def test_a_rude_page_changes_nothing(site: Site, visits: Opens) -> None:
    # Measured while it opens, no two are alike.
    polite, rude = await visits(site, reduced_motion="reduce"), await visits(site, reduced_motion="reduce")
    await polite.open()
    await rude.open(rude="1")
    shapes = []
    for guest in (polite, rude):
        await guest.launcher.click()
        await expect(guest.dialog).to_be_visible()
        shapes.append(await guest.dialog.evaluate(SHAPES))
    assert shapes[0] == shapes[1]
    assert await rude.page.evaluate("() => getComputedStyle(document.querySelector('#ismessenger')).opacity") == "1"


async def test_on_a_phone_the_chat_fills_the_screen_again_after_the_keyboard_went(site: Site, visits: Opens) -> None:
    guest = await opened(site, visits, PHONE)
    await guest.page.set_viewport_size({"width": PHONE["width"], "height": 420})
    await expect(guest.dialog).to_have_js_property("offsetHeight", 420)
    await guest.page.get_by_role("button", name="Close chat").click()
    await guest.page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    await guest.launcher.click()
    await expect(guest.dialog).to_have_js_property("offsetHeight", PHONE["height"])


async def test_times_are_told_as_the_visitors_browser_tells_them(site: Site, visits: Opens) -> None:
    guest = await opened(site, visits)
    await guest.says("Is it open?")
    await guest.confirmed()
    assert re.fullmatch(r"\d\d:\d\d", await guest.log.locator(".mine time").last.inner_text())  # British: no a.m. and p.m.


async def test_a_visitor_who_wants_no_motion_gets_none(site: Site, visits: Opens) -> None:
    guest = await opened(site, visits, reduced_motion="reduce")
    assert await guest.dialog.evaluate("e => getComputedStyle(e).animationName") == "none"


async def test_arabic_is_written_from_right_to_left(shop_world: World, http: object, visits: Opens) -> None:
    site = await open_site(shop_world, http, language="ar", position="left")  # type: ignore[arg-type]
    guest = await visits(site)
    await guest.open()
    await expect(guest.launcher).to_have_accessible_name("فتح المحادثة")
    await guest.launcher.click()
    assert await guest.dialog.evaluate("e => getComputedStyle(e).direction") == "rtl"
    box = await guest.dialog.bounding_box()
    assert box is not None
    assert box["x"] == 20
    assert await accessibility(guest.page) == []


async def test_the_page_is_left_alone(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    await guest.open()
    await expect(guest.launcher).to_be_visible()
    globals_ = await guest.page.evaluate("Object.keys(window).filter(name => name.toLowerCase().includes('messenger'))")
    assert globals_ == ["ismessenger"]
    assert await guest.page.evaluate("document.styleSheets.length") == 1
    assert await guest.page.evaluate("document.cookie") == ""
    assert await guest.page.evaluate("document.querySelectorAll('body > *').length") == 3


async def test_where_storage_is_blocked_the_chat_works_as_long_as_the_page(site: Site, visits: Opens) -> None:
    guest = await visits(site)
    blocked = (
        "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get() { throw new Error('no') } })"
    )
    await guest.page.add_init_script(blocked)
    await guest.open()
    await guest.launcher.click()
    await guest.says("No storage here")
    await guest.confirmed()
    await site.settle()
    await site.answer("Still answered")
    await expect(guest.log.get_by_text("Still answered")).to_be_visible()
