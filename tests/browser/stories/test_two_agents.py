"""Two browsers of one team show the same, without being reloaded."""

import pytest
from playwright.async_api import expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser


@pytest.fixture
async def channel_id(shop: Shop) -> int:
    return await shop.quiet()


@pytest.fixture
async def two(shop: Shop, agent_page: AgentPage, channel_id: int) -> tuple[Desk, Desk]:
    """The agent and the manager look at the same thread; a second contact waits in the list."""
    await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    await shop.wrote(channel_id, "Bo", "Hello")
    one, other = await agent_page(shop.world.agent), await agent_page(shop.world.manager)
    for desk in (one, other):
        await desk.open()
        await desk.choose("Ada")
    return one, other


async def test_a_reply_and_its_assignment_show_in_the_other_browser(two: tuple[Desk, Desk], shop: Shop) -> None:
    one, other = two
    await one.says("It is, in white.")
    await expect(other.bubble("It is, in white.")).to_have_count(1)
    await expect(other.bubble("It is, in white.")).to_contain_text(shop.world.agent.name)
    await expect(other.assignee).to_have_text(shop.world.agent.name)
    await expect(other.card("Ada")).to_contain_text(f"Assigned to {shop.world.agent.name}")
    await expect(other.card("Ada")).to_contain_text("It is, in white.")
    await expect(other.thread.get_by_text(f"Assigned to {shop.world.agent.name}")).to_have_count(1)


async def test_assigning_closing_and_opening_show_in_the_other_browser(two: tuple[Desk, Desk], shop: Shop) -> None:
    one, other = two
    await one.assigns(shop.world.manager.name)
    await expect(one.assignee).to_have_text(shop.world.manager.name)
    await expect(other.assignee).to_have_text(shop.world.manager.name)
    await one.assigns("Unassign")
    await expect(other.assignee).to_have_text("Assign")
    await one.closes()
    await expect(other.page.get_by_role("button", name="Open conversation")).to_be_visible()
    await expect(other.card("Ada")).to_have_count(0)
    await expect(other.card("Bo")).to_have_count(1)
    await other.page.get_by_role("button", name="Open conversation").click()
    await expect(one.page.get_by_role("button", name="Close conversation")).to_be_visible()
    await expect(one.card("Ada")).to_have_count(1)


async def test_what_was_closed_by_mistake_is_opened_again_from_the_notice(two: tuple[Desk, Desk]) -> None:
    one, other = two
    await one.closes()
    notice = await one.notice("Conversation with Ada closed")
    await notice.get_by_role("button", name="Undo").click()
    await expect(other.card("Ada")).to_have_count(1)
    await expect(one.page.get_by_role("button", name="Close conversation")).to_be_visible()


async def test_a_comment_shows_in_the_other_browser_and_does_not_assign(two: tuple[Desk, Desk], shop: Shop) -> None:
    one, other = two
    await one.comments("She asked **last week** too")
    await expect(other.thread.locator(".message-comment")).to_contain_text("She asked last week too")
    await expect(other.thread.locator(".message-comment b")).to_have_text("last week")
    await expect(other.thread.locator(".message-comment")).to_contain_text(shop.world.agent.name)
    await expect(other.assignee).to_have_text("Assign")
    assert await shop.rows("SELECT count(*) FROM message WHERE traffic = 'outgoing'") == [(0,)]


async def test_unread_marks_and_numbers_follow(two: tuple[Desk, Desk], shop: Shop, channel_id: int) -> None:
    one, other = two
    await expect(one.inbox("Unassigned")).to_contain_text("2")
    await shop.wrote(channel_id, "Cid", "Anybody there?")
    for desk in two:
        await expect(desk.card("Cid").get_by_text("Unread")).to_be_visible()
        await expect(desk.names.first).to_have_text("Cid")
        await expect(desk.inbox("Unassigned")).to_contain_text("3")
    await one.choose("Cid")
    await expect(one.card("Cid").get_by_text("Unread")).to_be_hidden()
    await one.says("Here I am")
    await expect(one.inbox("Mine")).to_contain_text("1")
    await expect(one.inbox("Unassigned")).to_contain_text("2")
    await expect(other.inbox("Unassigned")).to_contain_text("2")
    # What one has read, the other has not.
    await expect(other.card("Cid").get_by_text("Unread")).to_be_visible()


async def test_reading_in_one_window_marks_it_in_the_members_other_window(two: tuple[Desk, Desk], shop: Shop) -> None:
    one, _other = two
    second = Desk(one.member, one.context, await one.context.new_page(), one.watch, one.address)
    await second.open()
    await expect(second.card("Bo").get_by_text("Unread")).to_be_visible()
    await one.choose("Bo")
    await expect(second.card("Bo").get_by_text("Unread")).to_be_hidden()
