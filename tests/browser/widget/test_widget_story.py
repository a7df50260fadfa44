"""The whole story in two browsers: a visitor writes on a website, an agent sees it live and answers, both see the other typing."""

import re

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from ismessenger.web.widget import demo as widget_demo
from tests.browser.widget.conftest import Opens
from tests.browser.widget.host import DESKTOP, PHONE
from tests.conftest import PASSWORD, World
from tests.web.chromium import accessibility, complaints_of
from tests.web.widget.site import Site, open_site

pytestmark = pytest.mark.browser


async def signed_in(browser: Browser, site: Site, email: str, viewport: dict[str, int] | None = None, scheme: str = "light") -> Page:
    context = await browser.new_context(viewport=viewport or DESKTOP, color_scheme=scheme, locale="en-GB")  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{site.world.installation.settings.address}/session/new")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/inbox*")
    return page


async def test_a_visitor_and_an_agent_talk_without_reloading(site: Site, browser: Browser, visits: Opens) -> None:
    agent = await signed_in(browser, site, site.world.agent.email)
    complaints = complaints_of(agent)
    guest = await visits(site)
    await guest.open()
    await guest.launcher.click()
    await guest.says("Is the lamp in stock?")
    card = agent.get_by_role("link", name=re.compile("Is the lamp in stock"))
    await card.first.click()
    reply = agent.get_by_label(re.compile("^Reply to"))
    await reply.press_sequentially("Ye", delay=5)
    await expect(guest.log.get_by_text(f"{site.world.agent.name} is typing")).to_be_attached()
    await reply.press_sequentially("s, in white")
    await reply.press("Enter")
    await expect(guest.log.get_by_text("Yes, in white", exact=True)).to_be_visible()
    await guest.says("I take it")
    await expect(agent.get_by_text("I take it", exact=True).last).to_be_visible()
    await site.settle()
    assert await site.rows("SELECT words, traffic FROM message ORDER BY sent_at") == [
        ("Is the lamp in stock?", "incoming"),
        ("Yes, in white", "outgoing"),
        ("I take it", "incoming"),
    ]
    await agent.context.close()
    assert complaints == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_settings_page_shows_what_is_typed(
    shop_world: World, http: httpx.AsyncClient, browser: Browser, viewport: dict[str, int], scheme: str
) -> None:
    site = await open_site(shop_world, http)
    page = await signed_in(browser, site, shop_world.owner.email, viewport, scheme)
    complaints = complaints_of(page)
    await page.goto(f"{shop_world.installation.settings.address}/settings/channels/{site.channel.channel_id}/widget")
    shown = page.frame_locator("iframe").get_by_role("dialog")
    await expect(shown.get_by_role("heading")).to_have_text("Chat with us")
    await page.get_by_label("Title").fill("Typed just now")
    await expect(shown.get_by_role("heading")).to_have_text("Typed just now")
    await page.get_by_label("Rose").check()
    await expect(shown.locator(".head")).to_have_css("background-color", "rgb(190, 18, 60)")
    assert await accessibility(page) == []
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved. Visitors see the change within a minute.")).to_be_visible()
    assert (await site.rows("SELECT config ->> 'title', config ->> 'colour' FROM channel")) == [("Typed just now", "rose")]
    await page.context.close()
    assert complaints == []


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_demo_shop_carries_the_chat(
    shop_world: World, http: httpx.AsyncClient, browser: Browser, monkeypatch: pytest.MonkeyPatch, viewport: dict[str, int], scheme: str
) -> None:
    site = await open_site(shop_world, http)
    monkeypatch.setattr(widget_demo, "DEMO_SLUG", shop_world.slug)
    context = await browser.new_context(viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    page = await context.new_page()
    complaints = complaints_of(page)
    await page.goto(f"{shop_world.installation.settings.address}/demo/shop")
    await expect(page.get_by_role("button", name="Open chat")).to_be_visible()
    assert await accessibility(page) == []
    await page.get_by_role("link", name="City 8").click()
    await page.get_by_role("button", name="Ask us about it").click()
    await page.get_by_label("Write a message").fill("Does it come in green?")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("log").locator(".mine .meta")).to_contain_text("Sent")
    await site.settle()
    assert await site.rows("SELECT words FROM message") == [("Does it come in green?",)]
    assert await accessibility(page) == []
    await context.close()
    assert complaints == []
