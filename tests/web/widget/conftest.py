"""The widget's endpoints on a real socket, with the worker's lanes running in this process."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.channels.ingest import Ingest
from ismessenger.channels.route import Routes
from ismessenger.installation import Installation
from ismessenger.jobs.worker import Lanes
from ismessenger.realtime.feed import Feed
from ismessenger.web.errors import handlers
from ismessenger.web.middleware import stack
from ismessenger.web.ratelimit import RateLimiter
from ismessenger.web.widget.endpoints import BODY_LIMITS, routes
from ismessenger.web.widget.room import Rooms
from tests.conftest import World, forget_work
from tests.serving import served
from tests.web.widget.site import Site, open_site


@pytest.fixture
async def lanes(installation: Installation) -> AsyncIterator[Lanes]:
    """The worker's lanes, running."""
    await forget_work(installation)
    stop = asyncio.Event()
    running = Lanes(installation)
    task = asyncio.create_task(running.run(stop))
    yield running
    stop.set()
    await task


@pytest.fixture
async def http(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    middleware = stack(installation.settings, installation.vault, body_limits=BODY_LIMITS)
    app = Starlette(routes=routes, middleware=middleware, exception_handlers=handlers())
    feed = Feed(installation.redis)
    feed.start()
    state = app.state
    state.installation, state.routes, state.ingest, state.feed = installation, Routes(installation), Ingest(installation), feed
    state.limiter, state.visitors = RateLimiter(None), Rooms(installation, feed)
    async with served(app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        yield client
    await feed.close()


@pytest.fixture
async def site(world: World, http: httpx.AsyncClient, lanes: Lanes) -> Site:
    return await open_site(world, http)
