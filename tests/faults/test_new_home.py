"""A database is added while web and worker run: what is connected there works at once."""

from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.installation import open_installation
from ismessenger.tenancy.homes import add_home
from tests.conftest import make_world
from tests.faults.line import open_line
from tests.faults.plant import Plant
from tests.standins.custom_channel import CustomChannelServer

pytestmark = pytest.mark.slow


async def create_database(plant: Plant, name: str) -> str:
    engine = create_async_engine(plant.postgres.url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()
    return plant.postgres.database_url(name)


async def test_a_home_that_was_added_later_is_served_without_a_restart(plant: Plant) -> None:
    await plant.working(plant.worker())
    url = await create_database(plant, "asia")
    await add_home(plant.postgres.url, plant.installation.vault, "asia", url)
    async with open_installation(plant.settings, pool_size=2) as installation, CustomChannelServer() as server:
        world = await make_world(installation, "asia")
        line = await open_line(plant, world, server)
        assert await plant.installation.tenancy.home_of(world.workspace_id) == "asia"
        answers = await line.send_in(["m1"])
        assert set(answers) == {200}, plant.web and plant.web.said()[-6000:]
        await plant.settled()
        assert await line.received() == Counter(["m1"])
        await line.answer_all("to")
        await plant.settled()
        assert [outcome[1:] for outcome in await line.outcomes()] == [("sent", False)]
