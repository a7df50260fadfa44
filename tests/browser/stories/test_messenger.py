"""A customer on Facebook Messenger and an agent, with a stand-in for the Graph API between them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from ismessenger.kit.clock import now
from ismessenger.sdk.content import QuickReplies, QuickReply
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.pictures import png
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
PERSON = "7482000000001"


@pytest.fixture
async def page_id(shop: Shop) -> str:
    _channel, page_id = await shop.messenger()
    shop.providers.graph.people[PERSON] = {"first_name": "Ada", "last_name": "Nwosu"}
    return page_id


@pytest.fixture
async def desk(shop: Shop, agent_page: AgentPage, page_id: str) -> Desk:
    """A customer's signed webhook came in live; the agent opened it."""
    desk = await agent_page(shop.world.agent)
    await desk.open("/inbox/unassigned")
    await shop.providers.graph.say("Do you repair lamps?", page_id=page_id, person=PERSON)
    await expect(desk.card("Ada Nwosu")).to_contain_text("Do you repair lamps?")
    await desk.choose("Ada Nwosu")
    return desk


async def receipt(shop: Shop, page_id: str, **event: Any) -> None:
    """Facebook tells of a delivery or of a reading."""
    told = {"sender": {"id": PERSON}, "recipient": {"id": page_id}, "timestamp": milliseconds(), **event}
    assert await shop.providers.graph.deliver(page_id, [told]) == 200


def milliseconds() -> int:
    return int(now().timestamp() * 1000) + 1000


async def test_an_answer_gets_its_ticks_by_webhook(shop: Shop, desk: Desk, page_id: str) -> None:
    await desk.says("We do")
    await expect(desk.ticks("We do")).to_have_text(re.compile("^Sent"))
    assert shop.providers.graph.sent[0]["message"]["text"] == "We do"
    ((message_id,),) = await shop.rows("SELECT external_id FROM message WHERE traffic = 'outgoing'")
    await receipt(shop, page_id, delivery={"mids": [message_id], "watermark": milliseconds()})
    await expect(desk.ticks("We do")).to_have_text(re.compile("^Delivered"))
    await receipt(shop, page_id, read={"watermark": milliseconds()})
    await expect(desk.ticks("We do")).to_have_text(re.compile("^Read"))
    # Its echo is no second message.
    await expect(desk.thread.locator(".message-out")).to_have_count(1)


async def test_a_picture_goes_out_with_its_words_and_can_be_fetched(shop: Shop, desk: Desk) -> None:
    picture = png(90, 60)
    files: Any = [{"name": "lamp.png", "mimeType": "image/png", "buffer": picture}]
    await desk.page.locator("#reply_panel input[type=file]").set_input_files(files)
    await expect(desk.page.locator(".composer-file[data-done]")).to_be_visible()
    await desk.reply.fill("Like this one?")
    await desk.reply.press("Enter")
    # Messenger knows no captions: one message becomes two.
    await expect(desk.thread.locator(".message-out")).to_have_count(2)
    await expect(desk.thread.get_by_role("img", name=f"Photo from {shop.world.agent.name}")).to_be_visible()
    await expect(desk.ticks("Like this one?")).to_have_text(re.compile("^Sent"))
    await shop.settle()
    assert list(shop.providers.graph.fetched.values())[-1] == picture
    assert [next(iter(body["message"])) for body in shop.providers.graph.sent] == ["attachment", "text"]


async def test_a_customers_picture_and_quoted_answer_are_shown_in_place(shop: Shop, desk: Desk, page_id: str) -> None:
    link = shop.providers.graph.keep("broken.png", png(64, 64))
    mid = await shop.providers.graph.say(page_id=page_id, person=PERSON, attachments=[{"type": "image", "payload": {"url": link}}])
    picture = desk.thread.get_by_role("img", name="Photo from Ada Nwosu")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 64
    await shop.providers.graph.say("This one", page_id=page_id, person=PERSON, reply_to={"mid": mid})
    await expect(desk.bubble("This one").locator(".quote")).to_contain_text("Ada Nwosu")


async def test_offered_answers_are_shown_and_so_is_the_choice(shop: Shop, desk: Desk, page_id: str) -> None:
    replies = [QuickReply(title="Tomorrow", payload="t"), QuickReply(title="Friday", payload="f")]
    ((contact_id,),) = await shop.rows("SELECT id FROM contact")
    await shop.answered(contact_id, QuickReplies(title="When may we come?", replies=replies))
    offers = desk.bubble("When may we come?").get_by_role("list", name="Offered answers").get_by_role("listitem")
    await expect(offers).to_have_text(["Tomorrow", "Friday"])
    await shop.settle()
    assert [each["title"] for each in shop.providers.graph.sent[0]["message"]["quick_replies"]] == ["Tomorrow", "Friday"]
    await shop.providers.graph.say("Friday", page_id=page_id, person=PERSON, quick_reply={"payload": "f"})
    await expect(desk.thread.locator(".message-in", has_text="Friday")).to_be_visible()


@pytest.mark.behaviour(39)
async def test_after_the_window_the_composer_asks_why_one_writes(shop: Shop, desk: Desk, page_id: str) -> None:
    long_ago = now() - timedelta(hours=25)
    await shop.change("UPDATE contact_channel SET last_incoming_at = :at", at=long_ago)
    await desk.page.reload()
    await desk.is_live()
    why = desk.page.get_by_label("Why you write")
    await expect(why).to_be_visible()
    options = await why.locator("option").all_inner_texts()
    assert options[0] == "A person of your team answers"
    assert not any("_" in words for words in options)
    await desk.says("Sorry for the wait")
    await expect(desk.ticks("Sorry for the wait")).to_have_text(re.compile("^Sent"))
    sent = shop.providers.graph.sent[0]
    assert (sent["messaging_type"], sent["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    # The customer writes, and the window is open again without a reload.
    await shop.providers.graph.say("At last", page_id=page_id, person=PERSON)
    await expect(why).to_be_hidden()
    await desk.says("Here I am")
    await expect(desk.ticks("Here I am")).to_have_text(re.compile("^Sent"))
    assert "tag" not in shop.providers.graph.sent[1]


async def test_what_facebook_refuses_says_why_in_the_bubble(shop: Shop, desk: Desk) -> None:
    shop.providers.graph.gone.add(PERSON)
    try:
        await desk.says("Hello?")
        await expect(desk.bubble("Hello?").locator(".message-trouble")).to_contain_text("Not sent.")
        await expect(desk.card("Ada Nwosu")).to_have_count(0)
    finally:
        shop.providers.graph.gone.discard(PERSON)
