"""A workspace of a story: its channels, its people outside, and what its tables say."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import httpx
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.channels.connect import ConnectedTo, connect
from ismessenger.installation import Installation
from ismessenger.jobs.drain import drain
from ismessenger.kit.clock import now
from ismessenger.messages.receive import receive
from ismessenger.messages.reply import Draft, Part, reply
from ismessenger.sdk.channel import MessageReceived, Profile
from ismessenger.sdk.content import Content, Text
from tests.conftest import World
from tests.standins.custom_channel import CustomChannelServer
from tests.standins.graph import GraphServer, Page, Webhook
from tests.standins.telegram import TelegramServer

_numbers = count(1)


@dataclass
class Providers:
    """The stand-ins that all channels of the stories talk to."""

    telegram: TelegramServer
    graph: GraphServer
    custom: CustomChannelServer

    def recover(self) -> None:
        """Everybody behaves again and remembers nothing."""
        for server in (self.telegram, self.graph, self.custom):
            server.recover()
            server.requests.clear()
        self.telegram.calls.clear()
        self.telegram.blocked.clear()
        self.graph.sent.clear()
        self.custom.messages.clear()


@dataclass
class Shop:
    """One workspace."""

    world: World
    providers: Providers

    @property
    def installation(self) -> Installation:
        return self.world.installation

    # --- Channels ---

    async def connect(self, kind: str, name: str, *, check: bool = True, **values: str) -> ConnectedTo:
        return await connect(self.installation, self.world.workspace_id, kind, name=name, values=values, check=check)

    async def telegram(self) -> ConnectedTo:
        """A bot, whose webhook the stand-in knows from now on."""
        return await self.connect("telegram", "Lamp bot", bot_token=f"{self.world.workspace_id}:story")

    async def messenger(self, *, reads: bool = False, deliveries: bool = False) -> tuple[ConnectedTo, str]:
        """A Page with its id; what follows a message by itself are its echo and the receipts asked for."""
        page_id = f"104{self.world.workspace_id:08d}"
        self.providers.graph.pages[page_id] = Page("Lamp & Light")
        token, secret = "token-of-the-page", "secret-of-the-app"
        channel = await self.connect("messenger", "Lamp page", page_id=page_id, page_access_token=token, app_secret=secret)
        self.providers.graph.webhook = Webhook(channel.webhook_url, "secret-of-the-app", deliveries=deliveries, reads=reads)
        return channel, page_id

    async def custom(self) -> ConnectedTo:
        channel = await self.connect("custom_channel", "Orders", id_type="phone", api_base_url=self.providers.custom.url)
        self.providers.custom.token = channel.values["api_token"]
        return channel

    async def quiet(self) -> int:
        """A channel on which people write by `wrote` alone; nothing goes out that a provider would see."""
        return (await self.connect("website_chat", "Shop chat")).channel_id

    # --- People ---

    async def wrote(self, channel_id: int, who: str, words: str | Content = "Hello", *, at: datetime | None = None) -> int:
        """Somebody writes on a channel; gives the contact's id."""
        content = Text(text=words) if isinstance(words, str) else words
        event = MessageReceived(who, f"story-{next(_numbers)}", content, at or now(), Profile(first_name=who))
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await receive(db, channel_id, [event])
        ((contact_id,),) = await self.rows("SELECT contact_id FROM contact_channel WHERE identifier = :who", who=who)
        return int(contact_id)

    async def chatted(self, channel_id: int, who: str, number: int) -> int:
        """Somebody writes so many messages, a minute after each other; the last one just now."""
        began = now() - timedelta(minutes=number)
        contact_id = 0
        for each in range(number):
            contact_id = await self.wrote(channel_id, who, f"Line {each + 1}", at=began + timedelta(minutes=each + 1))
        return contact_id

    async def answered(self, contact_id: int, content: str | Content, *, by: Member | None = None, channel_id: int | None = None) -> None:
        """A reply that no page sends."""
        draft = Draft([Part(Text(text=content) if isinstance(content, str) else content)], channel_id)
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await reply(self.installation, db, contact_id, draft, by=by or self.world.agent)

    async def change(self, statement: str, **values: Any) -> None:
        """Change rows past the verbs."""
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await db.execute(text(statement), values)

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.installation.tenancy.reading(self.world.workspace_id) as db:
            return [tuple(row) for row in (await db.execute(text(query), values)).all()]

    async def settle(self) -> None:
        """Wait until nothing is due."""
        left = await drain(self.installation, seconds=10)
        assert left.done, left


@dataclass
class Orders:
    """A server behind a custom channel, as it calls us."""

    channel: ConnectedTo
    http: httpx.AsyncClient

    async def post(self, contact: str, *events: dict[str, Any]) -> None:
        body = {"channelId": str(self.channel.channel_id), "contactId": contact, "events": list(events)}
        headers = {"Authorization": f"Bearer {self.channel.values['api_token']}"}
        answer = await self.http.post("/custom/channel/webhook/", json=body, headers=headers)
        assert answer.status_code == httpx.codes.OK, answer.text
