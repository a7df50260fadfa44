"""People who wrote something, and a search as a member makes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from ismessenger.accounts.model import Member
from ismessenger.channels.connect import connect
from ismessenger.contacts.model import Contact
from ismessenger.kit.clock import now
from ismessenger.messages.model import Comment, Message
from ismessenger.search.filters import narrowed
from ismessenger.search.people import people
from ismessenger.search.query import taken_apart
from ismessenger.search.terms import terms
from ismessenger.search.written import Kind, written
from tests.conftest import World


@dataclass
class Desk:
    """A workspace where things were said."""

    world: World
    channel_id: int

    async def person(self, name: str, **values: Any) -> int:
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            contact = Contact(first_name=name, **values)
            db.add(contact)
            await db.flush()
            return contact.id

    async def said(self, contact_id: int, words: str, *, at: datetime | None = None, channel_id: int | None = None) -> int:
        moment = at or now()
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            message = Message(
                contact_id=contact_id,
                channel_id=channel_id or self.channel_id,
                traffic="incoming",
                kind="text",
                body={"type": "text", "text": words},
                words=words,
                sent_at=moment,
                created_at=moment,
            )
            db.add(message)
            await db.flush()
            return message.id

    async def noted(self, contact_id: int, words: str) -> int:
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            comment = Comment(contact_id=contact_id, text=words, author_id=self.world.agent.id)
            db.add(comment)
            await db.flush()
            return comment.id

    async def found(self, line: str, *, by: Member | None = None, kind: Kind = "message") -> list[str]:
        """The words of what is found, newest first."""
        member, typed = by or self.world.owner, taken_apart(line)
        async with self.world.installation.tenancy.reading(self.world.workspace_id) as db:
            narrow = await narrowed(db, member, typed, "UTC")
            hits = await written(db, member, kind, await terms(db, typed.words), narrow)
        return [hit.words for hit in hits.hits]

    async def met(self, line: str, *, by: Member | None = None) -> list[str]:
        """The names of the people who are found."""
        member, typed = by or self.world.owner, taken_apart(line)
        async with self.world.installation.tenancy.reading(self.world.workspace_id) as db:
            found = await people(db, member, typed.words, await narrowed(db, member, typed, "UTC"))
        return [contact.called(()) for contact in found.contacts]


Desks = Callable[[World], Awaitable[Desk]]


@pytest.fixture
async def desk(world: World) -> Desk:
    made = await connect(world.installation, world.workspace_id, "website_chat", name="Shop chat", values={}, check=False)
    return Desk(world, made.channel_id)
