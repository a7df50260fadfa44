"""Workspaces with a custom channel, and what the owner of the database sees of them."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from ismessenger.installation import Installation
from ismessenger.tenancy.schema import workspace_metadata
from tests.channels.conftest import hooks, shop
from tests.tenancy.test_migrations import owner_of

__all__ = ["hooks", "shop"]

Left = Callable[[int], Awaitable[dict[str, int]]]


@pytest.fixture
def left_of(installation: Installation) -> Left:
    """How many rows a workspace still has, per table that has any; asked past the views."""

    async def count(workspace_id: int) -> dict[str, int]:
        url = installation.settings.database_url
        assert url is not None
        found: dict[str, int] = {}
        async with owner_of(url.get_secret_value()) as connection:
            for table in workspace_metadata.tables:
                query = text(f"SELECT count(*) FROM store.{table} WHERE workspace_id = :id")
                found[table] = (await connection.execute(query, {"id": workspace_id})).scalar_one()
        return {table: number for table, number in found.items() if number}

    return count
