"""A connected channel without a provider, for tests of what happens inside."""

from dataclasses import dataclass

import pytest

from ismessenger.channels.model import ConnectedChannel
from ismessenger.kit.ids import new_route
from tests.conftest import World


@dataclass(frozen=True)
class Line:
    """A channel row in a world."""

    world: World
    channel_id: int


@pytest.fixture
async def line(world: World) -> Line:
    """A channel to receive on."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        row = ConnectedChannel(kind="telegram", name="Bot", route=new_route(), secrets=b"")
        db.add(row)
        await db.flush()
    return Line(world, row.id)
