"""What a workspace has decided about itself, and how that is changed."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession
from ismessenger.workspaces.model import Preferences

LEAST_MINUTES = 1
MOST_MINUTES = 60


class PreferencesRefused(ValueError):
    """This cannot be set; the text says why."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The preferences in force: a workspace's own, or the defaults."""

    inactivity_minutes: int
    events_open_conversations: bool
    lifecycle_enabled: bool = False

    @property
    def inactivity(self) -> timedelta:
        """After so long without a sign of life a member is offline."""
        return timedelta(minutes=self.inactivity_minutes)


async def preferences(db: ReadSession) -> Decided:
    """What counts in this workspace."""
    row = (await db.execute(select(Preferences))).scalar_one_or_none() or Preferences()
    return Decided(row.inactivity_minutes, row.events_open_conversations, row.lifecycle_enabled)


async def prefer(db: WriteSession, wanted: Decided) -> None:
    """Change the preferences of the general settings; whether there is a lifecycle has its own page. Raises `PreferencesRefused`."""
    if not LEAST_MINUTES <= wanted.inactivity_minutes <= MOST_MINUTES:
        raise PreferencesRefused(
            gettext("The inactivity timeout is a whole number of minutes from %(least_minutes)s to %(most_minutes)s.")
            % {"least_minutes": LEAST_MINUTES, "most_minutes": MOST_MINUTES}
        )
    values = {"inactivity_minutes": wanted.inactivity_minutes, "events_open_conversations": wanted.events_open_conversations}
    statement = insert(Preferences).values(workspace_id=db.workspace_id, **values)
    await db.execute(statement.on_conflict_do_update(index_elements=["workspace_id"], set_=values))
    # Another timeout may make somebody offline, or bring them back.
    db.announce("presence", 0)
