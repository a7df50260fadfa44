"""A custom channel of a workspace in the plant: customers write through the web process, members answer."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import text

from ismessenger.channels.connect import ConnectedTo, connect
from ismessenger.messages.reply import Draft, Part, reply
from ismessenger.sdk.content import Text
from tests.conftest import World
from tests.faults.plant import PATIENCE_S, Plant
from tests.standins.custom_channel import CustomChannelServer

FIRST_AT = 1_763_640_000_000
AT_ONCE = 24
ACCEPTED = httpx.codes.OK


def message(id_: str, words: str = "Hello", *, at: int = FIRST_AT) -> dict[str, Any]:
    return {"type": "message", "mId": id_, "timestamp": at, "message": {"type": "text", "text": words}}


@dataclass
class Line:
    plant: Plant
    world: World
    server: CustomChannelServer
    channel: ConnectedTo

    def body(self, *events: dict[str, Any], contact: str) -> dict[str, Any]:
        return {"channelId": str(self.channel.channel_id), "contactId": contact, "events": list(events)}

    async def post(self, *events: dict[str, Any], contact: str) -> httpx.Response:
        return await self.post_raw(json.dumps(self.body(*events, contact=contact)))

    async def post_raw(self, body: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.channel.values['api_token']}"}
        return await self.plant.http.post("/custom/channel/webhook/", content=body, headers=headers)

    async def try_post(self, id_: str, contact: str) -> int:
        """One webhook; its status, 0 if there was no answer."""
        try:
            return (await self.post(message(id_), contact=contact)).status_code
        except httpx.TransportError:
            return 0

    async def send_in(self, ids: Iterable[str], *, people: int = 10) -> Counter[int]:
        """One webhook per id, many at once, each until it is accepted, as a provider does. Counts the answers by status."""
        answers: Counter[int] = Counter()
        waiting = list(enumerate(ids))[::-1]

        async def provider() -> None:
            while waiting:
                number, id_ = waiting.pop()
                answers[status := await self.try_post(id_, phone(number % people))] += 1
                if status != ACCEPTED:
                    waiting.append((number, id_))
                    await asyncio.sleep(0.1)

        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(provider())
        return answers

    async def received(self) -> Counter[str]:
        """How often each incoming message is stored."""
        found = await self.plant.rows(self.world, "SELECT external_id FROM message WHERE traffic = 'incoming'")
        return Counter(id_ for (id_,) in found)

    async def answer_all(self, words: str) -> list[int]:
        """A reply to every contact; the ids of the messages."""
        found = await self.plant.rows(self.world, "SELECT id FROM contact ORDER BY id")
        return [await self.answer(contact_id, f"{words} {contact_id}") for (contact_id,) in found]

    async def answer(self, contact_id: int, words: str) -> int:
        installation = self.plant.installation
        async with installation.tenancy.workspace(self.world.workspace_id) as db:
            (sent,) = await reply(installation, db, contact_id, Draft([Part(Text(text=words))]), by=self.world.agent)
        return sent.id

    async def outcomes(self) -> Sequence[tuple[str, str, bool]]:
        """(words, status, unconfirmed) of every reply."""
        query = "SELECT words, status, unconfirmed_at IS NOT NULL FROM message WHERE traffic = 'outgoing' ORDER BY id"
        return await self.plant.rows(self.world, query)

    def taken(self) -> Counter[str]:
        """How often the server got each reply, however it answered."""
        return Counter(request.json()["message"]["text"] for request in self.server.requests)

    async def people(self, count: int) -> None:
        """Contacts that have written already, stored without the webhooks."""
        numbers = [phone(number) for number in range(count)]
        async with self.plant.installation.tenancy.workspace(self.world.workspace_id) as db:
            made = text(
                "WITH c AS (INSERT INTO contact (first_name, status, created_at, created_source)"
                " SELECT p, 'closed', now(), 'contact' FROM unnest(CAST(:numbers AS text[])) AS n(p) RETURNING id, first_name)"
                " INSERT INTO contact_channel (contact_id, channel_id, identifier, meta, created_at, last_incoming_at, last_message_at)"
                " SELECT id, :channel_id, first_name, '{}', now(), now(), now() FROM c"
            )
            await db.execute(made, {"numbers": numbers, "channel_id": self.channel.channel_id})


def phone(number: int) -> str:
    return f"+4930{number:07}"


async def open_line(plant: Plant, world: World, server: CustomChannelServer) -> Line:
    values = {"id_type": "phone", "api_base_url": server.url}
    channel = await connect(plant.installation, world.workspace_id, "custom_channel", name="Orders", values=values)
    server.token = channel.values["api_token"]
    return Line(plant, world, server, channel)
