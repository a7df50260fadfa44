"""What a workspace has decided about closing: what whoever closes is asked for, and when conversations close by themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast, get_args

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from ismessenger.contacts.errors import Refused
from ismessenger.conversations.errors import NoteWanted
from ismessenger.conversations.model import ClosingCategory
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession
from ismessenger.workspaces.model import Preferences

Mode = Literal["optional", "category", "both", "off"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
LEAST: Final = 30
MOST: Final = 14 * 24 * 60
"""Minutes after which conversations may close by themselves."""


@dataclass(frozen=True, slots=True)
class ClosingRules:
    """``auto_close_since``: conversations opened from then on close by themselves ``auto_close_minutes`` after a member wrote last."""

    mode: Mode
    auto_close_since: datetime | None
    auto_close_minutes: int

    @property
    def asks(self) -> bool:
        """Whether nobody closes by hand without a note."""
        return self.mode in {"category", "both"}

    def closes(self, opened_at: datetime) -> bool:
        """Whether a conversation that was opened then closes by itself."""
        return self.auto_close_since is not None and opened_at >= self.auto_close_since

    def see_note(self, category: str | int | None, summary: str | None) -> None:
        """Raises `NoteWanted` if whoever closes by hand has to say more."""
        if self.asks and not category:
            raise NoteWanted(gettext("Choose a category before you close this conversation."))
        if self.mode == "both" and not (summary or "").strip():
            raise NoteWanted(gettext("Write a summary before you close this conversation."))


_FORGET = text("DELETE FROM wakeup WHERE kind = 'auto_close'")
# Those that somebody holds are being done or taken away: whoever sets one has the preferences' row first, and this one holds it.
_MOVE = text(
    "WITH held AS MATERIALIZED (SELECT id FROM wakeup WHERE kind = 'auto_close' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)"
    " UPDATE wakeup SET due_at = due_at + make_interval(mins => :more) FROM held WHERE wakeup.id = held.id"
)


async def closing_rules(db: ReadSession) -> ClosingRules:
    """What counts in this workspace."""
    row = (await db.execute(select(Preferences))).scalar_one_or_none() or Preferences()
    return ClosingRules(cast("Mode", row.closing_notes), row.auto_close_since, row.auto_close_minutes)


async def ask_for_notes(db: WriteSession, mode: str) -> None:
    """Decide what whoever closes a conversation is asked for. Raises `Refused`, also where a category is wanted and there is none."""
    if mode not in MODES:
        raise Refused(gettext("Choose one of the four ways to ask for closing notes."))
    await _keep(db, {"closing_notes": mode})
    if (await closing_rules(db)).asks and (await db.execute(select(col(ClosingCategory.id)).limit(1))).first() is None:
        raise Refused(gettext("There is no category to choose yet. Add one first."))


async def close_after(db: WriteSession, minutes: int | None) -> None:
    """Have conversations that are opened from now on close by themselves so long after a member wrote last; ``None``: have none.

    Another time counts at once for those that wait already. Raises `Refused`.
    """
    if minutes is None:
        await _keep(db, {"auto_close_since": None})
        await db.execute(_FORGET)
        return
    if not LEAST <= minutes <= MOST:
        raise Refused(gettext("Conversations can close by themselves after 30 minutes at the earliest and 14 days at the latest."))
    held = select(Preferences).with_for_update(key_share=True).execution_options(populate_existing=True)
    before = (await db.execute(held)).scalar_one_or_none() or Preferences()
    await _keep(db, {"auto_close_since": before.auto_close_since or now(), "auto_close_minutes": minutes})
    if more := minutes - before.auto_close_minutes:
        await db.execute(_MOVE, {"more": more})


async def _keep(db: WriteSession, values: dict[str, object]) -> None:
    statement = insert(Preferences).values(workspace_id=db.workspace_id, **values)
    await db.execute(statement.on_conflict_do_update(index_elements=["workspace_id"], set_=values))
