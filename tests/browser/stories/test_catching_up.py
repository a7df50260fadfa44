"""Pages that missed something: asleep, offline, or while Redis forgot everything."""

import asyncio
import os
import re
import signal

import pytest
from playwright.async_api import expect

from ismessenger.embedded.process import wait_until
from ismessenger.embedded.redis import EmbeddedRedis
from tests.browser.stories.conftest import AgentPage, Product
from tests.browser.stories.desk import Desk
from tests.browser.stories.held import held
from tests.browser.stories.lines import is_told_to_refresh, reads_itself_again
from tests.browser.stories.pictures import PDF
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser

KEEPS_THE_THREAD_WAITING = """addEventListener("turbo:before-frame-render", event => {
    if (event.target.id !== "thread") return;
    event.preventDefault();
    window.showThread = () => event.detail.resume();
}, { once: true }); null"""
CHAT = 501
LONG_ENOUGH_TO_SHOW_MS = 500
"""An answer that was freed, and that nobody gave up, is on the page by then."""


@pytest.fixture
async def channel_id(shop: Shop) -> int:
    return await shop.quiet()


@pytest.fixture
async def desk(shop: Shop, agent_page: AgentPage, channel_id: int) -> Desk:
    """The agent has Ada's thread open and has begun to write."""
    await shop.wrote(channel_id, "Ada", "Before")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await desk.choose("Ada")
    await desk.reply.fill("Half a sentence")
    return desk


