"""Members are told what happens: behind the bell, by a sound, and by the browser itself while they look elsewhere."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from playwright.async_api import Locator, Page, expect

from ismessenger.notifications.notify import notify
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop
from tests.standins.push_service import PushService

pytestmark = pytest.mark.browser

# What plays is counted: nobody hears a test.
LISTENING = "window.sounds = 0; HTMLMediaElement.prototype.play = function () { window.sounds++; return Promise.resolve(); }"
SOUNDED = """
new Promise(done => {
  const look = () => localStorage.getItem('ismessenger.notifications.sounded') ? done() : setTimeout(look, 20);
  look();
})
"""
# The browser's own push service is on the internet: this one is of this machine.
SUBSCRIBING = """
const given = %s;
const made = () => ({endpoint: given.endpoint, options: {}, toJSON: () => given, unsubscribe: async () => true});
PushManager.prototype.subscribe = async () => { localStorage.setItem('stand-in', '1'); return made(); };
PushManager.prototype.getSubscription = async () => localStorage.getItem('stand-in') ? made() : null;
"""


@pytest.fixture
async def channel_id(shop: Shop) -> int:
    return await shop.quiet()


@pytest.fixture
async def service() -> AsyncIterator[PushService]:
    async with PushService() as running:
        yield running


def bell(page: Page) -> Locator:
    return page.locator("[popovertarget=notifications_menu]")


def badge(page: Page) -> Locator:
    return page.locator(".nav-badge")


def lines(page: Page) -> Locator:
    return page.locator("#notifications_menu .notification")


async def other_window(desk: Desk, path: str) -> Page:
    page = await desk.context.new_page()
    await page.goto(desk.address + path)
    await expect(page.locator("#live_note")).to_have_attribute("data-state", "open")
    return page


async def assigned(shop: Shop, contact_id: int) -> None:
    """The owner hands a contact to the agent."""
    async with shop.installation.tenancy.workspace(shop.world.workspace_id) as db:
        await notify(db, "assigned", contact_id, to=[shop.world.agent.id], by=shop.world.owner.id)


@pytest.mark.behaviour(241)
@pytest.mark.behaviour(247)
async def test_a_new_message_is_told_in_all_windows_until_it_is_read_in_one(shop: Shop, agent_page: AgentPage, channel_id: int) -> None:
    contact_id = await shop.wrote(channel_id, "Ada", "Good morning")
    await shop.change("UPDATE contact SET assignee_id = :m WHERE id = :c", m=shop.world.agent.id, c=contact_id)
    desk = await agent_page(shop.world.agent)
    await desk.context.add_init_script(LISTENING)
    await desk.open("/account/profile")
    second = await other_window(desk, "/notifications")
    await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    await shop.wrote(channel_id, "Ada", "Hello?")
    for page in (desk.page, second):
        await expect(badge(page)).to_have_text("1")
        await expect(bell(page)).to_have_accessible_name("Alerts 1 unread")
    await sounded(desk.page, second)
    await bell(desk.page).click()
    line = lines(desk.page)
    await expect(line).to_contain_text(re.compile("3 new messages from .Ada"))
    await expect(line).to_contain_text("Hello?")
    await line.get_by_role("link").click()
    await expect(desk.page.locator("#thread_name")).to_have_text("Ada")
    await expect(desk.bubble("Is the lamp in stock?")).to_be_visible()
    for page in (desk.page, second):
        await expect(badge(page)).to_be_hidden()


async def sounded(*pages: Page) -> None:
    """One of the windows has sounded, and no other."""
    await pages[0].evaluate(SOUNDED)
    assert sum([await each.evaluate("window.sounds") for each in pages]) == 1


@pytest.mark.behaviour(241)
async def test_a_thread_that_is_open_tells_of_nothing(shop: Shop, agent_page: AgentPage, channel_id: int) -> None:
    await shop.wrote(channel_id, "Ada", "Good morning")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await desk.choose("Ada")
    await expect(badge(desk.page)).to_be_hidden()
    await shop.wrote(channel_id, "Ada", "Still there?")
    await shop.wrote(channel_id, "Bo", "Hello")
    await expect(badge(desk.page)).to_have_text("1")
    await bell(desk.page).click()
    unread = lines(desk.page).and_(desk.page.locator("[data-unread]"))
    await expect(unread).to_have_count(1)
    await expect(unread).to_contain_text("Bo")


@pytest.mark.behaviour(247)
async def test_opening_a_thread_settles_that_it_was_assigned(shop: Shop, agent_page: AgentPage, channel_id: int) -> None:
    desk = await agent_page(shop.world.agent)
    await desk.open()
    contact_id = await shop.wrote(channel_id, "Ada", "Good morning")
    await desk.choose("Ada")
    await desk.page.goto(desk.address + "/account/profile")
    await assigned(shop, contact_id)
    await expect(badge(desk.page)).to_have_text("1")
    await desk.open()
    await desk.choose("Ada")
    await expect(badge(desk.page)).to_be_hidden()


@pytest.mark.behaviour(247)
async def test_the_panel_by_keyboard_archives_and_keeps_the_focus(shop: Shop, agent_page: AgentPage, channel_id: int) -> None:
    contacts = [await shop.wrote(channel_id, name) for name in ("Ada", "Bo", "Cleo")]
    desk = await agent_page(shop.world.agent)
    for contact_id in contacts:
        await assigned(shop, contact_id)
    await desk.open("/account/profile")
    await expect(badge(desk.page)).to_have_text("6")
    await bell(desk.page).focus()
    await desk.page.keyboard.press("Enter")
    await expect(lines(desk.page)).to_have_count(6)
    first = await lines(desk.page).first.get_attribute("data-notification")
    await lines(desk.page).first.get_by_role("button", name="Archive").focus()
    await desk.page.keyboard.press("Enter")
    await expect(lines(desk.page)).to_have_count(5)
    await expect(lines(desk.page).first.get_by_role("link")).to_be_focused()
    await expect(badge(desk.page)).to_have_text("5")
    await desk.page.locator("#notifications_menu").get_by_role("link", name="Archived").click()
    await expect(lines(desk.page)).to_have_count(1)
    await expect(lines(desk.page)).to_have_attribute("data-notification", str(first))
    await lines(desk.page).get_by_role("button", name="Take out of the archive").click()
    await expect(lines(desk.page)).to_have_count(0)
    await desk.page.locator("#notifications_menu").get_by_role("link", name="New", exact=True).click()
    await expect(lines(desk.page)).to_have_count(6)
    await desk.page.get_by_role("button", name="Archive all").click()
    await expect(desk.page.locator("#notifications_menu")).to_contain_text("Nothing new")
    await expect(badge(desk.page)).to_be_hidden()


@pytest.mark.behaviour(248)
async def test_what_is_chosen_is_saved_by_itself(shop: Shop, agent_page: AgentPage) -> None:
    desk = await agent_page(shop.world.agent)
    await desk.open("/account/notifications")
    box = desk.page.get_by_role("checkbox", name="New message in my conversations: E-mail")
    await expect(box).not_to_be_checked()
    await box.check()
    await expect(desk.page.locator("#notifications_state")).to_contain_text("Saved")
    await desk.page.reload()
    await expect(box).to_be_checked()


@pytest.mark.behaviour(244)
@pytest.mark.behaviour(249)
async def test_a_browser_shows_what_is_pushed_while_nobody_looks_at_a_page(
    shop: Shop, agent_page: AgentPage, channel_id: int, service: PushService
) -> None:
    browser = service.browser()
    desk = await agent_page(shop.world.agent)
    await desk.context.grant_permissions(["notifications"])
    await desk.context.add_init_script(SUBSCRIBING % json.dumps({"endpoint": browser.endpoint, "keys": browser.keys}))
    await desk.open("/account/notifications")
    await desk.page.get_by_role("button", name="Turn on in this browser").click()
    await expect(desk.page.get_by_role("button", name="Turn off in this browser")).to_be_visible()
    await expect(desk.page.get_by_role("region", name="Browsers that are told")).to_contain_text("This browser")
    contact_id = await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    (request,) = await service.received(1)
    pushed = browser.read(request.body)
    assert pushed["title"] == "New message that nobody answers yet"
    worker = await Worker.of(desk)
    await worker.gets(pushed)
    assert await worker.shown() == []  # somebody looks at a page
    await desk.page.goto("about:blank")
    await worker.gets(pushed)
    await worker.gets({**pushed, "title": "2 new messages that nobody answers yet"})
    await desk.open("/account/notifications")
    assert await worker.shown() == ["2 new messages that nobody answers yet"]  # in place of the first
    await desk.page.goto(pushed["url"])
    await expect(desk.page).to_have_url(f"{desk.address}/inbox/all/contacts/{contact_id}?message={await _first(shop)}")
    await desk.open("/account/notifications")
    await desk.page.get_by_role("button", name="Turn off in this browser").click()
    await expect(desk.page.get_by_role("button", name="Turn on in this browser")).to_be_visible()
    assert await shop.rows("SELECT * FROM push_subscription") == []


async def _first(shop: Shop) -> int:
    ((first,),) = await shop.rows("SELECT min(id) FROM message")
    return int(first)


class Worker:
    """The service worker of a browser, by way of its debugger."""

    def __init__(self, desk: Desk, session: Any, registration_id: str) -> None:
        self._desk, self._session, self._registration_id = desk, session, registration_id

    @classmethod
    async def of(cls, desk: Desk) -> "Worker":
        session = await desk.context.new_cdp_session(desk.page)
        found: list[str] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(each["registrationId"] for each in told["registrations"])
        )
        await session.send("ServiceWorker.enable")
        for _each in range(100):
            if found:
                break
            await desk.page.wait_for_timeout(50)
        return cls(desk, session, found[-1])

    async def gets(self, message: dict[str, Any]) -> None:
        """The push service brings a message."""
        values = {"origin": self._desk.address, "registrationId": self._registration_id, "data": orjson.dumps(message).decode()}
        await self._session.send("ServiceWorker.deliverPushMessage", values)
        await self._desk.page.wait_for_timeout(500)

    async def shown(self) -> list[str]:
        """What the browser shows."""
        return list(
            await self._desk.page.evaluate(
                "navigator.serviceWorker.ready.then(r => r.getNotifications()).then(all => all.map(n => n.title))"
            )
        )
