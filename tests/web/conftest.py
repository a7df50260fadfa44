"""The web application of the tests, workspaces to look at, and the count of statements that a page costs."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

import pytest
from starlette.applications import Starlette

from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.installation import Installation
from ismessenger.web.app import create_app_for
from tests.conftest import World, make_world
from tests.web.site import Shop, counted, open_shop


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
async def app(installation: Installation) -> AsyncIterator[Starlette]:
    """The whole application, serving."""
    application = create_app_for(installation)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def shop(app: Starlette, world: World) -> AsyncIterator[Shop]:
    """A workspace with a channel."""
    opened = await open_shop(app, world)
    yield opened
    await opened.close()


@pytest.fixture
async def other_shop(app: Starlette, installation: Installation) -> AsyncIterator[Shop]:
    """A second workspace, in the other home."""
    opened = await open_shop(app, await make_world(installation, "eu"))
    yield opened
    await opened.close()


@pytest.fixture
def queries(installation: Installation) -> Callable[..., AbstractContextManager[list[str]]]:
    """``with queries(at_most=6):`` fails if the block sends more statements."""
    return partial(counted, installation)