async def falls_asleep(desk: Desk) -> None:
    """No network: the connection is gone."""
    desk.watch.expect("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    note = desk.page.locator("#live_note")
    await expect(note).to_have_attribute("data-state", "open")
    await desk.context.set_offline(offline=True)
    await expect(note).not_to_have_attribute("data-state", "open")


async def much_happens(shop: Shop, channel_id: int) -> None:
    contact_id = await shop.wrote(channel_id, "Ada", "While you slept")
    await shop.answered(contact_id, "Taken over", by=shop.world.manager)
    await shop.wrote(channel_id, "Bo", "I am new")


async def all_is_there(desk: Desk, shop: Shop) -> None:
    """Each thing once, and what was being written still stands."""
    for words in ("Before", "While you slept", "Taken over"):
        await expect(desk.bubble(words)).to_have_count(1)
    await expect(desk.assignee).to_have_text(shop.world.manager.name)
    await expect(desk.card("Bo")).to_have_count(1)
    await expect(desk.card("Ada")).to_contain_text("Taken over")
    await expect(desk.reply).to_have_value("Half a sentence")


@pytest.mark.behaviour(105)
async def test_a_page_that_slept_catches_up(shop: Shop, desk: Desk, channel_id: int) -> None:
    await falls_asleep(desk)
    await much_happens(shop, channel_id)
    await expect(desk.page.get_by_text("Reconnecting…")).to_be_visible()
    await desk.context.set_offline(offline=False)
    await desk.is_live()
    await all_is_there(desk, shop)
    await expect(desk.page.get_by_text("Reconnecting…")).to_be_hidden()


@pytest.mark.behaviour(105)
async def test_a_page_that_slept_catches_up_after_redis_forgot_everything(
    product: Product, shop: Shop, desk: Desk, channel_id: int
) -> None:
    await falls_asleep(desk)
    await much_happens(shop, channel_id)
    await product.installation.redis.flushall()
    await desk.context.set_offline(offline=False)
    await all_is_there(desk, shop)


@pytest.mark.behaviour(105)
async def test_an_open_page_misses_nothing_when_redis_forgets_everything(product: Product, shop: Shop, desk: Desk, channel_id: int) -> None:
    await product.installation.redis.flushall()
    await much_happens(shop, channel_id)
    await all_is_there(desk, shop)


@pytest.mark.behaviour(105)
async def test_an_open_page_catches_up_after_a_restart_of_redis(
    shop: Shop, desk: Desk, channel_id: int, redis_of_stories: EmbeddedRedis
) -> None:
    os.kill(redis_of_stories.pid, signal.SIGKILL)
    await asyncio.to_thread(wait_until, lambda: not redis_of_stories.running(), timeout_s=10)
    await much_happens(shop, channel_id)
    await asyncio.to_thread(redis_of_stories.start)
    await all_is_there(desk, shop)
    await shop.wrote(channel_id, "Ada", "And on it goes")
    await expect(desk.bubble("And on it goes")).to_have_count(1)


async def test_a_refresh_does_not_take_a_click_away(product: Product, shop: Shop, agent_page: AgentPage, channel_id: int) -> None:
    await shop.wrote(channel_id, "Ada")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    async with held(desk.page, r"/inbox/all/contacts/\d+$") as answers:
        await desk.card("Ada").get_by_role("link").click()
        await answers.asked_for()
        await shop.change("UPDATE contact SET first_name = 'Bea'")
        await is_told_to_refresh(product, desk)
        await shop.wrote(channel_id, "Cid")
        await expect(desk.card("Cid")).to_be_visible()
        answers.free.set()
        await expect(desk.thread).to_be_visible()
        # What the page owes itself comes after the click.
        await expect(desk.card("Bea")).to_be_visible()
        await expect(desk.page.locator("#thread_name")).to_have_text("Bea")


async def test_a_wish_that_comes_while_an_older_page_is_on_its_way_is_not_lost(product: Product, shop: Shop, agent_page: AgentPage) -> None:
    desk = await agent_page(shop.world.agent)
    await desk.open("/account/notifications")
    async with held(desk.page, "/account/notifications$") as answers:
        await is_told_to_refresh(product, desk)
        await answers.asked_for()
        statement = "INSERT INTO push_subscription (member_id, endpoint, p256dh, auth, session, user_agent, created_at)"
        await shop.change(f"{statement} VALUES ({desk.member.id}, 'https://push.example/1', 'x', 'x', 'x', 'Firefox', now())")
        # The action of a stream runs after the next painting.
        hears = await desk.hears("turbo:before-stream-render")
        await is_told_to_refresh(product, desk)
        await hears()
        answers.free.set()
        await expect(desk.page.get_by_role("region", name="Browsers that are told")).to_be_visible()
        assert answers.count == 2


async def test_a_refresh_right_after_a_thread_opened_keeps_what_is_being_written(product: Product, desk: Desk) -> None:
    async with desk.page.expect_file_chooser() as choosing:
        await desk.page.get_by_role("button", name="Attach files").click()
    await (await choosing.value).set_files({"name": "offer.pdf", "mimeType": "application/pdf", "buffer": PDF})
    await expect(desk.page.locator(".composer-file[data-done]")).to_contain_text("offer.pdf")
    await reads_itself_again(product, desk)
    await expect(desk.page.locator(".composer-file[data-done]")).to_contain_text("offer.pdf")
    await expect(desk.reply).to_have_value("Half a sentence")


@pytest.mark.behaviour(417)
async def test_a_page_that_reads_itself_again_while_a_thread_opens_does_not_take_its_address_away(
    product: Product, shop: Shop, agent_page: AgentPage, channel_id: int
) -> None:
    await shop.wrote(channel_id, "Ada")
    desk = await agent_page(shop.world.agent)
    await desk.open("/inbox/unassigned")
    async with held(desk.page, "/inbox/unassigned$") as answers:
        await is_told_to_refresh(product, desk)
        await answers.asked_for()
        await desk.page.evaluate(KEEPS_THE_THREAD_WAITING)
        opens = await desk.hears("turbo:before-frame-render")
        await desk.card("Ada").get_by_role("link").click()
        await opens()
        answers.free.set()
        await desk.page.wait_for_timeout(LONG_ENOUGH_TO_SHOW_MS)
        await desk.page.evaluate("window.showThread()")
    await expect(desk.thread).to_be_visible()
    await expect(desk.page).to_have_url(re.compile(r"/inbox/unassigned/contacts/\d+$"))
    await is_told_to_refresh(product, desk)
    await shop.wrote(channel_id, "Bea")
    await expect(desk.card("Bea")).to_be_visible()
    await desk.reply.fill("Half a sentence")


@pytest.mark.behaviour(423)
async def test_who_chooses_several_goes_on_choosing_after_a_refresh(
    product: Product, shop: Shop, agent_page: AgentPage, channel_id: int
) -> None:
    for name in ("Ada", "Bo"):
        await shop.wrote(channel_id, name)
    desk = await agent_page(shop.world.agent)
    await desk.open("/inbox/all")
    await desk.page.get_by_role("button", name="Choose several").click()
    await desk.card("Bo").get_by_role("checkbox").check()
    await reads_itself_again(product, desk)
    bar = desk.page.get_by_role("region", name="Chosen conversations")
    await expect(bar).to_contain_text("1 chosen")
    await bar.get_by_role("button", name="Close").click()
    await expect(desk.page.get_by_role("heading", name="Close 1 conversation?")).to_be_visible()


@pytest.mark.behaviour(423)
async def test_a_list_that_somebody_narrows_stays_narrow_after_a_refresh(product: Product, shop: Shop, agent_page: AgentPage) -> None:
    desk = await agent_page(shop.world.manager)
    await desk.open("/settings/channels")
    words = desk.page.get_by_label("Search channels")
    await words.fill("telegr")
    shown = desk.page.locator(".settings-tiles [data-filter-target=item]:visible")
    await expect(shown).to_have_count(1)
    await reads_itself_again(product, desk)
    await expect(words).to_have_value("telegr")
    await expect(shown).to_have_count(1)


@pytest.mark.behaviour(423)
async def test_what_is_about_to_be_quoted_stays_after_a_refresh(product: Product, shop: Shop, agent_page: AgentPage) -> None:
    await shop.telegram()
    desk = await agent_page(shop.world.agent)
    await desk.open("/inbox/all")
    await shop.providers.telegram.say("Good morning", chat_id=CHAT)
    await desk.choose("Mira")
    await desk.bubble("Good morning").hover()
    await desk.bubble("Good morning").get_by_role("button", name="Answer this message").click()
    quoted = desk.page.locator(".composer-quote")
    await expect(quoted).to_have_text("Good morning")
    await reads_itself_again(product, desk)
    await expect(quoted).to_have_text("Good morning")
    await desk.says("The same to you")
    await expect(desk.bubble("The same to you")).to_contain_text("Good morning")
