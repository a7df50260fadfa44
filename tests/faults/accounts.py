"""A page of Messenger and a bot of Telegram, connected to a workspace of the plant, whose providers are stand-ins."""

import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from ismessenger.channels.connect import ConnectedTo, connect
from ismessenger.messages.model import Message
from ismessenger.messages.reply import Draft, Part, reply
from ismessenger.sdk.content import Content, Text
from ismessenger.sdk.signing import hmac_hex
from tests.conftest import World
from tests.faults.plant import Plant
from tests.standins.graph import Page as FacebookPage
from tests.standins.graph import Webhook

APP_SECRET = "the-secret-of-the-application"
TOKEN = "EAAB-token"
_pages = itertools.count(104_000)
_people = itertools.count(7_400_000)
_updates = itertools.count(800_000_000)


@dataclass
class Account:
    plant: Plant
    world: World
    channel: ConnectedTo

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        return await self.plant.rows(self.world, query, **values)

    async def answer(self, content: Content | str) -> Message:
        """The agent answers the newest contact."""
        installation = self.plant.installation
        ((contact_id,),) = await self.rows("SELECT max(id) FROM contact")
        draft = Draft([Part(Text(text=content) if isinstance(content, str) else content)])
        async with installation.tenancy.workspace(self.world.workspace_id) as db:
            (message,) = await reply(installation, db, contact_id, draft, by=self.world.agent)
        return message

    async def notes(self) -> Sequence[tuple[str, str | None]]:
        """State and note of every webhook."""
        return await self.rows("SELECT state, note FROM inbound_event ORDER BY id")


@dataclass
class Page(Account):
    """``person`` is a customer's id for this page."""

    page_id: str
    person: str

    def body(self, *items: dict[str, Any], page_id: str | None = None) -> dict[str, Any]:
        return {"object": "page", "entry": [{"id": page_id or self.page_id, "time": _now_ms(), "messaging": list(items)}]}

    def wrote(self, mid: str, text: str, *, at: int | None = None, **more: Any) -> dict[str, Any]:
        parties = {"sender": {"id": self.person}, "recipient": {"id": self.page_id}}
        return {**parties, "timestamp": at or _now_ms(), "message": {"mid": mid, "text": text, **more}}

    async def post(self, body: object, *, secret: str = APP_SECRET, path: str | None = None) -> httpx.Response:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={hmac_hex(secret, raw)}"}
        return await self.plant.http.post(path or self.channel.webhook_url, content=raw, headers=headers)


@dataclass
class Bot(Account):
    """``chat`` is a customer's private chat."""

    chat: int

    def update(self, message_id: int, text: str, *, at: int | None = None, **more: Any) -> dict[str, Any]:
        person = {"id": self.chat, "first_name": "Mira"}
        message = {"message_id": message_id, "date": at or int(time.time()), "chat": {**person, "type": "private"}, "text": text, **more}
        return {"update_id": next(_updates), "message": {**message, "from": {**person, "is_bot": False}}}

    async def post(self, update: dict[str, Any]) -> httpx.Response:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.channel.values["secret_token"]}
        return await self.plant.http.post(self.channel.webhook_url, json=update, headers=headers)


async def open_page(plant: Plant, world: World) -> Page:
    page_id = str(next(_pages))
    plant.graph.pages[page_id] = FacebookPage(token=TOKEN)
    values = {"page_id": page_id, "page_access_token": TOKEN, "app_secret": APP_SECRET}
    channel = await connect(plant.installation, world.workspace_id, "messenger", name="Page", values=values)
    plant.graph.webhook = Webhook(channel.webhook_url, APP_SECRET)
    return Page(plant, world, channel, page_id, str(next(_people)))


async def open_bot(plant: Plant, world: World) -> Bot:
    channel = await connect(plant.installation, world.workspace_id, "telegram", name="Bot", values={"bot_token": "12345:bot-token"})
    return Bot(plant, world, channel, next(_people))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
