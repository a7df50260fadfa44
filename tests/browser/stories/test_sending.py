"""What an agent writes appears at once, is there once, and is never lost."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Route, expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.pictures import png
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
SENDING = "**/contacts/*/messages"


@pytest.fixture
async def desk(shop: Shop, agent_page: AgentPage) -> Desk:
    """The agent has a thread open, and a second contact beside it."""
    channel_id = await shop.quiet()
    await shop.wrote(channel_id, "Bo", "Hi")
    await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await desk.choose("Ada")
    return desk


async def test_it_appears_before_the_server_has_answered_and_stays_one(shop: Shop, desk: Desk) -> None:
    going, stored = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        await going.wait()
        answer = await route.fetch()
        await stored.wait()
        await route.fulfill(response=answer)

    await desk.page.route(SENDING, hold)
    await desk.says("At once")
    await expect(desk.bubble("At once")).to_have_class(re.compile("message-pending"))
    await expect(desk.reply).to_have_value("")
    going.set()
    # The live connection is faster than the answer: it takes the waiting bubble's place.
    await expect(desk.bubble("At once")).not_to_have_class(re.compile("message-pending"))
    await expect(desk.bubble("At once")).to_have_count(1)
    async with desk.page.expect_response(SENDING):
        stored.set()
    await expect(desk.ticks("At once")).to_have_text(re.compile("^Sent"))
    await expect(desk.bubble("At once")).to_have_count(1)
    assert await shop.rows("SELECT count(*) FROM message WHERE words = 'At once'") == [(1,)]


async def test_what_is_written_quickly_keeps_its_order(shop: Shop, desk: Desk) -> None:
    words = [f"Part {number}" for number in range(6)]
    for each in words:
        await desk.reply.fill(each)
        await desk.reply.press("Enter")
    await expect(desk.ticks("Part 5")).to_have_text(re.compile("^Sent"))
    await expect(desk.thread.locator(".message-out .bubble-text")).to_have_text(words)
    await desk.page.reload()
    await expect(desk.thread.locator(".message-out .bubble-text")).to_have_text(words)


async def test_what_the_server_refuses_comes_back_with_the_reason(shop: Shop, desk: Desk) -> None:
    desk.watch.expect("422")
    await shop.change("UPDATE contact SET blocked_at = now() WHERE first_name = 'Ada'")
    await desk.reply.fill("Do not lose me")
    await desk.reply.press("Enter")
    await expect(desk.page.locator("#reply_panel .composer-error")).to_have_text("This contact is blocked. Unblock it to write.")
    await expect(desk.reply).to_have_value("Do not lose me")
    await expect(desk.bubble("Do not lose me")).to_have_count(0)


async def test_what_could_not_reach_the_server_comes_back_and_is_sent_by_trying_again(shop: Shop, desk: Desk) -> None:
    desk.watch.expect("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    names: list[str] = []
    desk.page.on("request", lambda request: names.append((request.post_data or "").partition('"client_id"')[2][:40]))
    await desk.context.set_offline(offline=True)
    await desk.reply.fill("Written in a tunnel")
    await desk.reply.press("Enter")
    await expect(desk.page.locator("#reply_panel .composer-error")).to_contain_text("Check your connection")
    await expect(desk.reply).to_have_value("Written in a tunnel")
    await desk.context.set_offline(offline=False)
    await expect(desk.page.locator("#reply_panel .composer-error")).to_have_text("The connection is back. This has not been sent yet.")
    await desk.reply.press("Enter")
    await expect(desk.ticks("Written in a tunnel")).to_have_text(re.compile("^Sent"))
    await expect(desk.page.locator("#reply_panel .composer-error")).to_be_hidden()
    await expect(desk.bubble("Written in a tunnel")).to_have_count(1)
    assert await shop.rows("SELECT count(*) FROM message WHERE words = 'Written in a tunnel'") == [(1,)]
    # Had the first one arrived after all, the second would have been known by its name.
    first, second = [name for name in names if name]
    assert first == second


async def test_a_notice_that_the_server_is_away_leaves_as_soon_as_it_is_back(desk: Desk) -> None:
    desk.watch.expect("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    notice = desk.page.locator("#toasts").get_by_role("alert").filter(has_text="The server cannot be reached.")
    await desk.context.set_offline(offline=True)
    for name in ("Bo", "Ada"):
        await desk.card(name).click()
        await expect(notice).to_have_count(1)
    await notice.evaluate("element => element.removeAttribute('data-controller')")  # now it does not leave by itself
    await desk.context.set_offline(offline=False)
    await expect(notice).to_have_count(0)


async def test_a_file_comes_back_with_its_words(shop: Shop, desk: Desk) -> None:
    desk.watch.expect("ERR_FAILED", "Failed to fetch")
    files: Any = [{"name": "lamp.png", "mimeType": "image/png", "buffer": png()}]
    await desk.page.locator("#reply_panel input[type=file]").set_input_files(files)
    await expect(desk.page.locator(".composer-file[data-done]")).to_be_visible()
    await desk.page.route(SENDING, lambda route: route.abort(), times=1)
    await desk.reply.fill("Like this?")
    await desk.reply.press("Enter")
    await expect(desk.page.locator("#reply_panel .composer-error")).to_be_visible()
    await expect(desk.page.locator(".composer-file[data-done]")).to_contain_text("lamp.png")
    await expect(desk.reply).to_have_value("Like this?")
    await desk.reply.press("Enter")
    await expect(desk.ticks("Like this?")).to_have_text(re.compile("^Sent"))
    assert await shop.rows("SELECT kind FROM message WHERE traffic = 'outgoing'") == [("attachment",)]


async def test_an_answer_that_got_lost_on_its_way_back_doubles_nothing(shop: Shop, desk: Desk) -> None:
    desk.watch.expect("ERR_CONNECTION_RESET", "Failed to fetch")

    async def lose_the_answer(route: Route) -> None:
        await route.fetch()
        await expect(desk.ticks("Only once")).to_have_text(re.compile("^Sent"))
        await route.abort("connectionreset")

    await desk.page.route(SENDING, lose_the_answer, times=1)
    async with desk.page.expect_event("requestfailed"):
        await desk.says("Only once")
    # It came by the live connection: nothing is left to be sent a second time.
    await expect(desk.bubble("Only once")).to_have_count(1)
    await expect(desk.reply).to_have_value("")
    await expect(desk.page.locator("#reply_panel .composer-error")).to_be_hidden()
    assert await shop.rows("SELECT count(*) FROM message WHERE words = 'Only once'") == [(1,)]


async def test_drafts_stay_with_their_contact(desk: Desk) -> None:
    await desk.reply.fill("For Ada")
    await desk.page.get_by_role("tab", name="Comment").click()
    await desk.page.get_by_label("Comment for your team").fill("About Ada")
    await desk.choose("Bo")
    await expect(desk.reply).to_have_value("")
    await desk.reply.fill("For Bo")
    await desk.choose("Ada")
    await expect(desk.reply).to_have_value("For Ada")
    await desk.page.get_by_role("tab", name="Comment").click()
    await expect(desk.page.get_by_label("Comment for your team")).to_have_value("About Ada")
    await desk.open(f"/inbox/all/contacts/{await contact_of(desk, 'Bo')}")
    await expect(desk.reply).to_have_value("For Bo")


async def test_words_that_failed_while_another_thread_is_open_wait_in_their_own(desk: Desk) -> None:
    desk.watch.expect("ERR_FAILED", "Failed to fetch")
    going = asyncio.Event()

    async def hold_and_fail(route: Route) -> None:
        await going.wait()
        await route.abort()

    await desk.page.route(SENDING, hold_and_fail, times=1)
    await desk.says("For Ada only")
    await desk.choose("Bo")
    async with desk.page.expect_event("requestfailed"):
        going.set()
    await desk.reply.fill("For Bo")
    await desk.choose("Ada")
    await expect(desk.reply).to_have_value("For Ada only")


async def contact_of(desk: Desk, name: str) -> str:
    return await desk.card(name).get_attribute("data-contact-id") or ""
