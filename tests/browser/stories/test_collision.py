"""Two agents in one conversation: each sees the other, and no reply crosses another unnoticed."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop
from tests.web.chromium import accessibility

pytestmark = pytest.mark.browser
CROSSED = re.compile("answered a moment ago$")


async def pair(shop: Shop, agent_page: AgentPage) -> tuple[Desk, Desk]:
    """An agent and the manager with the same conversation open, which is the agent's."""
    contact_id = await shop.wrote(await shop.quiet(), "Ada", "Is the lamp in stock?")
    one, other = await agent_page(shop.world.agent), await agent_page(shop.world.manager)
    for desk in (one, other):
        await desk.open(f"/inbox/all/contacts/{contact_id}")
    return one, other


@pytest.mark.behaviour(260)
async def test_each_sees_the_other_come_write_and_go(shop: Shop, agent_page: AgentPage) -> None:
    one, other = await pair(shop, agent_page)
    here = one.page.locator(f'.thread-viewer[data-viewer-id="{other.member.id}"]')
    await expect(here).to_have_attribute("title", f"{other.member.name} is here too")
    await expect(other.page.locator(".thread-viewer")).to_have_attribute("title", f"{one.member.name} is here too")
    await other.reply.press_sequentially("Yes")
    await expect(one.page.get_by_text(f"{other.member.name} is writing…")).to_be_visible()
    await expect(here).to_have_attribute("data-writing", "")
    assert await accessibility(one.page) == []
    # Through a refresh of the whole page they stay, and through a broken line they come back.
    await shop.installation.publisher.send(shop.world.workspace_id, [{"kind": "refresh", "contact_id": 0}])
    await one.page.wait_for_load_state("networkidle")
    await expect(here).to_be_visible()
    await other.page.goto(f"{other.address}/settings/channels")
    await expect(here).to_have_count(0)
    await other.page.go_back()
    await expect(here).to_be_visible()
    await other.page.close()
    await expect(here).to_have_count(0)


@pytest.mark.behaviour(261)
async def test_a_reply_that_crosses_another_is_shown_before_it_goes(shop: Shop, agent_page: AgentPage) -> None:
    one, other = await pair(shop, agent_page)
    await one.reply.press_sequentially("It is")
    await other.says("Sold out, sorry.")
    await expect(one.bubble("Sold out, sorry.")).to_have_count(1)
    await one.reply.press_sequentially(" in stock.")
    await one.reply.press("Enter")
    question = one.page.get_by_role("dialog", name=CROSSED)
    await expect(question.get_by_role("heading")).to_have_text(f"{other.member.name} answered a moment ago")
    await expect(question).to_contain_text("Sold out, sorry.")
    assert await accessibility(one.page) == []
    await expect(question.get_by_role("button", name="Look first")).to_be_focused()
    await one.page.keyboard.press("Enter")
    await expect(question).to_be_hidden()
    await expect(one.reply).to_have_value("It is in stock.")
    await expect(one.reply).to_be_focused()
    await expect(one.bubble("It is in stock.")).to_have_count(0)
    # Having looked, they are not asked again for the same.
    await one.reply.fill("Sold out until May.")
    await one.reply.press("Enter")
    await expect(one.bubble("Sold out until May.")).to_have_count(1)
    await expect(one.bubble("Sold out until May.").locator(".message-state-words")).not_to_have_text(re.compile("^Not sent"))


@pytest.mark.behaviour(261)
async def test_a_crossing_reply_goes_when_its_writer_says_so_and_once(shop: Shop, agent_page: AgentPage) -> None:
    one, other = await pair(shop, agent_page)
    await one.reply.fill("Yes, it is.")
    await other.says("Let me look.")
    await expect(one.bubble("Let me look.")).to_have_count(1)
    await one.reply.press("Enter")
    await one.page.get_by_role("dialog", name=CROSSED).get_by_role("button", name="Send anyway").click()
    await expect(one.bubble("Yes, it is.")).to_have_count(1)
    await expect(other.bubble("Yes, it is.")).to_have_count(1)
    await expect(one.reply).to_have_value("")
    # What was there before the first word crosses nothing, nor what the customer writes.
    await other.says("And it ships today.")
    await expect(one.bubble("And it ships today.")).to_have_count(1)
    await one.says("Indeed.")
    await expect(one.page.get_by_role("dialog", name=CROSSED)).to_be_hidden()


@pytest.mark.behaviour(261)
async def test_a_draft_that_was_left_knows_what_came_after_it(shop: Shop, agent_page: AgentPage) -> None:
    one, other = await pair(shop, agent_page)
    await one.reply.fill("Half a")
    await one.page.goto(f"{one.address}/inbox/mine")
    await other.says("I took care of it.")
    await one.page.go_back()
    await expect(one.bubble("I took care of it.")).to_have_count(1)
    await expect(one.reply).to_have_value("Half a")
    await one.reply.press("Enter")
    await expect(one.page.get_by_role("dialog", name=CROSSED)).to_contain_text("I took care of it.")
    await one.page.keyboard.press("Escape")
    await expect(one.reply).to_have_value("Half a")


@pytest.mark.behaviour(262)
async def test_events_are_hidden_for_this_member_in_every_thread_until_they_are_shown_again(shop: Shop, agent_page: AgentPage) -> None:
    one, other = await pair(shop, agent_page)
    await one.assigns(other.member.name)
    event = one.thread.locator(".event", has_text=f"Assigned to {other.member.name}")
    await expect(event).to_be_attached()
    more, hide = one.page.get_by_role("button", name="More actions"), one.page.get_by_role("button", name="Show events")
    await more.click()
    await hide.click()
    await expect(hide).to_have_attribute("aria-pressed", "false")
    await expect(one.thread.locator(".event:visible, .event-fold:visible")).to_have_count(0)
    await expect(one.thread.locator(".day-mark:visible")).to_have_count(1)
    await one.page.reload()
    await one.is_live()
    await expect(one.bubble("Is the lamp in stock?")).to_be_visible()
    await expect(one.thread.locator(".event:visible, .event-fold:visible")).to_have_count(0)
    await expect(other.thread.locator(".event:visible, .event-fold:visible").first).to_be_visible()
    await more.click()
    await hide.click()
    await expect(one.thread.locator(".event:visible, .event-fold:visible").first).to_be_visible()
