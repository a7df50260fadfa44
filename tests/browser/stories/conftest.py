"""The whole product on real sockets with stand-ins for the providers, and browsers of agents and visitors in front of it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, expect
from starlette.applications import Starlette

from ismessenger.accounts.model import Member
from ismessenger.accounts.sign_in import LIFE
from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.installation import Installation, open_installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.settings import Settings
from ismessenger.tenancy.catalog import SignInSession
from ismessenger.web.app import create_app_for
from ismessenger.web.assets import asset
from ismessenger.web.edge import SESSION_COOKIE
from tests.browser.stories.desk import DESKTOP, PHONE, Desk
from tests.browser.stories.shop import Providers, Shop
from tests.browser.stories.visitor import Visitor
from tests.browser.stories.watch import Watch
from tests.browser.widget.host import website
from tests.conftest import apart, at_work, make_world
from tests.serving import served
from tests.standins.custom_channel import CustomChannelServer
from tests.standins.graph import GraphServer
from tests.standins.telegram import TelegramServer
from tests.web.chromium import launched
from tests.web.widget.site import Site, open_site

PATIENCE_MS = 10_000

AgentPage = Callable[..., Awaitable[Desk]]
VisitorPage = Callable[..., Awaitable[Visitor]]
Opens = Callable[..., Awaitable[tuple[BrowserContext, Watch]]]


@dataclass(frozen=True)
class Product:
    """One web process and one worker, in this process."""

    installation: Installation
    app: Starlette

    @property
    def address(self) -> str:
        return self.installation.settings.address


@pytest.fixture(scope="session", autouse=True)
def built_pages() -> None:
    asset("app.js")  # says how to build them if they are not
    expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def redis_of_stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    """A Redis that only the stories use, so that they may restart it."""
    with EmbeddedRedis(tmp_path_factory.mktemp("redis-of-stories")) as server:
        yield server


@pytest.fixture(scope="session")
async def all_providers() -> AsyncIterator[Providers]:
    async with TelegramServer() as telegram, GraphServer(fetches_links=True) as graph, CustomChannelServer() as custom:
        yield Providers(telegram, graph, custom)


@pytest.fixture
def providers(all_providers: Providers) -> Providers:
    """The stand-ins, well-behaved."""
    all_providers.recover()
    return all_providers


@pytest.fixture(scope="session")
async def product(servers: Settings, redis_of_stories: EmbeddedRedis, all_providers: Providers) -> AsyncIterator[Product]:
    """It listens at its public address, so that webhooks and links to files work."""
    settings = await apart(servers, "stories", redis_of_stories)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        own = settings.model_copy(
            update={
                "public_url": f"http://127.0.0.1:{listener.getsockname()[1]}",
                "sign_up": "open",
                "provider_base_urls": {"telegram": all_providers.telegram.url, "messenger": all_providers.graph.url},
            }
        )
        async with open_installation(own) as opened, at_work(opened):
            app = create_app_for(opened)
            async with app.router.lifespan_context(app), _serving(app, listener):
                yield Product(opened, app)


@asynccontextmanager
async def _serving(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="websockets-sansio"))
    task = asyncio.create_task(server.serve([listener]))
    yield
    server.should_exit = True
    await task


@pytest.fixture
async def shop(product: Product, providers: Providers) -> Shop:
    """A new workspace."""
    return Shop(await make_world(product.installation), providers)


@pytest.fixture
async def http(product: Product) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=product.address, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as chromium:
        yield chromium


@pytest.fixture
async def opens(browser: Browser) -> AsyncIterator[Opens]:
    """Opens browser contexts; afterwards no page of theirs may have complained of what its story did not announce."""
    opened: list[tuple[BrowserContext, Watch]] = []

    async def open_one(who: str, *, phone: bool = False, dark: bool = False, **more: Any) -> tuple[BrowserContext, Watch]:
        looks = {"viewport": PHONE, "has_touch": True, "is_mobile": True} if phone else {"viewport": DESKTOP}
        scheme: Any = "dark" if dark else "light"
        context = await browser.new_context(locale="en-GB", timezone_id="Europe/Berlin", color_scheme=scheme, **looks, **more)
        context.set_default_timeout(PATIENCE_MS)
        opened.append((context, await Watch.over(context, who)))
        return opened[-1]

    yield open_one
    for context, _watch in opened:
        await context.close()
    assert [words for _context, watch in opened for words in watch.unexpected] == []


@pytest.fixture
def agent_page(product: Product, opens: Opens) -> AgentPage:
    """Opens a page in a new browser where a member is signed in."""

    async def open_one(member: Member, **looks: Any) -> Desk:
        context, watch = await opens(member.name, **looks)
        await context.add_cookies([{"name": SESSION_COOKIE, "value": await _signed_in(product, member), "url": product.address}])
        return Desk(member, context, await context.new_page(), watch, product.address)

    return open_one


async def _signed_in(product: Product, member: Member) -> str:
    """A session as `accounts.sign_in` makes it, without the half second that a password takes."""
    token = new_token()
    row = SignInSession(
        token_hash=digest(token), account_id=member.account_id, workspace_id=member.workspace_id, user_agent="", expires_at=now() + LIFE
    )
    async with product.installation.tenancy.catalog() as catalog:
        catalog.add(row)
    return token


@pytest.fixture(scope="session")
async def origin(product: Product) -> AsyncIterator[str]:
    """Where somebody's website is."""
    async with served(website(product.address)) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def visitor_page(opens: Opens, origin: str) -> VisitorPage:
    """Opens a page of the website in a new browser."""

    async def open_one(site: Site, **looks: Any) -> Visitor:
        context, watch = await opens("visitor", **looks)
        return Visitor(site, origin, context, await context.new_page(), watch=watch)

    return open_one


@pytest.fixture
async def site(shop: Shop, http: httpx.AsyncClient) -> Site:
    """The shop's website chat, which asks for a name first."""
    return await open_site(shop.world, http, title="Ask the shop", pre_chat="name*, email")
