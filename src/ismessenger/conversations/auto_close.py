"""Conversations close by themselves some time after a member wrote last, unless the person answers or somebody snoozes them.

The wake-up of a conversation is set by `start`, when a member writes; `messages/receive.py` takes it away when the person does. It counts
only for conversations that were opened since the workspace switched this on.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import text

from ismessenger.conversations.rules import LEAST
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

# Whoever changes the time waits until these rows are there, and then moves them: FOR SHARE.
_SET = (
    "INSERT INTO wakeup (kind, contact_id, subject_id, due_at, attempt)"
    " SELECT 'auto_close', c.id, v.id, {due}, 0 FROM contact c JOIN conversation v ON v.contact_id = c.id AND v.closed_at IS NULL"
    " JOIN preferences p ON p.auto_close_since IS NOT NULL AND v.opened_at >= p.auto_close_since {last}"
    " WHERE c.id = ANY(:contacts) AND c.status = 'open' AND c.blocked_at IS NULL AND v.waiting_since IS NULL FOR SHARE OF p"
    " ON CONFLICT (workspace_id, contact_id, kind, subject_id) DO UPDATE SET due_at = excluded.due_at, attempt = 0"
)
_MINUTES = "make_interval(mins => p.auto_close_minutes)"
_START = text(_SET.format(due=f"CAST(:at AS timestamptz) + {_MINUTES}", last=""))
_RESUME = text(
    _SET.format(
        due=f"GREATEST(m.sent_at + {_MINUTES}, CAST(:soonest AS timestamptz))",
        last="CROSS JOIN LATERAL (SELECT sent_at FROM message WHERE message.contact_id = c.id AND message.conversation_id = v.id"
        " AND traffic = 'outgoing' AND source = 'user' ORDER BY sent_at DESC LIMIT 1) AS m",
    )
)


async def start(db: WriteSession, contact_id: int, at: datetime) -> None:
    """A member wrote at this time: the contact's conversation closes so long afterwards. The caller holds the contact's lock."""
    await db.flush()
    await db.execute(_START, {"contacts": [contact_id], "at": at})


async def resume(db: WriteSession, contact_ids: Sequence[int]) -> None:
    """Count on from the time when a member wrote last, after something held it up: those who look at it again have `LEAST` time to."""
    if not contact_ids:
        return
    await db.flush()
    await db.execute(_RESUME, {"contacts": list(contact_ids), "soonest": now() + timedelta(minutes=LEAST)})
