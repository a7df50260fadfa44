"""The visitors' WebSocket: news of one's own conversation, and nothing missed after an interruption."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from ismessenger.channels import route
from ismessenger.channels.connect import disconnect
from ismessenger.realtime.publish import stream_key
from ismessenger.web.widget import live
from tests.conftest import World
from tests.web.widget.site import ORIGIN, Site, Visitor, open_site

PATIENCE_SECONDS = 60


def address(site: Site, token: str, after: str = "0-0") -> str:
    return f"ws://127.0.0.1:{site.http.base_url.port}{site.path('live')}?token={token}&after={after}"


@asynccontextmanager
async def listening(visitor: Visitor, after: str | None = None) -> AsyncIterator[ClientConnection]:
    seq = (await visitor.history())["seq"] if after is None else after
    async with connect(address(visitor.site, visitor.token, seq), origin=ORIGIN) as socket:  # type: ignore[arg-type]
        yield socket


async def frame_with(socket: ClientConnection, name: str) -> dict[str, Any]:
    """The next frame that holds this."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            frame: dict[str, Any] = json.loads(await socket.recv())
            if name in frame:
                return frame


async def heard(socket: ClientConnection, *words: str) -> dict[str, Any]:
    """Read until these words came, in this order; the last frame."""
    waiting = list(words)
    while True:
        frame = await frame_with(socket, "messages")
        waiting = [word for word in waiting if word not in {message["content"]["text"] for message in frame["messages"]}]
        if not waiting:
            return frame


async def close_code(url: str, origin: str = ORIGIN) -> int:
    async with connect(url, origin=origin) as socket:  # type: ignore[arg-type]
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await socket.recv()
        assert socket.close_code is not None
        return socket.close_code


@pytest.fixture
async def visitor(site: Site) -> Visitor:
    """Somebody who has written already."""
    visitor = await site.visitor()
    await visitor.says("Hello")
    await site.settle()
    return visitor


async def test_an_answer_comes_at_once(site: Site, visitor: Visitor) -> None:
    async with listening(visitor) as socket:
        await site.answer("Good morning")
        frame = await heard(socket, "Good morning")
    assert frame["seq"]
    (message,) = frame["messages"]
    assert (message["from"], message["name"], message["status"]) == ("agent", site.world.agent.name, "sent")


async def test_an_own_message_comes_back_under_its_id(site: Site, visitor: Visitor) -> None:
    async with listening(visitor) as socket:
        await visitor.says("Anybody there?", id_="from-this-page")
        frame = await heard(socket, "Anybody there?")
    assert frame["messages"][-1]["client_id"] == "from-this-page"


@pytest.mark.usefixtures("visitor")
async def test_a_newcomer_hears_the_answer_to_its_first_message(site: Site) -> None:
    newcomer = await site.visitor()
    async with listening(newcomer) as socket:
        await newcomer.says("I am new here")
        await heard(socket, "I am new here")
        await site.answer("Welcome")
        await heard(socket, "Welcome")


async def test_nobody_hears_what_is_for_another_visitor(site: Site, visitor: Visitor) -> None:
    stranger = await site.visitor()
    await stranger.says("I am somebody else")
    await site.settle()
    async with listening(visitor) as mine, listening(stranger) as theirs:
        await site.answer("For the stranger")
        await heard(theirs, "For the stranger")
        (contact,) = await site.rows("SELECT min(id) FROM contact")
        await site.answer("For the visitor", contact_id=contact[0])
        frame = await frame_with(mine, "messages")
    assert [message["content"]["text"] for message in frame["messages"]] == ["For the visitor"]


async def test_what_came_during_an_interruption_is_told_afterwards(site: Site, visitor: Visitor) -> None:
    async with listening(visitor) as socket:
        await site.answer("Before")
        seq = (await heard(socket, "Before"))["seq"]
    await site.answer("While away, one")
    await site.answer("While away, two")
    async with listening(visitor, after=seq) as socket:
        await heard(socket, "While away, one", "While away, two")


@pytest.mark.parametrize("after", ["", "nonsense", "1-1", "9999999999999-0", "x" * 500])
async def test_a_position_that_is_not_known_means_refresh(visitor: Visitor, after: str) -> None:
    async with listening(visitor, after=after) as socket:
        frame = await frame_with(socket, "refresh")
    assert frame["refresh"] is True


async def test_a_lost_stream_means_refresh(site: Site, visitor: Visitor) -> None:
    async with listening(visitor) as socket:
        await site.world.installation.redis.delete(stream_key(site.world.workspace_id))
        await site.answer("Still here")
        await frame_with(socket, "refresh")
    assert ("agent", "Still here") in await visitor.words()


async def test_two_tabs_hear_the_same(site: Site, visitor: Visitor) -> None:
    async with listening(visitor) as one, listening(visitor) as other:
        await site.answer("To both")
        await heard(one, "To both")
        await heard(other, "To both")


async def test_a_visitor_has_a_bounded_number_of_sockets(site: Site, visitor: Visitor) -> None:
    sockets = [await connect(address(site, visitor.token), origin=ORIGIN) for _ in range(12)]  # type: ignore[arg-type]
    try:
        assert await close_code(address(site, visitor.token)) == 1013
    finally:
        for socket in sockets:
            await socket.close()
    async with listening(visitor) as socket:
        await site.answer("There is room again")
        await heard(socket, "There is room again")


async def test_an_agent_typing_is_shown_to_the_visitor(site: Site, visitor: Visitor) -> None:
    (contact,) = await site.rows("SELECT id FROM contact")
    change = {"kind": "typing", "contact_id": contact[0], "by": "member", "name": "Aisha"}
    async with listening(visitor) as socket:
        await site.world.installation.publisher.send(site.world.workspace_id, [change])
        frame = await frame_with(socket, "typing")
    assert frame["typing"] == {"name": "Aisha"}


async def test_a_visitor_typing_is_told_to_the_workspace(site: Site, visitor: Visitor) -> None:
    feed = site.world.installation.redis
    assert (await visitor.post("typing", {})).status_code == 204
    ((_id, fields),) = await feed.xrevrange(stream_key(site.world.workspace_id), count=1)
    (contact,) = await site.rows("SELECT id FROM contact")
    assert json.loads(fields[b"d"]) == [{"kind": "typing", "contact_id": contact[0], "by": "contact"}]


async def test_what_a_page_sends_is_dropped(site: Site, visitor: Visitor) -> None:
    async with listening(visitor) as socket:
        await socket.send("{}")
        await socket.send(b"\x00\xff")
        await site.answer("Still listening")
        await heard(socket, "Still listening")


async def test_a_wrong_token_is_told_apart_from_a_wrong_page(world: World, http: httpx.AsyncClient, site: Site) -> None:
    closed = await open_site(world, http, allowed_domains="shop.example")
    other = await closed.visitor()
    assert await close_code(address(site, "nonsense")) == 4401
    assert await close_code(address(site, other.token)) == 4401
    assert await close_code(address(closed, other.token), origin="https://evil.example") == 4403
    assert await close_code(address(closed, other.token).replace(closed.route, "nowhere")) == 4403


async def test_a_disconnected_chat_hangs_up(site: Site, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(route, "KNOWN_SECONDS", 0.05)
    async with listening(visitor) as socket:
        await disconnect(site.world.installation, site.world.workspace_id, site.channel.channel_id)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await socket.wait_closed()
    assert socket.close_code == live.GONE
