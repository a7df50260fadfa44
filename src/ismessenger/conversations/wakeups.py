"""What is to happen to a contact later. The caller holds the contact's lock."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from ismessenger.tenancy.doors import WriteSession

_SET = text(
    "INSERT INTO wakeup (kind, contact_id, subject_id, due_at, attempt) VALUES (:kind, :contact_id, :subject_id, :due_at, 0)"
    " ON CONFLICT (workspace_id, contact_id, kind, subject_id) DO UPDATE SET due_at = excluded.due_at, attempt = 0"
)
_CLOSED = text("DELETE FROM wakeup WHERE contact_id = ANY(:contacts) AND kind IN ('snooze', 'auto_close')")
_CANCEL = text("DELETE FROM wakeup WHERE contact_id = ANY(:contacts) AND kind = :kind")


async def wake_at(db: WriteSession, kind: str, contact_id: int, due_at: datetime, *, subject_id: int = 0) -> None:
    """Have it happen then, and not at the time that was set before."""
    await db.execute(_SET, {"kind": kind, "contact_id": contact_id, "subject_id": subject_id, "due_at": due_at})


async def cancel_wakeups(db: WriteSession, kind: str, contact_ids: Sequence[int]) -> None:
    """Have nothing of this kind happen to these contacts."""
    await db.execute(_CANCEL, {"kind": kind, "contacts": list(contact_ids)})


async def forget_open(db: WriteSession, contact_ids: Sequence[int]) -> None:
    """Drop what concerns an open conversation: these contacts have none any more."""
    await db.execute(_CLOSED, {"contacts": list(contact_ids)})
