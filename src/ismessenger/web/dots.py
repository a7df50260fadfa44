"""The dots beside members, as the tabs of one workspace on this process were told of them."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from ismessenger.accounts.members import members
from ismessenger.accounts.presence import Status, presences
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.web.line import Frame

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Dots:
    """Who is online, busy or offline. Asked anew where somebody's status changed, and when the first of them goes offline by itself."""

    def __init__(self, installation: Installation, workspace_id: int) -> None:
        self._installation = installation
        self._workspace_id = workspace_id
        self._told: dict[int, Status] = {}
        self._until: datetime | None = _LONG_AGO
        self._looking = asyncio.Lock()

    @property
    def outdated(self) -> bool:
        """Whether somebody may have gone offline since the last look, or nobody has looked yet."""
        return self._until is not None and self._until <= now()

    def is_away(self, member_id: int) -> bool:
        """Whether the tabs show a member as offline."""
        return self._told.get(member_id, "offline") == "offline"

    async def renew(self) -> Frame | None:
        """Look if that is due: a thousand tabs that come at once look once."""
        async with self._looking:
            return await self.look() if self.outdated else None

    async def look(self) -> Frame | None:
        """Ask who is here; returns what to tell the tabs, ``None`` if nothing changed."""
        self._until = _LONG_AGO  # if this fails, the next one looks
        async with self._installation.tenancy.reading(self._workspace_id) as db:
            found = await presences(db, self._installation.redis, await members(db))
        self._until = min((presence.until for presence in found.values() if presence.until), default=None)
        before, self._told = self._told, {member_id: presence.status for member_id, presence in found.items()}
        changed = {str(id_): status for id_, status in self._told.items() if before.get(id_, "offline") != status}
        return _frame(changed) if changed else None

    def all(self) -> Frame:
        """Everything that is known, for a tab that comes in: whoever is not named is offline."""
        return _frame({"*": "offline", **{str(id_): status for id_, status in self._told.items() if status != "offline"}})


def _frame(statuses: Mapping[str, Status]) -> Frame:
    return Frame("", orjson.dumps({"presence": statuses}).decode())
