"""Colleagues in the same conversation, as their WebSockets see it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlmodel import col
from starlette.applications import Starlette
from starlette.websockets import WebSocket

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE
from ismessenger.conversations.viewing import LOOK_SECONDS, look, lookers
from ismessenger.kit.clock import shifted
from ismessenger.web import viewing
from ismessenger.web.line import Line
from tests.serving import served
from tests.web.site import Shop
from tests.web.test_live import Tab, Tabs

pytestmark = pytest.mark.behaviour(260)
NOBODY = "<template></template>"


@pytest.fixture(scope="session")
async def port(app: Starlette) -> AsyncIterator[int]:
    async with served(app) as number:
        yield number


@pytest.fixture
def tabs(shop: Shop, port: int) -> Tabs:
    return Tabs(shop, port)


def there(member: Member) -> str:
    """What a page shows of a colleague who is there."""
    return f'data-viewer-id="{member.id}"'


async def looks(tab: Tab, contact_id: int | None) -> None:
    await tab.socket.send(json.dumps({"viewing": contact_id}))


async def shown(tab: Tab, contact_id: int) -> str:
    """The next list of who else looks at the contact."""
    while f'target="viewers_{contact_id}"' not in (html := str((await tab.frame()).get("html", ""))):
        pass
    return html


async def until_alone(tab: Tab, contact_id: int, but: Member) -> None:
    """Read until this colleague is not there any more."""
    while there(but) in await shown(tab, contact_id):
        pass


@asynccontextmanager
async def two(shop: Shop, tabs: Tabs, contact_id: int) -> AsyncIterator[tuple[Tab, Tab]]:
    """The owner and an agent with the same conversation open."""
    async with tabs.open(shop.world.owner) as one, tabs.open(shop.world.agent) as other:
        await looks(one, contact_id)
        assert there(shop.world.owner) not in await shown(one, contact_id)
        await looks(other, contact_id)
        assert there(shop.world.agent) in await shown(one, contact_id)
        assert there(shop.world.owner) in await shown(other, contact_id)
        yield one, other


async def test_each_sees_the_other_and_not_themselves(shop: Shop, tabs: Tabs) -> None:
    contact_id = await shop.wrote("ada")
    async with two(shop, tabs, contact_id) as (one, other):
        assert there(shop.world.owner) not in one.html
        assert there(shop.world.agent) not in other.html


async def test_whoever_goes_to_another_conversation_is_gone_from_this_one(shop: Shop, tabs: Tabs) -> None:
    ada, bo = await shop.wrote("ada"), await shop.wrote("bo")
    async with two(shop, tabs, ada) as (one, other):
        await looks(other, bo)
        assert there(shop.world.agent) not in await shown(one, ada)
        await looks(other, None)
        await looks(one, bo)
        await until_alone(one, bo, shop.world.agent)


async def test_whoever_closes_the_tab_is_gone_but_not_their_other_tab(shop: Shop, tabs: Tabs) -> None:
    ada = await shop.wrote("ada")
    async with two(shop, tabs, ada) as (one, other):
        async with tabs.open(shop.world.agent) as second:
            await looks(second, ada)
            await shown(second, ada)
            await other.socket.close()
            assert there(shop.world.agent) in await shown(one, ada)
        await until_alone(one, ada, shop.world.agent)
    async with asyncio.timeout(30):
        while await lookers(shop.installation.redis, shop.world.workspace_id, [ada]) != {ada: set()}:  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)


async def test_only_tabs_with_the_same_conversation_are_told(shop: Shop, tabs: Tabs) -> None:
    ada, bo = await shop.wrote("ada"), await shop.wrote("bo")
    async with tabs.open(shop.world.manager) as elsewhere:
        await looks(elsewhere, bo)
        await shown(elsewhere, bo)
        async with two(shop, tabs, ada):
            await shop.wrote("ada", "told to everybody")
            await elsewhere.until("told to everybody")
        assert f"viewers_{ada}" not in elsewhere.html


async def test_whoever_may_not_see_a_contact_neither_looks_nor_is_told(shop: Shop, tabs: Tabs) -> None:
    ada, workspace_id = await shop.wrote("ada"), shop.world.workspace_id
    async with shop.installation.tenancy.workspace(workspace_id) as db:
        await db.execute(update(Member).where(col(Member.id) == shop.world.agent.id).values(restrictions=[ONLY_MINE]))
    async with tabs.open(shop.world.owner) as one, tabs.open(shop.world.agent) as restricted:
        await looks(restricted, ada)
        await looks(one, ada)
        assert there(shop.world.agent) not in await shown(one, ada)
        # Told about a contact of theirs, the restricted member was told nothing of the other one before.
        mine = await shop.wrote("mo")
        async with shop.installation.tenancy.workspace(workspace_id) as db:
            await db.execute(text("UPDATE contact SET assignee_id = :agent WHERE id = :id"), {"agent": shop.world.agent.id, "id": mine})
        await looks(restricted, mine)
        await shown(restricted, mine)
        assert f"viewers_{ada}" not in restricted.html
        assert await lookers(shop.installation.redis, workspace_id, [ada]) == {ada: {shop.world.owner.id}}


async def test_a_tab_that_died_without_a_word_is_forgotten(shop: Shop) -> None:
    redis, workspace_id = shop.installation.redis, shop.world.workspace_id
    assert await look(redis, workspace_id, 1, 7, "a")
    assert not await look(redis, workspace_id, 1, 7, "a")
    assert await lookers(redis, workspace_id, [1, 2]) == {1: {7}, 2: set()}
    with shifted(timedelta(seconds=LOOK_SECONDS + 1)):
        assert await lookers(redis, workspace_id, [1]) == {1: set()}
        assert await look(redis, workspace_id, 1, 8, "b")
        assert await redis.zcard(f"w/{workspace_id}/looking/1") == 1


async def test_saying_it_again_tells_who_is_still_there(shop: Shop, tabs: Tabs) -> None:
    ada = await shop.wrote("ada")
    async with two(shop, tabs, ada) as (one, _other):
        await shop.installation.redis.zrem(f"w/{shop.world.workspace_id}/looking/{ada}", *await agents_tabs(shop, ada))
        await looks(one, ada)
        assert there(shop.world.agent) not in await shown(one, ada)


async def agents_tabs(shop: Shop, contact_id: int) -> list[bytes | str]:
    tabs = await shop.installation.redis.zrange(f"w/{shop.world.workspace_id}/looking/{contact_id}", 0, -1)
    return [tab for tab in tabs if str(tab).lstrip("b'").startswith(f"{shop.world.agent.id}:")]


async def test_a_tab_that_closes_while_it_looks_away_is_gone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewing, "PAUSE_SECONDS", 0)
    contact_id = await shop.wrote("ada")
    installation, world = shop.world.installation, shop.world

    async def here() -> bool:
        return bool((await lookers(installation.redis, world.workspace_id, [contact_id]))[contact_id])

    for turns in range(60):
        line = Line(WebSocket({"type": "websocket"}, _silent, _silent), world.agent.id, "session")
        view = viewing.View(installation, world.workspace_id, world.agent.id, line)
        view.say(contact_id)
        async with asyncio.timeout(60):
            while not await here():  # noqa: ASYNC110 - Redis has no event for it
                await asyncio.sleep(0)
        view.say(None)
        for _turn in range(turns):
            await asyncio.sleep(0)
        await view.close()
        assert not await here(), f"it stays when it is closed {turns} turns later"


async def _silent(*_message: object) -> Any:
    """A browser that says nothing and is told nothing."""
    await asyncio.Event().wait()
