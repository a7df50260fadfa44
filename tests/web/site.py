"""What tests of pages need: signed-in browsers without a network, people who write, and a count of the SQL that a page costs."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import event, text
from starlette.applications import Starlette

from ismessenger.accounts.model import Member
from ismessenger.accounts.sign_in import start_session
from ismessenger.channels.connect import connect
from ismessenger.installation import Installation
from ismessenger.messages.receive import receive
from ismessenger.sdk.channel import InboundEvent, MessageReceived, Profile
from ismessenger.sdk.content import Content, Text
from ismessenger.web.edge import SESSION_COOKIE
from tests.conftest import PASSWORD, World

ADDRESS = "http://127.0.0.1:8080"
STREAMS = {"Accept": "text/vnd.turbo-stream.html"}
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_addresses = itertools.count(1)
_numbers = itertools.count(1)


def new_browser(app: Starlette) -> httpx.AsyncClient:
    """A browser that nobody is signed in with, at an address of its own."""
    number = next(_addresses)
    transport = httpx.ASGITransport(app, client=(f"10.0.{number // 250}.{number % 250}", 1000))
    return httpx.AsyncClient(transport=transport, base_url=ADDRESS, headers={"Sec-Fetch-Site": "same-origin"})


async def sign_in(app: Starlette, member: Member) -> httpx.AsyncClient:
    """A browser of this member, by the form."""
    browser = new_browser(app)
    answer = await browser.post("/session", data={"email": member.email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


async def signed_in(app: Starlette, member: Member) -> httpx.AsyncClient:
    """The same, without the time that a password takes."""
    browser = new_browser(app)
    token, _end = await start_session(app.state.installation, member.account_id, user_agent=browser.headers["User-Agent"])
    browser.cookies.set(SESSION_COOKIE, token, domain="127.0.0.1")
    return browser


@dataclass
class Shop:
    """A workspace with a connected channel, on which people write."""

    app: Starlette
    world: World
    channel_id: int
    _browsers: dict[int, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def installation(self) -> Installation:
        return self.world.installation

    async def browser(self, member: Member) -> httpx.AsyncClient:
        """This member's browser, signed in."""
        if member.id not in self._browsers:
            self._browsers[member.id] = await signed_in(self.app, member)
        return self._browsers[member.id]

    async def close(self) -> None:
        for browser in self._browsers.values():
            await browser.aclose()

    async def wrote(self, who: str, words: str | Content = "hello", *, at: datetime | None = None, profile: Profile | None = None) -> int:
        """Somebody writes; returns the contact's id."""
        number = next(_numbers)
        content = Text(text=words) if isinstance(words, str) else words
        moment = at or NOON + timedelta(seconds=number)
        await self.take(MessageReceived(who, f"m{number}", content, moment, profile or Profile(first_name=who.title())))
        return await self.contact(who)

    async def take(self, *events: InboundEvent) -> None:
        """The channel reports something."""
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await receive(db, self.channel_id, events)

    async def contact(self, who: str) -> int:
        """The contact's id."""
        return int(await self.value("SELECT contact_id FROM contact_channel WHERE identifier = :who", who=who))

    async def value(self, query: str, **values: object) -> Any:
        """One value of the workspace."""
        async with self.installation.tenancy.reading(self.world.workspace_id) as db:
            return (await db.execute(text(query), values)).scalar_one()

    async def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        """Rows of the workspace."""
        async with self.installation.tenancy.reading(self.world.workspace_id) as db:
            return [tuple(row) for row in (await db.execute(text(query), values)).all()]

    async def change(self, statement: str, **values: object) -> None:
        """Change rows of the workspace past the verbs."""
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await db.execute(text(statement), values)

    async def assign(self, contact_id: int, member: Member | None) -> None:
        """Hand a contact over without an event."""
        await self.change("UPDATE contact SET assignee_id = :m WHERE id = :c", m=member.id if member else None, c=contact_id)

    async def restrict(self, member: Member, *restrictions: str) -> None:
        """Give a member these restrictions."""
        await self.change("UPDATE member SET restrictions = :r WHERE id = :m", r=list(restrictions), m=member.id)


async def open_shop(app: Starlette, world: World, *, kind: str = "telegram", **values: object) -> Shop:
    """A workspace with one channel."""
    given = values or {"bot_token": "123456:abc-def"}
    made = await connect(world.installation, world.workspace_id, kind, name="Lumen bot", values=given, check=False)
    return Shop(app, world, made.channel_id)


_counting: ContextVar[list[str] | None] = ContextVar("counting", default=None)


@contextmanager
def counted(installation: Installation, *, at_most: int) -> Iterator[list[str]]:
    """Fail if the block sends more statements than this to the databases."""
    seen: list[str] = []
    ours = _counting.set(seen)  # whatever else runs in this process, like the lanes of a story, does not count

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if _counting.get() is seen:
            seen.append(statement)

    engines = [engine.sync_engine for home in installation.tenancy.homes.values() for engine in (home.app, home.system, home.ingest)]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        _counting.reset(ours)
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    assert len(seen) <= at_most, f"{len(seen)} statements, allowed are {at_most}:\n" + "\n".join(each[:200] for each in seen)
