"""A shop whose lane of notifications is worked by hand."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.channels.model import ConnectedChannel
from ismessenger.installation import Installation
from ismessenger.jobs.notify import work_orders
from ismessenger.kit import clock
from ismessenger.kit.ids import new_route
from ismessenger.messages.receive import receive
from ismessenger.notifications.listing import notifications_of
from ismessenger.notifications.notify import notify
from ismessenger.sdk.channel import InboundEvent, MessageReceived, Profile
from ismessenger.sdk.content import Text
from ismessenger.tenancy.doors import WriteSession
from tests.conftest import World

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_numbers = count(1)


@dataclass(frozen=True)
class Shop:
    """A workspace with an owner, a manager and an agent, and a channel on which people write."""

    world: World
    channel_id: int

    @property
    def installation(self) -> Installation:
        return self.world.installation

    @property
    def everybody(self) -> tuple[Member, Member, Member]:
        return self.world.owner, self.world.manager, self.world.agent

    async def take(self, *events: InboundEvent) -> None:
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await receive(db, self.channel_id, events)

    async def wrote(self, who: str, words: str = "hello") -> int:
        """Somebody writes; gives the contact's id."""
        await self.take(MessageReceived(who, f"n{next(_numbers)}", Text(text=words), clock.now(), Profile(first_name=who.title())))
        return await self.contact(who)

    async def contact(self, who: str) -> int:
        """The contact's id."""
        return int(await self.value("SELECT contact_id FROM contact_channel WHERE identifier = :who", who=who))

    async def happens(self, kind: str, contact_id: int | None, **more: object) -> None:
        """Somebody orders to tell."""
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await notify(db, kind, contact_id, **more)  # type: ignore[arg-type]

    async def work(self) -> None:
        """The lane comes by, a little later."""
        with clock.shifted(timedelta(seconds=5)):
            await work_orders(self.installation, (self.world.workspace_id, 0))

    async def told(self, member: Member) -> list[tuple[object, ...]]:
        """What is new to a member: kind and how often."""
        async with self.installation.tenancy.reading(self.world.workspace_id) as db:
            page = await notifications_of(db, await db.get_one(Member, (self.world.workspace_id, member.id)))
        return [(each.row.kind, each.count) for each in sorted(page.items, key=lambda each: each.row.id) if each.unread]

    async def settle(self, deed: Callable[[WriteSession, int], Awaitable[object]], member: Member) -> None:
        """A member does something with all their lines."""
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await deed(db, member.id)

    async def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        async with self.installation.tenancy.reading(self.world.workspace_id) as db:
            return [tuple(row) for row in (await db.execute(text(query), values)).all()]

    async def value(self, query: str, **values: object) -> Any:
        ((value,),) = await self.rows(query, **values)
        return value

    async def change(self, statement: str, **values: object) -> None:
        async with self.installation.tenancy.workspace(self.world.workspace_id) as db:
            await db.execute(text(statement), values)

    async def assign(self, contact_id: int, member: Member | None) -> None:
        await self.change("UPDATE contact SET assignee_id = :m WHERE id = :c", m=member.id if member else None, c=contact_id)

    async def restrict(self, member: Member, *restrictions: str, team_id: int | None = None) -> None:
        await self.change("UPDATE member SET restrictions = :r, team_id = :t WHERE id = :m", r=list(restrictions), m=member.id, t=team_id)

    async def orders(self) -> Sequence[tuple[object, ...]]:
        """What is left to do."""
        return await self.rows("SELECT kind, payload FROM outbox WHERE kind <> 'publish' ORDER BY id")


@pytest.fixture
async def shop(world: World) -> Shop:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        row = ConnectedChannel(kind="telegram", name="Bot", route=new_route(), secrets=b"")
        db.add(row)
        await db.flush()
    return Shop(world, row.id)
