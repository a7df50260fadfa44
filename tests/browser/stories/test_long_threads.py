"""Long threads and long lists: what is older comes by scrolling, and what is read stays where it is."""

import pytest
from playwright.async_api import expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
TOP = "(words) => [...document.querySelectorAll('.message')].find(each => each.textContent.includes(words)).getBoundingClientRect().top"


@pytest.mark.behaviour(265)
async def test_older_messages_come_by_scrolling_without_a_jump(shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.chatted(await shop.quiet(), "Ada", 130)
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await expect(desk.bubble("Line 130")).to_be_in_viewport()
    await expect(desk.thread.get_by_text("Line 80", exact=True)).to_have_count(0)
    for oldest in ("Line 33", "Line 1"):
        await desk.thread.evaluate("area => { area.scrollTop = 0 }")
        seen = await first_in_sight(desk)
        before = await desk.page.evaluate(TOP, seen)
        await expect(desk.thread.get_by_text(oldest, exact=True)).to_be_attached()
        # Where the waiting lines stood are messages now; what was read is where it was.
        assert abs(await desk.page.evaluate(TOP, seen) - before) < 130
        assert await desk.thread.evaluate("area => area.scrollTop") > 0
    await expect(desk.thread.locator(".message")).to_have_count(130)
    await expect(desk.thread.locator("turbo-frame:not([complete])")).to_have_count(0)


async def test_a_message_below_is_announced_and_does_not_move_what_is_read(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    contact_id = await shop.chatted(channel_id, "Ada", 45)
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await desk.thread.evaluate("area => { area.scrollTop = 300 }")
    seen = await first_in_sight(desk)
    before = await desk.page.evaluate(TOP, seen)
    await shop.wrote(channel_id, "Ada", "News from below")
    pill = desk.page.get_by_role("button", name="1 new message")
    await expect(pill).to_be_visible()
    assert await desk.page.evaluate(TOP, seen) == before
    await pill.click()
    await expect(desk.bubble("News from below")).to_be_in_viewport()
    await expect(pill).to_be_hidden()


async def test_a_long_list_loads_on_and_each_contact_is_there_once(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = await shop.quiet()
    for number in range(35):
        await shop.wrote(channel_id, f"Guest {number:02}")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    await expect(desk.card("Guest 34")).to_be_visible()
    await shop.wrote(channel_id, "Guest 02", "I moved up")
    await expect(desk.names.first).to_have_text("Guest 02")
    await desk.card("Guest 10").scroll_into_view_if_needed()
    await expect(desk.card("Guest 00")).to_have_count(1)
    order = ["Guest 02", *[f"Guest {number:02}" for number in reversed(range(35)) if number != 2]]
    await expect(desk.names).to_have_text(order)


async def first_in_sight(desk: Desk) -> str:
    """The words of the uppermost message that is shown whole."""
    find = (
        "area => [...area.querySelectorAll('.message')].find(each => each.getBoundingClientRect().top"
        " >= area.getBoundingClientRect().top).querySelector('.bubble-text').textContent.trim()"
    )
    return str(await desk.thread.evaluate(find))
