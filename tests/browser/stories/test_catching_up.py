"""Pages that missed something: asleep, offline, or while Redis forgot everything."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.stories.conftest import AgentPage, Product
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser


@pytest.fixture
async def channel_id(shop: Shop) -> int:
    return await shop.quiet()


async def tell_to_refresh(product: Product, shop: Shop) -> None:
    """What happens to every page when Redis was away."""
    await product.app.state.feed._refresh_all()


async def test_a_refresh_does_not_take_a_click_away(product: Product, shop: Shop, agent_page: AgentPage, channel_id: int) -> None:
    await shop.wrote(channel_id, "Ada")
    desk = await agent_page(shop.world.agent)
    await desk.open()
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await desk.page.route("**/inbox/all/contacts/*", hold)
    await desk.card("Ada").get_by_role("link").click()
    await shop.change("UPDATE contact SET first_name = 'Bea'")
    await tell_to_refresh(product, shop)
    await shop.wrote(channel_id, "Cid")
    await expect(desk.card("Cid")).to_be_visible()
    held.set()
    await expect(desk.thread).to_be_visible()
    # What the page owes itself comes after the click.
    await expect(desk.card("Bea")).to_be_visible()
    await expect(desk.page.locator("#thread_name")).to_have_text("Bea")
