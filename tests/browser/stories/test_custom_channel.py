"""A person behind a custom channel and an agent, with a stand-in for the owner's own server between them."""

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from ismessenger.kit.clock import now
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Orders, Shop

pytestmark = pytest.mark.browser
PHONE_NUMBER = "+4930901820"


def event(kind: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "mId": id_, "timestamp": int(now().timestamp() * 1000), **more}


@pytest.mark.behaviour(40, 41)
async def test_a_person_writes_and_is_answered(shop: Shop, agent_page: AgentPage, http: httpx.AsyncClient) -> None:
    orders = Orders(await shop.custom(), http)
    desk = await agent_page(shop.world.agent)
    await desk.open("/inbox/unassigned")
    await orders.post(PHONE_NUMBER, event("message", "m1", message={"type": "text", "text": "Where is my order?"}))
    await expect(desk.names).to_have_text([PHONE_NUMBER])
    await desk.choose(PHONE_NUMBER)
    await desk.says("On its way")
    await expect(desk.ticks("On its way")).to_have_text(re.compile("^Sent"))
    assert shop.providers.custom.messages[0]["message"] == {"type": "text", "text": "On its way"}
    for status, words in (("delivered", "Delivered"), ("read", "Read")):
        await orders.post(PHONE_NUMBER, event("message_status", "out-1", status={"value": status}))
        await expect(desk.ticks("On its way")).to_have_text(re.compile(f"^{words}"))
    # The server's refusal stands in its own words in the bubble; trying again sends it.
    shop.providers.custom.fail(422, body={"error": {"message": "The number is not known"}}, count=1)
    await desk.says("Anything else?")
    trouble = desk.bubble("Anything else?").locator(".message-trouble")
    await expect(trouble).to_contain_text("The number is not known")
    await trouble.get_by_role("button", name="Retry").click()
    await expect(desk.ticks("Anything else?")).to_have_text(re.compile("^Sent"))


@pytest.mark.behaviour(43)
async def test_what_was_sent_from_the_servers_own_application_is_shown_as_ours(
    shop: Shop, agent_page: AgentPage, http: httpx.AsyncClient
) -> None:
    orders = Orders(await shop.custom(), http)
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await orders.post(PHONE_NUMBER, event("message", "m1", message={"type": "text", "text": "Hello"}))
    await desk.choose(PHONE_NUMBER)
    await orders.post(PHONE_NUMBER, event("message_echo", "e1", message={"type": "text", "text": "Answered at the till"}))
    await expect(desk.thread.locator(".message-out", has_text="Answered at the till")).to_contain_text("Sent outside IS-Messenger")
    await expect(desk.assignee).to_have_text("Assign")


async def test_an_answer_of_which_nobody_knows_is_sent_again_only_by_hand(
    shop: Shop, agent_page: AgentPage, http: httpx.AsyncClient
) -> None:
    orders = Orders(await shop.custom(), http)
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await orders.post(PHONE_NUMBER, event("message", "m1", message={"type": "text", "text": "Hello"}))
    await desk.choose(PHONE_NUMBER)
    shop.providers.custom.drop(taken=True, count=1)
    await desk.says("Did you get this?")
    trouble = desk.bubble("Did you get this?").locator(".message-trouble")
    await expect(trouble).to_contain_text("Nobody knows whether this arrived.")
    assert len(shop.providers.custom.messages) == 1
    await trouble.get_by_role("button", name="Send again").click()
    await expect(desk.ticks("Did you get this?")).to_have_text(re.compile("^Sent"))
    assert len(shop.providers.custom.messages) == 2
