"""Take a closing back, shortly after it was done by mistake: the same conversation goes on, as if nothing had been."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import text

from ismessenger.conversations.auto_close import resume
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

FOR: Final = timedelta(minutes=2)
"""So long whoever closed may take it back."""

# A conversation that was opened since, or a contact that was blocked, keeps the closing. What was snoozed for longer is snoozed again.
_UNDO = text(
    "WITH held AS MATERIALIZED (SELECT c.id, v.id AS conversation_id FROM contact c JOIN conversation v ON v.contact_id = c.id"
    " WHERE v.id = ANY(:conversations) AND v.closed_source = 'user' AND v.closed_by_id = :by AND v.closed_at > :since"
    " AND NOT EXISTS (SELECT FROM conversation o WHERE o.contact_id = c.id AND o.id > v.id)"
    " AND c.status = 'closed' AND c.blocked_at IS NULL ORDER BY c.id FOR NO KEY UPDATE OF c),"
    " latest AS (SELECT held.*, (SELECT CAST(e.details ->> 'snoozed_until' AS timestamptz) FROM event e WHERE e.contact_id = held.id"
    " AND e.kind = 'conversation.closed' ORDER BY e.at DESC, e.id DESC LIMIT 1) AS snoozed_until FROM held),"
    " undone AS (UPDATE conversation SET closed_at = NULL, closed_source = NULL, closed_by_id = NULL, category = NULL, category_id = NULL,"
    " summary = NULL, waiting_since = (SELECT min(m.sent_at) FROM message m WHERE m.contact_id = latest.id"
    " AND m.conversation_id = latest.conversation_id AND m.traffic = 'incoming' AND m.sent_at > COALESCE((SELECT max(o.sent_at) FROM"
    " message o WHERE o.contact_id = latest.id AND o.conversation_id = latest.conversation_id AND o.traffic = 'outgoing'"
    " AND o.source = 'user'), '-infinity')) FROM latest WHERE conversation.id = latest.conversation_id"
    " RETURNING conversation.id, conversation.contact_id, conversation.opened_at, latest.snoozed_until),"
    " marked AS (UPDATE contact SET status = CASE WHEN undone.snoozed_until > :now THEN 'snoozed' ELSE 'open' END,"
    " opened_at = undone.opened_at, snoozed_until = CASE WHEN undone.snoozed_until > :now THEN undone.snoozed_until END"
    " FROM undone WHERE contact.id = undone.contact_id),"
    " timed AS (INSERT INTO wakeup (kind, contact_id, subject_id, due_at, attempt)"
    " SELECT 'snooze', contact_id, 0, snoozed_until, 0 FROM undone WHERE snoozed_until > :now"
    " ON CONFLICT (workspace_id, contact_id, kind, subject_id) DO UPDATE SET due_at = excluded.due_at, attempt = 0)"
    " INSERT INTO event (contact_id, conversation_id, kind, actor_kind, actor_id, details, at)"
    " SELECT contact_id, id, 'conversation.closing_undone', 'user', CAST(:by AS bigint), '{}', :now FROM undone RETURNING contact_id, id"
)


async def take_back(db: WriteSession, conversation_ids: Sequence[int], *, by: int) -> list[int]:
    """Have conversations that this member closed a moment ago go on; returns the contacts. What changed since stays as it is."""
    await db.flush()
    at = now()
    undone = (await db.execute(_UNDO, {"conversations": list(conversation_ids), "by": by, "since": at - FOR, "now": at})).all()
    for contact_id, event_id in undone:
        db.announce("event", contact_id, id=event_id)
        db.announce("contact", contact_id)
    contact_ids = [contact_id for contact_id, _event_id in undone]
    await resume(db, contact_ids)
    return contact_ids
