"""What a page makes a browser fetch of ours, as it goes over the wire."""

import gzip
from urllib.parse import urlsplit

import pytest

from ismessenger.web.assets import STATIC
from tests.browser.stories.conftest import AgentPage
from tests.browser.stories.shop import Shop

pytestmark = pytest.mark.browser
MOST = 200 * 1024
PAGES = ["/inbox/all/contacts/{contact}", "/contacts", "/settings/channels", "/conversations/new", "/account/profile"]


@pytest.mark.behaviour(269)
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_fetches_at_most_200_kilobytes_of_ours(shop: Shop, agent_page: AgentPage, path: str) -> None:
    channel_id = await shop.quiet()
    contact_id = await shop.wrote(channel_id, "Ada", "Is the lamp in stock?")
    desk = await agent_page(shop.world.owner)
    fetched: set[str] = set()
    desk.page.on("response", lambda answer: fetched.add(urlsplit(answer.url).path))
    await desk.open(path.format(contact=contact_id))
    await desk.page.wait_for_load_state("networkidle")
    ours = {name: (STATIC / name.removeprefix("/static/")).read_bytes() for name in fetched if name.startswith("/static/")}
    weights = {name: len(body) if name.endswith(".woff2") else len(gzip.compress(body)) for name, body in ours.items()}
    assert any(name.endswith(".js") for name in weights)
    assert any(name.endswith(".css") for name in weights)
    assert sum(weights.values()) <= MOST, weights
