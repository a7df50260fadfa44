"""What is sent later, what is taken back, and what was begun elsewhere."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from ismessenger.kit import clock
from ismessenger.messages import reply
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser


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


async def test_a_reply_is_taken_back_and_its_words_are_in_the_composer_again(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "UNDO", timedelta(minutes=5))  # on a busy machine five seconds may pass between two looks at a page
    await shop.change("UPDATE member SET undo_send = true")
    await desk.says("Yes, we have seventeen of them")
    await expect(desk.assignee).to_have_text(shop.world.agent.name)
    await desk.bubble("seventeen").get_by_role("button", name="Undo").click()
    await expect(desk.bubble("seventeen")).to_have_count(0)
    await expect(desk.reply).to_have_value("Yes, we have seventeen of them")
    await expect(desk.reply).to_be_focused()
    await expect(desk.assignee).to_have_text("Assign")
    # By keyboard as well, and the other way round: what nobody takes back goes out.
    await desk.reply.press("Enter")
    await expect(desk.bubble("seventeen").get_by_role("button", name="Undo")).to_be_visible()
    await desk.reply.press("Control+z")
    await expect(desk.reply).to_have_value("Yes, we have seventeen of them")
    await desk.reply.press("Enter")
    await expect(desk.bubble("seventeen").get_by_role("button", name="Undo")).to_be_visible()
    await shop.change("UPDATE delivery SET due_at = now()")
    await expect(desk.ticks("seventeen")).to_have_text(re.compile("^Sent"), timeout=20_000)
    await expect(desk.bubble("seventeen").get_by_role("button", name="Undo")).to_have_count(0)
    assert await shop.rows("SELECT words, status FROM message WHERE traffic = 'outgoing'") == [("Yes, we have seventeen of them", "sent")]


async def test_a_reply_is_scheduled_moved_and_cancelled(shop: Shop, desk: Desk, agent_page: AgentPage) -> None:
    colleague = await agent_page(shop.world.owner)
    await colleague.open()
    await colleague.choose("Ada")
    await desk.reply.fill("Good morning, it is ready")
    await desk.page.get_by_role("button", name="Send later").click()
    await desk.page.get_by_role("button", name="Tomorrow morning").click()
    waiting = desk.page.get_by_role("region", name="Scheduled messages")
    await expect(waiting).to_contain_text("Good morning, it is ready")
    await expect(waiting).to_contain_text("9:00")
    await expect(desk.reply).to_have_value("")
    ((due_at,),) = await shop.rows("SELECT due_at FROM scheduled_message")
    assert due_at.astimezone(clock.now().tzinfo) > clock.now()
    theirs = colleague.page.get_by_role("region", name="Scheduled messages")
    await expect(theirs).to_contain_text(shop.world.agent.name)
    await theirs.get_by_role("button", name="Change time").click()
    await colleague.page.get_by_label("Date and time").locator("visible=true").fill(f"{clock.now() + timedelta(days=3):%Y-%m-%d}T10:30")
    await colleague.page.get_by_role("button", name="Change", exact=True).locator("visible=true").click()
    await expect(waiting).to_contain_text("10:30")
    await waiting.get_by_role("button", name="Cancel, and go on writing").click()
    await expect(waiting).to_be_hidden()
    await expect(theirs).to_be_hidden()
    await expect(desk.reply).to_have_value("Good morning, it is ready")
    assert await shop.rows("SELECT state FROM scheduled_message") == [("cancelled",)]


async def test_the_menus_of_snoozing_and_of_sending_later_tell_a_time_in_one_form(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Snooze", exact=True).click()
    snoozing = desk.page.locator("#snooze_menu").get_by_role("button", name=re.compile("^Tomorrow")).locator("time")
    told = await snoozing.text_content()
    await desk.page.keyboard.press("Escape")
    await desk.reply.fill("Good morning")
    await desk.page.get_by_role("button", name="Send later").click()
    assert told == await desk.page.get_by_role("button", name="Tomorrow morning").locator("time").text_content()
    assert told is not None
    assert told.endswith("9:00")


async def test_a_scheduled_reply_goes_out_and_one_that_cannot_says_why(shop: Shop, desk: Desk) -> None:
    waiting = desk.page.get_by_role("region", name="Scheduled messages")
    await desk.reply.fill("The first")
    await desk.page.get_by_role("button", name="Send later").click()
    await desk.page.get_by_role("button", name="In an hour").click()
    await expect(waiting).to_contain_text("The first")
    await shop.change("UPDATE wakeup SET due_at = now()")
    await expect(desk.ticks("The first")).to_have_text(re.compile("^Sent"), timeout=20_000)
    await expect(waiting).to_be_hidden()
    await desk.reply.fill("The second")
    await desk.page.get_by_role("button", name="Send later").click()
    await desk.page.get_by_role("button", name="In an hour").click()
    await expect(waiting).to_contain_text("The second")
    await shop.change("UPDATE contact SET blocked_at = now() WHERE first_name = 'Ada'")
    await shop.change("UPDATE wakeup SET due_at = now()")
    await expect(waiting).to_contain_text("Not sent. This contact is blocked.", timeout=20_000)


async def test_what_is_begun_on_one_device_goes_on_on_another(shop: Shop, desk: Desk, agent_page: AgentPage) -> None:
    phone = await agent_page(shop.world.agent)
    await phone.open()
    await phone.choose("Ada")
    await desk.reply.fill("Dear Ada, it is")
    await expect(phone.reply).to_have_value("Dear Ada, it is")
    await phone.reply.fill("Dear Ada, it is on its way")
    await expect(desk.reply).to_have_value("Dear Ada, it is on its way")
    await desk.reply.press("Enter")
    await expect(phone.reply).to_have_value("")
    assert await shop.rows("SELECT count(*) FROM draft") == [(0,)]


async def test_two_devices_that_wrote_different_words_ask_which(shop: Shop, desk: Desk, agent_page: AgentPage) -> None:
    desk.watch.expect("ERR_INTERNET_DISCONNECTED", "Failed to fetch", "409")
    phone = await agent_page(shop.world.agent)
    await phone.open()
    await phone.choose("Ada")
    await desk.context.set_offline(offline=True)
    await desk.reply.fill("Written in a tunnel")
    async with phone.page.expect_response(lambda answer: answer.request.method == "PUT" and answer.url.endswith("/drafts")):
        await phone.reply.fill("Written on the phone")
    await desk.context.set_offline(offline=False)
    await desk.reply.press("End")
    await desk.reply.press_sequentially(".")
    ask = desk.page.locator("#reply_panel .composer-conflict")
    await expect(ask).to_contain_text("Written on the phone", timeout=20_000)
    await expect(desk.reply).to_have_value("Written in a tunnel.")
    await ask.get_by_role("button", name="Keep mine").click()
    await expect(ask).to_be_hidden()
    await expect(phone.reply).to_have_value("Written in a tunnel.")


async def test_words_survive_a_browser_that_dies_while_sending(shop: Shop, desk: Desk) -> None:
    await desk.page.evaluate("() => { window.fetch = () => new Promise(() => undefined); }")
    await desk.says("Do not lose me")
    await desk.page.reload()
    await expect(desk.reply).to_have_value("Do not lose me")
    await desk.reply.press("Enter")
    await expect(desk.ticks("Do not lose me")).to_have_text(re.compile("^Sent"), timeout=20_000)
    assert await shop.rows("SELECT count(*) FROM message WHERE words = 'Do not lose me'") == [(1,)]
