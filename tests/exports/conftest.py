"""Exports as people make them."""

import pytest
from starlette.applications import Starlette

from tests.conftest import World
from tests.imports.conftest import Bench
from tests.web.site import Shop


@pytest.fixture
def bench(world: World) -> Bench:
    """A workspace to export from, and to import into."""
    return Bench(Shop(Starlette(), world, 0))
