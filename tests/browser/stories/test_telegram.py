"""A customer on Telegram and an agent, with a stand-in for the Bot API between them."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import expect

from ismessenger.sdk.content import Button, Buttons
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.pictures import VOICE, png
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
CHAT = 501


@pytest.fixture
async def desk(shop: Shop, agent_page: AgentPage) -> Desk:
    """Somebody started the bot and wrote; the agent opened it."""
    await shop.telegram()
    desk = await agent_page(shop.world.agent)
    await desk.open("/inbox/unassigned")
    await say(shop, "Good morning")
    await expect(desk.card("Mira")).to_contain_text("Good morning")
    await desk.choose("Mira")
    return desk


async def say(shop: Shop, words: str = "", **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = (await shop.providers.telegram.say(words, chat_id=CHAT, **more))["message"]
    return told


async def test_an_answer_goes_out_formatted(shop: Shop, desk: Desk) -> None:
    await desk.writes("It is **white** & small")
    await expect(desk.ticks("It is white & small")).to_have_text(re.compile("^Sent"))
    assert "It is <b>white</b> &amp; small" in [call.params["text"] for call in shop.providers.telegram.sent]
    await expect(desk.assignee).to_have_text(shop.world.agent.name)


async def test_photo_voice_and_place_are_shown_in_place(shop: Shop, desk: Desk) -> None:
    telegram = shop.providers.telegram
    telegram.stored["photo-1"] = ("photos/1.png", png(100, 50))
    telegram.stored["voice-1"] = ("voice/1.mp3", VOICE)
    size = {"file_id": "photo-1", "file_unique_id": "p", "width": 100, "height": 50}
    await say(shop, photo=[size], caption="Like *this*")
    picture = desk.thread.get_by_role("img", name="Photo from Mira")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 100
    await expect(desk.bubble("Like *this*")).to_have_count(1)
    await say(shop, voice={"file_id": "voice-1", "file_unique_id": "v", "duration": 1, "mime_type": "audio/mpeg"})
    await expect(desk.thread.get_by_label("Recording from Mira")).to_be_visible()
    await say(shop, location={"latitude": 52.52, "longitude": 13.405})
    await expect(desk.thread.get_by_role("link", name="Location")).to_have_attribute("href", re.compile("mlat=52.52&mlon=13.405"))
    await expect(desk.card("Mira")).to_contain_text("Location")


async def test_an_edited_message_changes_in_its_place(shop: Shop, desk: Desk) -> None:
    said = await say(shop, "I meen the lamp")
    await expect(desk.bubble("I meen the lamp")).to_have_count(1)
    await say(shop, "And one more thing")
    await expect(desk.bubble("And one more thing")).to_have_count(1)
    edited = {**said, "text": "I mean the lamp", "edit_date": said["date"] + 5}
    answer = await shop.providers.telegram.deliver({"update_id": 990001, "edited_message": edited})
    assert answer.status_code == 200
    await expect(desk.bubble("I mean the lamp")).to_contain_text("edited")
    await expect(desk.bubble("I meen the lamp")).to_have_count(0)
    await expect(desk.thread.locator(".message-in .bubble-text")).to_have_text(["Good morning", "I mean the lamp", "And one more thing"])


async def test_a_pressed_button_is_shown_as_pressed(shop: Shop, desk: Desk) -> None:
    ((contact_id,),) = await shop.rows("SELECT id FROM contact")
    await shop.answered(
        contact_id, Buttons(text="Which colour?", buttons=[Button(title="White", value="w"), Button(title="Red", value="r")])
    )
    await expect(desk.bubble("Which colour?").get_by_role("list", name="Buttons").get_by_role("listitem")).to_have_text(["White", "Red"])
    await shop.settle()
    await shop.providers.telegram.press(max(shop.providers.telegram.messages), "w")
    await expect(desk.thread.locator(".message-in").last).to_contain_text("Pressed a button")
    await expect(desk.thread.locator(".message-in").last).to_contain_text("White")
    # The customer's button stops waiting.
    async with asyncio.timeout(10):
        await shop.providers.telegram.ended.get()
    assert not shop.providers.telegram.pressed


async def test_a_throttled_answer_waits_and_then_arrives_once(shop: Shop, desk: Desk) -> None:
    shop.providers.telegram.throttle(1, count=1, path="sendMessage")
    await desk.says("Patience")
    await expect(desk.ticks("Patience")).to_have_text(re.compile("^(Waiting to be sent|Sending)"))
    await expect(desk.ticks("Patience")).to_have_text(re.compile("^Sent"), timeout=15_000)
    assert [call.params["text"] for call in shop.providers.telegram.sent] == ["Patience"]


async def test_who_has_blocked_the_bot_is_named_in_the_bubble_and_retry_sends_it_later(shop: Shop, desk: Desk) -> None:
    shop.providers.telegram.blocked.add(CHAT)
    await desk.says("Are you there?")
    trouble = desk.bubble("Are you there?").locator(".message-trouble")
    await expect(trouble).to_contain_text("Not sent.")
    await expect(trouble).to_contain_text(re.compile("blocked", re.IGNORECASE))
    shop.providers.telegram.blocked.clear()
    await say(shop, "I unblocked you")
    await trouble.get_by_role("button", name="Retry").click()
    await expect(trouble).to_have_count(0)
    await expect(desk.ticks("Are you there?")).to_have_text(re.compile("^Sent"))
