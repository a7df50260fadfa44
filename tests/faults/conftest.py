"""One plant for the whole folder: its servers are other ones than those of the other tests, since they are killed here."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from ismessenger.embedded.postgres import EmbeddedPostgres
from ismessenger.embedded.redis import EmbeddedRedis
from ismessenger.installation import open_installation
from ismessenger.jobs.worker import Lanes
from ismessenger.settings import Settings
from ismessenger.tenancy.migrate import migrate
from tests.conftest import at_work, make_world, quick_servers
from tests.faults.accounts import Bot, Page, open_bot, open_page
from tests.faults.line import Line, open_line
from tests.faults.plant import Plant
from tests.ports import free_port
from tests.standins.custom_channel import CustomChannelServer
from tests.standins.graph import GraphServer
from tests.standins.telegram import TelegramServer


@pytest.fixture(scope="session")
def fragile() -> Iterator[tuple[EmbeddedPostgres, EmbeddedRedis]]:
    """Servers to be killed."""
    with quick_servers() as running:
        yield running


@pytest.fixture(scope="session")
async def whole_plant(fragile: tuple[EmbeddedPostgres, EmbeddedRedis]) -> AsyncIterator[Plant]:
    postgres, redis = fragile
    async with TelegramServer() as telegram, GraphServer() as graph:
        with tempfile.TemporaryDirectory(prefix="plant-") as folder:
            settings = Settings(
                _env_file=None,
                data_dir=Path(folder),
                port=free_port(),
                database_url=postgres.url,
                redis_url=redis.url,
                provider_base_urls={"telegram": telegram.url, "messenger": graph.url},
                allowed_private_networks="127.0.0.0/8",
                meta_app_secret="meta-app-secret",
                meta_verify_token="meta-verify-token",
                secret_keys="a-key-of-the-tests-0123456789",
            )
            await migrate({"default": postgres.url})
            async with open_installation(settings) as installation, httpx.AsyncClient(base_url=settings.address, timeout=20) as http:
                plant = Plant(settings, postgres, redis, installation, telegram, graph, http)
                yield plant
                plant.clear()
                if plant.web is not None:
                    plant.web.kill()


@pytest.fixture
async def plant(whole_plant: Plant) -> AsyncIterator[Plant]:
    """The plant with a web process and no worker yet."""
    await whole_plant.serve()
    yield whole_plant
    whole_plant.clear()


@pytest.fixture
async def line(plant: Plant) -> AsyncIterator[Line]:
    """A workspace with a custom channel whose server is a stand-in."""
    async with CustomChannelServer() as server:
        yield await open_line(plant, await make_world(plant.installation), server)


@pytest.fixture
async def lanes(plant: Plant) -> AsyncIterator[Lanes]:
    """The worker's lanes in this process, so that its clock and its constants are the test's."""
    async with at_work(plant.installation) as running:
        yield running


@pytest.fixture
async def page(plant: Plant) -> Page:
    """A workspace with a page of Messenger."""
    return await open_page(plant, await make_world(plant.installation))


@pytest.fixture
async def bot(plant: Plant) -> Bot:
    """A workspace with a bot of Telegram."""
    return await open_bot(plant, await make_world(plant.installation))
