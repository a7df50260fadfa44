"""The whole product on real sockets: web application, worker's lanes, somebody's website, and Chromium."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, expect
from starlette.types import ASGIApp

from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.installation import Installation, open_installation
from ismessenger.settings import Settings
from ismessenger.web.app import create_app_for
from ismessenger.web.assets import STATIC
from tests.browser.widget.host import Visit, visit, website
from tests.conftest import World, apart, at_work, make_world
from tests.serving import served
from tests.web.chromium import launched
from tests.web.widget.site import Site, open_site

expect.set_options(timeout=15_000)  # a busy machine is no failure

Opens = Callable[..., Awaitable[Visit]]


@pytest.fixture(scope="session", autouse=True)
def built_widget() -> None:
    assert (STATIC / "widget.js").exists(), "The front end is not built: run `npm ci && npm run build` in frontend/ (`make` does)."


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as chromium:
        yield chromium


@pytest.fixture(scope="session")
async def product(servers: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """An installation at the address at which it really listens, so that links to files work."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis-of-widgets")) as redis, socket.create_server(("127.0.0.1", 0)) as listener:
        settings = await apart(servers, "widgets", redis)
        own = settings.model_copy(update={"public_url": f"http://127.0.0.1:{listener.getsockname()[1]}"})
        async with open_installation(own) as opened, at_work(opened):
            app = create_app_for(opened)
            async with app.router.lifespan_context(app), _serving(app, listener):
                yield opened


@asynccontextmanager
async def _serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve([listener]))
    yield
    server.should_exit = True
    await task


@pytest.fixture
async def http(product: Installation) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=product.settings.address, timeout=20) as client:
        yield client


@pytest.fixture
async def shop_world(product: Installation) -> World:
    return await make_world(product)


@pytest.fixture
async def site(shop_world: World, http: httpx.AsyncClient) -> Site:
    return await open_site(shop_world, http, title="Ask the shop", online_hours="Mon to Fri, 9 to 17")


@pytest.fixture(scope="session")
async def origin(product: Installation) -> AsyncIterator[str]:
    """Where somebody's website is."""
    async with served(website(product.settings.address)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def visits(browser: Browser, origin: str) -> AsyncIterator[Opens]:
    """Opens browsers of visitors; afterwards none of their pages may have complained."""
    opened: list[Visit] = []

    async def open_one(site: Site, viewport: dict[str, int] | None = None, **more: object) -> Visit:
        visited = await visit(browser, site, origin, viewport, **more)
        opened.append(visited)
        return visited

    yield open_one
    for visited in opened:
        await visited.context.close()
    assert [complaint for visited in opened for complaint in visited.unexpected] == []
