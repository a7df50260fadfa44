"""A client of the developer API of a new workspace."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.accounts.tokens import create_token
from ismessenger.installation import Installation
from ismessenger.web.app import create_app_for
from tests.conftest import World


@pytest.fixture(scope="session")
async def app(installation: Installation) -> AsyncIterator[Starlette]:
    """The web application on the installation of the tests."""
    application = create_app_for(installation)
    async with application.router.lifespan_context(application):
        yield application


@dataclass
class Api:
    """Calls with a workspace's token."""

    world: World
    http: httpx.AsyncClient


@pytest.fixture
async def api(world: World, app: Starlette) -> AsyncIterator[Api]:
    """A token of the world's workspace."""
    token = await create_token(world.installation, world.workspace_id, "tests")
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080/v2", headers=headers) as http:
        yield Api(world, http)
