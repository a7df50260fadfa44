"""What the tests of workflows share."""

import pytest

from tests.automation.flows import Flows, open_flows
from tests.conftest import World


@pytest.fixture
async def flows(world: World) -> Flows:
    """A workspace with a channel and no workflow yet."""
    return await open_flows(world)
