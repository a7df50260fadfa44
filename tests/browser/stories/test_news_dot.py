"""The dot for something new: on one inbox only, the most important one."""

import pytest
from playwright.async_api import expect

from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.desk import Desk
from tests.browser.stories.shop import Shop

pytestmark = [pytest.mark.browser, pytest.mark.behaviour(9)]


async def dot_is_on(desk: Desk, *inboxes: str) -> None:
    """Shown beside these and no others."""
    await expect(desk.page.locator(".inbox-link:has(.inbox-news:visible) .inbox-link-name")).to_have_text(list(inboxes))


@pytest.fixture
async def desk(shop: Shop, agent_page: AgentPage) -> Desk:
    return await agent_page(shop.world.agent)


async def test_it_moves_to_the_more_important_inbox_as_people_write(shop: Shop, desk: Desk) -> None:
    channel_id = await shop.quiet()
    owners = {"Mia": shop.world.agent.id, "Nobody's": None, "Otto": shop.world.manager.id}
    for who, member_id in owners.items():
        contact_id = await shop.wrote(channel_id, who)
        await shop.change("UPDATE contact SET assignee_id = :m WHERE id = :c", m=member_id, c=contact_id)
    await shop.change(
        "INSERT INTO read_mark (member_id, contact_id, message_id) SELECT :m, id, last_incoming_id FROM contact", m=desk.member.id
    )
    await desk.open()
    await expect(desk.inbox("Mine")).to_contain_text("1")
    await dot_is_on(desk)
    for who, inbox in (("Otto", "All"), ("Nobody's", "Unassigned"), ("Mia", "Mine")):
        await shop.wrote(channel_id, who, "News")
        await dot_is_on(desk, inbox)
    # Less important news do not take it away, nor does a new look at the page.
    await shop.wrote(channel_id, "Otto", "More news")
    await expect(desk.card("Otto")).to_contain_text("More news")
    await dot_is_on(desk, "Mine")
    await desk.open()
    await dot_is_on(desk, "Mine")


async def test_reading_hands_it_on_to_what_is_still_unread(shop: Shop, desk: Desk) -> None:
    channel_id = await shop.quiet()
    mine = await shop.wrote(channel_id, "Mia")
    await shop.wrote(channel_id, "Nobody's")
    await shop.change("UPDATE contact SET assignee_id = :m WHERE id = :c", m=desk.member.id, c=mine)
    await desk.open()
    await dot_is_on(desk, "Mine")
    await desk.choose("Mia")
    await dot_is_on(desk, "Unassigned")
    await desk.choose("Nobody's")
    await dot_is_on(desk)
