"""The widget's endpoints on a real socket, with the worker's lanes running in this process."""

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
from ismessenger.web.strangers import Strangers
from ismessenger.web.widget.endpoints import BODY_LIMITS, hook_routes, routes
from ismessenger.web.widget.room import Rooms
from tests.conftest import World
from tests.serving import served
from tests.web.widget.site import Site, open_site


@pytest.fixture
async def http(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    middleware = stack(installation.settings, installation.vault, body_limits=BODY_LIMITS)
    app = Starlette(routes=[*hook_routes, *routes], middleware=middleware, exception_handlers=handlers())
    feed = Feed(installation.redis)
    feed.start()
    state = app.state
    state.installation, state.routes, state.ingest, state.feed = installation, Routes(installation), Ingest(installation), feed
    state.limiter, state.strangers, state.visitors = RateLimiter(None), Strangers(), Rooms(installation, feed)
    async with served(app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        yield client
    await feed.close()


@pytest.fixture
async def site(world: World, http: httpx.AsyncClient, lanes: Lanes) -> Site:
    return await open_site(world, http)
