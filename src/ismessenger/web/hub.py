"""All rooms of a web process: who comes in and who goes."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from ismessenger.installation import Installation
from ismessenger.kit.tasks import end
from ismessenger.realtime.feed import Feed
from ismessenger.web.line import Line, frame
from ismessenger.web.room import CHANGED, Audience, Room, controls

LOOK_SECONDS = 10.0
"""So much later than it happened the tabs are told that somebody went offline by doing nothing."""


class Hub:
    """All rooms of a web process."""

    def __init__(self, installation: Installation, feed: Feed) -> None:
        self._installation = installation
        self._feed = feed
        self._rooms: dict[int, Room] = {}
        self._watching = asyncio.create_task(self._watch_presence())

    async def enter(self, workspace_id: int, line: Line, audience: Audience, after: str, still_so: Callable[[], Awaitable[bool]]) -> None:
        """Let a tab in that has seen everything up to ``after``. It gets what came since, each change once and in order.

        ``still_so`` is asked where session or audience may have changed while it was coming in; if they did, the tab is closed.
        """
        if (room := self._rooms.get(workspace_id)) is None:
            room = self._rooms[workspace_id] = Room(self._installation, workspace_id)
        # First listen, then ask what was missed: between the two nothing can fall through.
        room.enter(line, audience)
        await self._feed.join(workspace_id, room)
        await room.welcome(line)
        batch = await self._feed.since(workspace_id, after)
        try:
            if (batch.refresh or controls([batch])) and not await still_so():
                line.close(CHANGED)
                return
            await room.catch_up(line, audience, after, batch)
        except (SQLAlchemyError, OSError):
            line.release(batch.seq, frame(batch.seq, "", refreshes=True))

    async def leave(self, workspace_id: int, line: Line, audience: Audience) -> None:
        """Let a tab go; an empty room is closed."""
        room = self._rooms[workspace_id]
        room.leave(line, audience)
        if not room.size and self._rooms.get(workspace_id) is room:
            del self._rooms[workspace_id]
            self._feed.leave(workspace_id, room)
            await room.close()

    def is_away(self, workspace_id: int, member_id: int) -> bool:
        """Whether the open tabs of a workspace show a member as offline."""
        room = self._rooms.get(workspace_id)
        return room is None or room.dots.is_away(member_id)

    async def close(self) -> None:
        """Close every room."""
        await asyncio.gather(end(self._watching), *(room.close() for room in self._rooms.values()), return_exceptions=True)

    async def look_around(self) -> None:
        """Tell the tabs who went offline by doing nothing."""
        for room in [room for room in self._rooms.values() if room.dots.outdated]:
            await room.tell_presence(room.dots.renew)

    async def _watch_presence(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look_around()
