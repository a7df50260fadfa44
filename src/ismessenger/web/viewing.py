"""Colleagues in the same conversation: each open tab says what it shows, and all that show the same are told of each other."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from ismessenger.accounts.members import MemberNotFound, present_member
from ismessenger.accounts.model import Member
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.lock import ContactNotFound
from ismessenger.contacts.model import Contact
from ismessenger.conversations.viewing import look, look_away, lookers
from ismessenger.installation import Installation
from ismessenger.kit.ids import new_uuid
from ismessenger.kit.tasks import end
from ismessenger.web import shown
from ismessenger.web.line import Frame, Line, frame
from ismessenger.web.templating import fragment
from ismessenger.web.view import MemberView

PAUSE_SECONDS = 0.3
"""Somebody who goes through the list by keyboard looks at what they stop at."""

_AWAY = (ContactNotFound, MemberNotFound, SQLAlchemyError, RedisError, OSError)


@dataclass(frozen=True, slots=True)
class Viewed:
    """A conversation that is open somewhere: whose it is, which decides who may see it, and who looks at it."""

    contact_id: int
    assignee_id: int | None
    viewers: Sequence[MemberView]

    def told_to(self, member_id: int) -> Frame:
        """What a tab of this member shows: the others."""
        others = [viewer for viewer in self.viewers if viewer.id != member_id]
        return frame("", fragment("conversations/viewers.stream.html", contact_id=self.contact_id, viewers=others))


async def viewed(installation: Installation, workspace_id: int, contact_ids: Sequence[int]) -> Mapping[int, Viewed]:
    """Who looks at these contacts. Raises `RedisError`."""
    looking = await lookers(installation.redis, workspace_id, contact_ids)
    async with installation.tenancy.reading(workspace_id) as db:
        contacts = (await db.execute(select(col(Contact.id), col(Contact.assignee_id)).where(col(Contact.id).in_(contact_ids)))).all()
        ids = {member_id for found in looking.values() for member_id in found}
        people = select(Member).where(col(Member.id).in_(ids), col(Member.removed_at).is_(None)).order_by(Member.name, col(Member.id))
        members = [shown.member_view(member) for member in (await db.execute(people)).scalars()]
    return {
        contact_id: Viewed(contact_id, assignee_id, [member for member in members if member.id in looking[contact_id]])
        for contact_id, assignee_id in contacts
    }


class View:
    """What one tab shows. The last word counts: what was said before it and not yet carried out is dropped."""

    # There is one for every open tab.
    __slots__ = ("_installation", "_line", "_member_id", "_said", "_tab", "_work", "_workspace_id")

    def __init__(self, installation: Installation, workspace_id: int, member_id: int, line: Line) -> None:
        self._installation = installation
        self._workspace_id = workspace_id
        self._member_id = member_id
        self._line = line
        self._tab = new_uuid().hex
        self._said: list[int | None] = []
        self._work: asyncio.Task[None] | None = None

    def say(self, contact_id: int | None) -> None:
        """The tab shows this contact, still or from now on; ``None``: no conversation, or nobody looks at it."""
        self._said = [contact_id]
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._carry_out())

    async def close(self) -> None:
        """The tab is gone."""
        if self._work is not None:
            await end(self._work)
        with suppress(*_AWAY):
            await self._leave()

    async def _carry_out(self) -> None:
        while self._said:
            contact_id = self._said.pop()
            with suppress(*_AWAY):
                await self._show(contact_id)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _show(self, contact_id: int | None) -> None:
        if contact_id is None or contact_id != self._line.viewing:
            await self._leave()
        if contact_id is None:
            return
        try:
            await self._check(contact_id)
        except (ContactNotFound, MemberNotFound):
            await self._leave()
            return
        self._line.viewing = contact_id
        if await look(self._installation.redis, self._workspace_id, contact_id, self._member_id, self._tab):
            await self._tell(contact_id)
        else:
            # Somebody whose process died has left without a word.
            found = await viewed(self._installation, self._workspace_id, [contact_id])
            if contact_id in found:
                self._line.send(found[contact_id].told_to(self._member_id))

    async def _check(self, contact_id: int) -> None:
        """Raises `ContactNotFound` where the member may not see the contact, or not any more."""
        async with self._installation.tenancy.reading(self._workspace_id) as db:
            await visible_contact(db, await present_member(db, self._member_id), contact_id)

    async def _leave(self) -> None:
        left = self._line.viewing
        if left is None:
            return
        await look_away(self._installation.redis, self._workspace_id, left, self._member_id, self._tab)
        await self._tell(left)
        # Not before: a tab that closes in the middle of this does it again.
        self._line.viewing = None

    async def _tell(self, contact_id: int) -> None:
        await self._installation.publisher.send(self._workspace_id, [{"kind": "viewing", "contact_id": contact_id}])
