"""Nothing jumps while something arrives, and little has to be loaded."""

import gzip
import re

import httpx
import pytest
from playwright.async_api import Page, expect

from ismessenger.sdk.content import Media
from tests.browser.stories.conftest import AgentPage, Product
from tests.browser.stories.pictures import png
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser

# Cards that change places are meant to move; everything else must stand still. Source: W3C, Layout Instability, "LayoutShift".
WATCH_SHIFTS = """
window.shifted = [];
const named = ({node, previousRect, currentRect}) => `${node.className || node.nodeName} ${previousRect.y} to ${currentRect.y}`;
new PerformanceObserver(list => {
  for (const {value, sources} of list.getEntries()) {
    const others = sources.filter(({node}) => node && !(node.closest ? node : node.parentElement).closest(".cards"));
    if (others.length) window.shifted.push([value, others.map(named).join(", ")]);
  }
}).observe({type: "layout-shift"});
"""
PAGE_BYTES = 200 * 1024
WIDGET_BYTES = 25 * 1024


async def shifts(page: Page) -> list[tuple[float, str]]:
    """What jumped, after everything was painted."""
    await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found: list[tuple[float, str]] = await page.evaluate("window.shifted")
    return found


async def test_nothing_jumps_while_messages_and_pictures_arrive(shop: Shop, agent_page: AgentPage) -> None:
    channel_id = (await shop.custom()).channel_id
    await shop.wrote(channel_id, "Bo")
    contact_id = await shop.chatted(channel_id, "Ada", 30)
    desk = await agent_page(shop.world.agent)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await expect(desk.bubble("Line 30")).to_be_in_viewport()
    await expect(desk.inbox("Unassigned")).to_contain_text("2")
    await desk.page.evaluate(WATCH_SHIFTS)
    await shop.wrote(channel_id, "Ada", "One more line")
    await expect(desk.bubble("One more line")).to_be_in_viewport()
    link = shop.providers.graph.keep("lamp.png", png(400, 300))
    await shop.wrote(channel_id, "Ada", Media(kind="image", url=link, mime="image/png", file_name="lamp.png"))
    picture = desk.thread.get_by_role("img", name="Photo from Ada")
    await expect(picture).to_be_in_viewport()
    await picture.evaluate("image => image.decode()")
    await shop.wrote(channel_id, "Bo", "From somebody else")
    await expect(desk.card("Bo")).to_contain_text("From somebody else")
    assert [shift for shift in await shifts(desk.page) if shift[0] > 0.001] == []
    # An answer writes a name into the bar above; nothing else moves.
    await desk.says("And an answer")
    await expect(desk.ticks("And an answer")).to_have_text(re.compile("^Sent"))
    assert [shift for shift in await shifts(desk.page) if shift[0] > 0.005] == []


async def test_what_a_page_loads_is_small(product: Product, shop: Shop, agent_page: AgentPage) -> None:
    await shop.wrote(await shop.quiet(), "Ada")
    desk = await agent_page(shop.world.agent)
    loaded: set[str] = set()
    desk.page.on("request", lambda request: loaded.add(request.url) if "/static/" in request.url else None)
    await desk.open()
    await desk.choose("Ada")
    assert len(loaded) >= 4
    assert sum([await on_the_wire(url) for url in loaded]) <= PAGE_BYTES
    assert await on_the_wire(f"{product.address}/static/widget.js") <= WIDGET_BYTES


async def on_the_wire(url: str) -> int:
    """Bytes of a built file, which is compressed already or compressed well."""
    async with httpx.AsyncClient() as client:
        content = (await client.get(url)).content
    return len(content) if url.endswith(".woff2") else len(gzip.compress(content, 9))


async def test_the_first_page_does_not_jump_while_it_is_built(shop: Shop, agent_page: AgentPage) -> None:
    contact_id = await shop.chatted(await shop.quiet(), "Ada", 30)
    desk = await agent_page(shop.world.agent)
    await desk.page.add_init_script(WATCH_SHIFTS)
    await desk.open(f"/inbox/all/contacts/{contact_id}")
    await expect(desk.bubble("Line 30")).to_be_in_viewport()
    await expect(desk.inbox("Unassigned")).to_contain_text("1")
    assert [shift for shift in await shifts(desk.page) if shift[0] > 0.01] == []
