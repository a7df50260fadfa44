"""A custom channel whose server is a stand-in, with the hooks and the lanes running in this process."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.channels.connect import ConnectedTo, connect
from ismessenger.channels.ingest import Ingest
from ismessenger.channels.route import Routes
from ismessenger.installation import Installation
from ismessenger.web.errors import handlers
from ismessenger.web.hooks import routes
from ismessenger.web.middleware import stack
from ismessenger.web.strangers import Strangers
from tests.conftest import World
from tests.standins.custom_channel import CustomChannelServer


@pytest.fixture
async def hooks(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the webhook addresses."""
    app = Starlette(routes=routes, middleware=stack(installation.settings, installation.vault), exception_handlers=handlers())
    app.state.installation, app.state.routes, app.state.ingest = installation, Routes(installation), Ingest(installation)
    app.state.strangers = Strangers()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
        yield client


@dataclass
class Shop:
    """A connected custom channel and its server."""

    world: World
    server: CustomChannelServer
    channel: ConnectedTo
    hooks: httpx.AsyncClient

    async def post(
        self, *events: dict[str, Any], contact: str = "+4930901820", path: str = "/custom/channel/webhook/", **more: Any
    ) -> httpx.Response:
        body = {"channelId": str(self.channel.channel_id), "contactId": contact, "events": list(events), **more}
        headers = {"Authorization": f"Bearer {self.channel.values['api_token']}"}
        return await self.hooks.post(path, json=body, headers=headers)


@pytest.fixture
async def shop(world: World, hooks: httpx.AsyncClient) -> AsyncIterator[Shop]:
    """A custom channel of the type Phone number."""
    async with CustomChannelServer() as server:
        values = {"id_type": "phone", "api_base_url": server.url}
        channel = await connect(world.installation, world.workspace_id, "custom_channel", name="Orders", values=values)
        server.token = channel.values["api_token"]
        yield Shop(world, server, channel, hooks)
