"""What an export shall hold, as it stands in its job."""

from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right, may
from ismessenger.background.job import start_job
from ismessenger.background.model import Job
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.select import Selection, selection_of
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

EXPORT: Final = "export"

What = Literal["contacts", "conversations", "messages"]
Format = Literal["csv", "jsonl"]


class Order(BaseModel):
    """``selection`` is a `Selection` as JSON: whose. ``since`` and ``until`` are days of the workspace, both of them inside.

    ``whom`` says the same for people, in the list of exports; empty for everybody.
    """

    what: What
    format: Format = "csv"
    selection: dict[str, Any]
    since: date | None = None
    until: date | None = None
    timezone: str = "UTC"
    whom: str = ""

    @property
    def chosen(self) -> Selection:
        """Whose."""
        return selection_of(self.selection)

    @property
    def begins(self) -> datetime | None:
        """The first moment inside."""
        return self._midnight(self.since) if self.since else None

    @property
    def ends(self) -> datetime | None:
        """The first moment behind."""
        return self._midnight(self.until + timedelta(days=1)) if self.until else None

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.timezone))


async def start(db: WriteSession, member: Member, order: Order) -> Job:
    """Have a worker write the file after the commit. Raises `Refused`."""
    if not may(member, Right.EXPORT):
        raise Refused(gettext("You are not allowed to export."))
    if order.since and order.until and order.until < order.since:
        raise Refused(gettext("The last day is before the first."))
    return await start_job(db, EXPORT, order.model_dump(mode="json"), by=member.id)
