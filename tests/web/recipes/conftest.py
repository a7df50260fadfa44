"""The store of the recipes, with its lanes at work."""

from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from ismessenger.accounts.join import join_workspace
from ismessenger.accounts.model import Team
from ismessenger.jobs.worker import Lanes
from tests.conftest import PASSWORD, World
from tests.web.recipes.store import Store
from tests.web.site import ADDRESS
from tests.web.widget.site import open_site


@pytest.fixture
async def store(app: Starlette, world: World, lanes: Lanes) -> AsyncIterator[Store]:
    installation = world.installation
    second = await join_workspace(
        installation, world.workspace_id, email=f"second-{world.slug}@example.com", password=PASSWORD, name="Sam Second", role="agent"
    )
    async with installation.tenancy.workspace(world.workspace_id) as db:
        team = Team(name="Care")
        db.add(team)
        await db.flush()
        await db.execute(text("UPDATE member SET undo_send = false"))
        await db.execute(
            text("UPDATE member SET team_id = :team WHERE id = ANY(:ids)"), {"team": team.id, "ids": [world.agent.id, second.id]}
        )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS, timeout=20) as http:
        opened = Store(app, world, await open_site(world, http), (world.agent, second), team.id)
        yield opened
        await opened.close()
