"""What a page makes a browser fetch of ours, as it goes over the wire."""

import gzip
from urllib.parse import urlsplit

import pytest

from ismessenger.web.assets import STATIC
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop
from tests.browser.stories.workshop import definition, workflow

pytestmark = pytest.mark.browser
MOST = 200 * 1024
# React Flow, Preact and every form of a step: only whoever builds workflows loads them.
MOST_OF_BUILDER = 300 * 1024
PAGES = ["/inbox/all/contacts/{contact}", "/contacts", "/settings/channels", "/conversations/new", "/account/profile"]


@pytest.mark.behaviour(269)
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_fetches_at_most_200_kilobytes_of_ours(shop: Shop, agent_page: AgentPage, path: str) -> None:
    channel_id = await shop.quiet()
    contact_id = await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    assert sum((await weighed(shop, agent_page, path.format(contact=contact_id))).values()) <= MOST


@pytest.mark.behaviour(269)
async def test_the_builder_of_workflows_may_fetch_its_canvas_too(shop: Shop, agent_page: AgentPage) -> None:
    workflow_id = await workflow(shop, definition(("a", "wait", {}, {})))
    assert sum((await weighed(shop, agent_page, f"/workflows/{workflow_id}")).values()) <= MOST_OF_BUILDER


async def weighed(shop: Shop, agent_page: AgentPage, path: str) -> dict[str, int]:
    """What opening a page fetches of ours, in bytes on the wire."""
    desk = await agent_page(shop.world.owner)
    fetched: set[str] = set()
    desk.page.on("response", lambda answer: fetched.add(urlsplit(answer.url).path))
    await desk.open(path)
    await desk.page.wait_for_load_state("networkidle")
    ours = {name: (STATIC / name.removeprefix("/static/")).read_bytes() for name in fetched if name.startswith("/static/")}
    weights = {name: len(body) if name.endswith(".woff2") else len(gzip.compress(body)) for name, body in ours.items()}
    assert any(name.endswith(".js") for name in weights)
    assert any(name.endswith(".css") for name in weights)
    return weights
