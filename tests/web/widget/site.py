"""A connected website chat, and visitors who call its endpoints as the widget does."""

import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text

from ismessenger.channels.connect import ConnectedTo, connect
from ismessenger.channels.ingest import Ingest, raw_event
from ismessenger.channels.route import load_target
from ismessenger.jobs.drain import drain
from ismessenger.kit.clock import now
from ismessenger.messages.reply import Draft, Part, reply
from ismessenger.sdk.channel import RawRequest
from ismessenger.sdk.content import Content, Text
from tests.conftest import World

ORIGIN = "https://shop.example"
_ids = itertools.count(1)


@dataclass
class Site:
    """A chat in a workspace of its own."""

    world: World
    http: httpx.AsyncClient
    channel: ConnectedTo
    route: str

    @property
    def key(self) -> str:
        """The identity secret, which the website's own server holds."""
        return self.channel.values["identity_secret"]

    def identity(self, user_id: str, **more: str) -> dict[str, str]:
        digest = hmac.new(self.key.encode(), user_id.encode(), hashlib.sha256).hexdigest()
        return {"user_id": user_id, "hash": digest, **more}

    def path(self, name: str) -> str:
        return f"/widget/{self.route}/{name}"

    async def visitor(self, *, token: str | None = None, identity: dict[str, str] | None = None) -> "Visitor":
        answer = await self.http.post(self.path("session"), json={"token": token, "identity": identity}, headers={"Origin": ORIGIN})
        assert answer.status_code == 200, answer.text
        return Visitor(self, answer.json()["token"])

    async def store(self, bodies: list[dict[str, Any]]) -> None:
        """Past the limits of a single visitor: as if these had been posted long ago."""
        target = await load_target(self.world.installation, self.world.workspace_id, self.channel.channel_id)
        assert target is not None
        raws = [RawRequest("POST", {}, "", json.dumps(body).encode(), now()) for body in bodies]
        await Ingest(self.world.installation).add([(target.home, raw_event(target, raw)) for raw in raws])

    async def settle(self) -> None:
        left = await drain(self.world.installation, seconds=60)
        assert left.done, left

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.world.installation.tenancy.reading(self.world.workspace_id) as db:
            return [tuple(row) for row in (await db.execute(text(query), values)).all()]

    async def answer(self, content: Content | str, *, contact_id: int | None = None) -> int:
        """The agent replies; returns the message's id."""
        draft = Draft([Part(Text(text=content) if isinstance(content, str) else content)])
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            contact = contact_id or (await db.execute(text("SELECT max(id) FROM contact"))).scalar_one()
            (message,) = await reply(self.world.installation, db, contact, draft, by=self.world.agent)
        await self.settle()
        return message.id


@dataclass
class Visitor:
    """One browser."""

    site: Site
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = {"Origin": ORIGIN, "Authorization": f"Bearer {self.token}"}

    async def post(self, name: str, body: Any, **more: Any) -> httpx.Response:
        return await self.site.http.post(self.site.path(name), json=body, headers=self.headers | more)

    async def says(self, words: str, *, id_: str | None = None, **more: Any) -> httpx.Response:
        return await self.post("messages", {"type": "message", "id": id_ or f"message-{next(_ids)}", "text": words, **more})

    async def history(self, before: str | None = None) -> dict[str, Any]:
        answer = await self.site.http.get(self.site.path("messages"), params={"before": before} if before else {}, headers=self.headers)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page

    async def words(self) -> list[tuple[str, str]]:
        """Who said what."""
        return [(message["from"], message["content"].get("text", "")) for message in (await self.history())["messages"]]

    async def upload(self, name: str, content: bytes, mime: str = "application/octet-stream") -> httpx.Response:
        headers = self.headers | {"Content-Type": mime}
        return await self.site.http.post(self.site.path("uploads"), params={"name": name}, content=content, headers=headers)


async def open_site(world: World, http: httpx.AsyncClient, **values: Any) -> Site:
    channel = await connect(world.installation, world.workspace_id, "website_chat", name="Shop chat", values=values)
    target = await load_target(world.installation, world.workspace_id, channel.channel_id)
    assert target is not None
    return Site(world, http, channel, target.route)
