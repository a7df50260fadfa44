"""A webhook is answered alike whether its channel is known already, and the short way is taken, or not."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from ismessenger.channels.connect import connect
from ismessenger.channels.route import Routes
from tests.conftest import World

SECRET = "the-secret-of-the-app"
BODY = json.dumps({"object": "page", "entry": []}).encode()
# What each answer may have of its own.
OWN = {"date", "content-security-policy", "x-request-id"}


@dataclass
class Hook:
    """A webhook address, called with the channel known or unknown to the process."""

    app: Starlette
    world: World
    url: str

    async def call(self, *, known: bool, body: bytes, signature: str) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            self.app.state.routes = Routes(self.world.installation)
            if known:
                kind, route = self.url.split("/")[-2:]
                assert await self.app.state.routes.find(kind, route) is not None
            return await client.post(self.url, content=body, headers=headers)

    async def stored(self) -> int:
        async with self.world.installation.tenancy.reading(self.world.workspace_id) as db:
            return int((await db.execute(text("SELECT count(*) FROM inbound_event"))).scalar_one())


@pytest.fixture
async def hook(app: Starlette, world: World) -> Hook:
    values = {"page_id": str(world.workspace_id), "page_access_token": "t", "app_secret": SECRET, "verify_token": "v"}
    channel = await connect(world.installation, world.workspace_id, "messenger", name="Page", values=values, check=False)
    return Hook(app, world, httpx.URL(channel.webhook_url).path)


def signed(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def shown(answer: httpx.Response) -> tuple[int, bytes, Mapping[str, str]]:
    return answer.status_code, answer.content, {name: value for name, value in answer.headers.items() if name not in OWN}


@pytest.mark.parametrize(
    ("body", "signature", "status", "kept"),
    [
        (BODY, signed(BODY), 200, 1),
        (BODY, "sha256=00", 401, 0),
        (BODY, "", 401, 0),
        (b"{", signed(b"{"), 200, 1),
        (b" " * 300_000, signed(b" " * 300_000), 200, 1),
        (b" " * (3 << 20), signed(b" " * (3 << 20)), 413, 0),
    ],
    ids=["genuine", "wrong signature", "no signature", "unreadable", "large", "too large"],
)
async def test_both_ways_answer_alike(hook: Hook, body: bytes, signature: str, status: int, kept: int) -> None:
    long = await hook.call(known=False, body=body, signature=signature)
    assert (long.status_code, await hook.stored()) == (status, kept)
    short = await hook.call(known=True, body=body, signature=signature)
    assert shown(short) == shown(long)
    assert await hook.stored() == 2 * kept


@pytest.mark.behaviour(388)
async def test_what_visitors_post_takes_the_long_way_where_their_limits_are(app: Starlette, world: World) -> None:
    channel = await connect(world.installation, world.workspace_id, "website_chat", name="Chat", values={})
    path = httpx.URL(channel.webhook_url).path
    route = path.rpartition("/")[2]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080") as client:
        token = (await client.post(f"/widget/{route}/session", json={})).json()["token"]
        assert app.state.routes.known("website_chat", route) is not None
        headers = {"Authorization": f"Bearer {token}"}
        body = {"type": "message", "id": "posted-directly", "text": "x" * 70_000}
        assert (await client.post(path, json=body, headers=headers)).status_code == 413
