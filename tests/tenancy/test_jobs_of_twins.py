"""Channels, contacts, messages and to-do rows of the same ids in two workspaces: each job works at its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from ismessenger.accounts.tokens import create_token
from ismessenger.channels.config import close_config
from ismessenger.channels.drain import drain_channel
from ismessenger.channels.model import ConnectedChannel, InboundEvent
from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.installation import Installation
from ismessenger.jobs.outbox import find_rows, work_row
from ismessenger.kit.ids import new_route
from ismessenger.messages.deliver import Deliverer
from ismessenger.messages.fetch import fetch, find_attachments
from ismessenger.messages.model import Attachment, Delivery, Message
from ismessenger.outbox.model import OutboxRow
from ismessenger.realtime.feed import START, Batch, Feed
from ismessenger.realtime.publish import stream_key
from ismessenger.sdk.channel import HasAccount
from ismessenger.tenancy.catalog import ChannelRoute
from tests.api.conftest import app  # noqa: F401 - a fixture
from tests.conftest import World, make_world
from tests.standins.custom_channel import CustomChannelServer
from tests.standins.server import Answer, Recorded

SAME = 900_000_011
PERSON = "+4930901820"


class Server(CustomChannelServer):
    """Takes messages, and serves a file at every other path."""

    async def respond(self, request: Recorded) -> Answer:
        if request.method == "GET":
            return Answer(f"a file of {self.url}".encode(), headers={"Content-Type": "text/plain"})
        return await super().respond(request)


@dataclass
class Twin:
    """A workspace whose channel, contact, message and to-do rows all have the id `SAME`."""

    world: World
    name: str
    server: Server
    route: str = ""

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.world.installation.tenancy.reading(self.world.workspace_id) as db:
            return [tuple(row) for row in (await db.execute(text(query))).all()]

    @property
    def piece(self) -> tuple[int, int]:
        return self.world.workspace_id, SAME


async def make_twin(world: World, name: str, server: Server) -> Twin:
    installation = world.installation
    adapter = installation.plugins.channels["custom_channel"]
    config = adapter.Config.model_validate({"id_type": "phone", "api_base_url": server.url, "api_token": f"token-of-{name}-0123456789"})
    route = new_route()
    shown, secrets = close_config(installation.vault, route, config)
    async with installation.tenancy.workspace(world.workspace_id) as db:
        db.add(ConnectedChannel(id=SAME, kind="custom_channel", name=name, route=route, config=shown, secrets=secrets))
        db.add(Contact(id=SAME, first_name=name, phone=PERSON, email="same@example.com", assignee_id=None))
        await db.flush()
        db.add(ContactChannel(id=SAME, contact_id=SAME, channel_id=SAME, identifier=PERSON))
        links: dict[str, Any] = {"contact_id": SAME, "channel_id": SAME, "contact_channel_id": SAME}
        body = {"type": "text", "text": name}
        db.add(Message(id=SAME, **links, traffic="outgoing", kind="text", body=body, words=name, status="queued", client_id="same"))
        await db.flush()
        db.add(Delivery(id=SAME, message_id=SAME, channel_id=SAME, contact_channel_id=SAME))
        source = {"type": "attachment", "kind": "file", "url": f"{server.url}/file"}
        db.add(Attachment(id=SAME, message_id=SAME, channel_id=SAME, kind="file", source=source))
        db.add(OutboxRow(id=SAME, kind="publish", payload={"changes": [{"kind": "test", "contact_id": SAME, "of": name}]}))
        db.add(InboundEvent(id=SAME, channel_id=SAME, body=json.dumps(incoming(name)).encode()))
    account = adapter.account(config) if isinstance(adapter, HasAccount) else None
    async with installation.tenancy.catalog() as catalog:
        catalog.add(ChannelRoute(route=route, kind="custom_channel", workspace_id=world.workspace_id, channel_id=SAME, account=account))
    return Twin(world, name, server, route)


def incoming(name: str) -> Mapping[str, Any]:
    message = {"type": "text", "text": f"to {name}"}
    return {"contactId": PERSON, "events": [{"type": "message", "mId": "same", "timestamp": 1_763_640_000_000, "message": message}]}


@pytest.fixture(params=["default", "eu"], ids=["one-home", "two-homes"])
async def twins(request: pytest.FixtureRequest, installation: Installation) -> AsyncIterator[tuple[Twin, Twin]]:
    async with Server() as our_server, Server() as their_server:
        ours = await make_twin(await make_world(installation), "ours", our_server)
        theirs = await make_twin(await make_world(installation, request.param), "theirs", their_server)
        yield ours, theirs
        for twin in (ours, theirs):
            async with installation.tenancy.workspace(twin.world.workspace_id) as db:
                for table in ("inbound_event", "delivery", "attachment", "outbox"):
                    await db.execute(text(f"DELETE FROM {table}"))


async def test_a_webhook_becomes_a_message_of_its_workspace(twins: tuple[Twin, Twin]) -> None:
    ours, theirs = twins
    incoming_words = "SELECT words, contact_id FROM message WHERE traffic = 'incoming'"
    assert await drain_channel(ours.world.installation, *ours.piece) == 1
    assert await ours.rows(incoming_words) == [("to ours", SAME)]
    assert await theirs.rows(incoming_words) == []
    assert await theirs.rows("SELECT state FROM inbound_event") == [("pending",)]
    assert await drain_channel(theirs.world.installation, *theirs.piece) == 1
    assert await theirs.rows(incoming_words) == [("to theirs", SAME)]
    assert await ours.rows(incoming_words) == [("to ours", SAME)]


async def test_a_reply_goes_to_its_own_server_with_its_own_token(twins: tuple[Twin, Twin]) -> None:
    ours, theirs = twins
    deliverer = Deliverer(ours.world.installation, "replies")
    assert {ours.piece, theirs.piece} <= set(await deliverer.find())
    assert await deliverer.work(ours.piece) == 1
    await deliverer.finish()
    assert await ours.rows("SELECT status, external_id FROM message") == [("sent", "out-1")]
    assert (len(theirs.server.requests), await theirs.rows("SELECT status FROM message")) == (0, [("queued",)])
    assert await theirs.rows("SELECT state, attempt FROM delivery") == [("due", 0)]
    await deliverer.work(theirs.piece)
    await deliverer.finish()
    for twin in twins:
        (sent,) = twin.server.requests
        assert sent.json()["message"]["text"] == twin.name
        assert sent.headers["authorization"] == f"Bearer token-of-{twin.name}-0123456789"


async def test_a_file_is_kept_under_its_workspace(twins: tuple[Twin, Twin]) -> None:
    ours, theirs = twins
    files = ours.world.installation.files
    assert {ours.piece, theirs.piece} <= set(await find_attachments(ours.world.installation))
    await fetch(ours.world.installation, ours.piece)
    assert await theirs.rows("SELECT state, path, attempt FROM attachment") == [("pending", None, 0)]
    await fetch(theirs.world.installation, theirs.piece)
    for twin in twins:
        ((path,),) = await twin.rows("SELECT path FROM attachment")
        assert path.startswith(f"w/{twin.world.workspace_id}/")
        assert b"".join([piece async for piece in files.read(path)]).decode() == f"a file of {twin.server.url}"


async def test_a_change_is_published_to_its_own_screens(twins: tuple[Twin, Twin]) -> None:
    ours, theirs = twins
    installation = ours.world.installation
    feed = Feed(installation.redis)
    assert {ours.piece, theirs.piece} <= set(await find_rows(installation))
    await work_row(installation, ours.piece)
    assert [change["of"] for change in (await feed.since(ours.world.workspace_id, START)).changes] == ["ours"]
    assert not (await feed.since(theirs.world.workspace_id, START)).changes
    assert await theirs.rows("SELECT id FROM outbox") == [(SAME,)]
    assert not await installation.redis.exists(stream_key(theirs.world.workspace_id))


class Screen:
    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.told = asyncio.Event()

    async def changed(self, batch: Batch) -> None:
        self.batches.append(batch)
        self.told.set()


async def test_a_screen_hears_of_its_own_workspace_only(twins: tuple[Twin, Twin]) -> None:
    ours, theirs = twins
    installation = ours.world.installation
    feed, our_screen, their_screen = Feed(installation.redis), Screen(), Screen()
    feed.start()
    try:
        await feed.join(ours.world.workspace_id, our_screen)
        await feed.join(theirs.world.workspace_id, their_screen)
        await work_row(installation, ours.piece)
        await our_screen.told.wait()
        await work_row(installation, theirs.piece)
        await their_screen.told.wait()
    finally:
        await feed.close()
    for twin, screen in ((ours, our_screen), (theirs, their_screen)):
        assert {batch.workspace_id for batch in screen.batches} == {twin.world.workspace_id}
        assert [change["of"] for batch in screen.batches for change in batch.changes] == [twin.name]


async def test_everything_in_redis_is_named_by_its_workspace(twins: tuple[Twin, Twin]) -> None:
    ours, theirs = twins
    installation = ours.world.installation
    before = set(await installation.redis.keys("*"))
    await drain_channel(installation, *ours.piece)
    deliverer = Deliverer(installation, "replies")
    await deliverer.work(ours.piece)
    await deliverer.finish()
    await work_row(installation, ours.piece)
    new = {key.decode() for key in set(await installation.redis.keys("*")) - before}
    assert new
    assert all(key.startswith((f"w/{ours.world.workspace_id}/", "bell/")) for key in new), new
    assert not await installation.redis.keys(f"w/{theirs.world.workspace_id}/*")


async def test_the_api_shows_and_changes_the_workspace_of_its_token(twins: tuple[Twin, Twin], app: Starlette) -> None:  # noqa: F811
    ours, theirs = twins
    for twin, other in ((ours, theirs), (theirs, ours)):
        token = await create_token(twin.world.installation, twin.world.workspace_id, "tests")
        headers = {"Authorization": f"Bearer {token}"}
        before = (
            await other.rows("SELECT * FROM contact"),
            await other.rows("SELECT * FROM message"),
            await other.rows("SELECT * FROM event"),
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080/v2", headers=headers) as http:
            for identifier in (f"id:{SAME}", f"phone:{PERSON}", "email:same@example.com"):
                assert (await http.get(f"/contact/{identifier}")).json()["firstName"] == twin.name
            message = (await http.get(f"/contact/id:{SAME}/message/{SAME}")).json()
            assert message["message"]["text"] == twin.name
            assert [item["firstName"] for item in (await http.post("/contact/list", json={})).json()["items"]] == [twin.name]
            assert [item["name"] for item in (await http.get(f"/contact/id:{SAME}/channels")).json()["items"]] == [twin.name]
            stranger = {"assignee": other.world.agent.id}
            assert (await http.post(f"/contact/id:{SAME}/conversation/assignee", json=stranger)).status_code == 404
            assert (await http.post(f"/contact/id:{SAME}/conversation/status", json={"status": "open"})).status_code == 200
        after = (
            await other.rows("SELECT * FROM contact"),
            await other.rows("SELECT * FROM message"),
            await other.rows("SELECT * FROM event"),
        )
        assert after == before
