"""Assign contacts and close conversations, many at once: row for row what ``assign.py`` and ``close.py`` do to one.

Many are snoozed by ``snooze.py``, and closings taken back by ``undo.py``.
"""

from collections.abc import Sequence

from sqlalchemy import text

from ismessenger.accounts.model import Member
from ismessenger.conversations.assign import see_present
from ismessenger.conversations.close import checked_note
from ismessenger.conversations.queue import LANE, settle_queue
from ismessenger.kit.clock import now
from ismessenger.notifications.notify import notify
from ismessenger.tenancy.doors import WriteSession

# The rows are locked in the order of their ids, like everywhere.
_ASSIGN = text(
    "WITH held AS MATERIALIZED (SELECT id, assignee_id FROM contact WHERE id = ANY(:contacts)"
    " AND assignee_id IS DISTINCT FROM CAST(:to AS bigint) ORDER BY id FOR NO KEY UPDATE),"
    " changed AS (UPDATE contact SET assignee_id = CAST(:to AS bigint) FROM held WHERE contact.id = held.id"
    " RETURNING contact.id, held.assignee_id AS was),"
    " noted AS (UPDATE conversation SET first_assignee_id = COALESCE(first_assignee_id, CAST(:to AS bigint)),"
    " first_assigned_at = CASE WHEN first_assignee_id IS NULL THEN CAST(:at AS timestamptz) ELSE first_assigned_at END,"
    " last_assignee_id = CAST(:to AS bigint), last_assigned_at = :at, assignment_count = assignment_count + 1 FROM changed"
    " WHERE conversation.contact_id = changed.id AND closed_at IS NULL AND CAST(:to AS bigint) IS NOT NULL)"
    " INSERT INTO event (contact_id, conversation_id, kind, actor_kind, actor_id, details, at)"
    " SELECT changed.id, v.id, :kind, :actor, CAST(:by AS bigint),"
    " jsonb_build_object('from', changed.was, 'to', CAST(:to AS bigint), 'to_name', CAST(:name AS text)), :at"
    " FROM changed LEFT JOIN conversation v ON v.contact_id = changed.id AND v.closed_at IS NULL"
    " RETURNING contact_id, id, CAST(details ->> 'from' AS bigint)"
)
_CLOSE = text(
    "WITH held AS MATERIALIZED (SELECT id, snoozed_until FROM contact WHERE id = ANY(:contacts) AND blocked_at IS NULL ORDER BY id"
    " FOR NO KEY UPDATE), closed AS (UPDATE conversation SET closed_at = :at, closed_source = CAST(:actor AS text),"
    " closed_by_id = CASE WHEN CAST(:actor AS text) = 'workflow' THEN NULL ELSE CAST(:by AS bigint) END,"
    " category = CAST(:category AS text), category_id = CAST(:category_id AS bigint), summary = CAST(:summary AS text),"
    " waiting_since = NULL FROM held WHERE conversation.contact_id = held.id AND closed_at IS NULL"
    " RETURNING conversation.contact_id, conversation.id, held.snoozed_until),"
    " dropped AS (DELETE FROM wakeup USING closed WHERE wakeup.contact_id = closed.contact_id AND kind IN ('snooze', 'auto_close')),"
    " marked AS (UPDATE contact SET status = 'closed', opened_at = NULL, snoozed_until = NULL FROM closed"
    " WHERE contact.id = closed.contact_id)"
    " INSERT INTO event (contact_id, conversation_id, kind, actor_kind, actor_id, details, at)"
    " SELECT contact_id, id, 'conversation.closed', :actor, CAST(:by AS bigint),"
    " jsonb_build_object('source', CAST(:actor AS text), 'category', CAST(:category AS text), 'summary', CAST(:summary AS text),"
    " 'snoozed_until', closed.snoozed_until), :at FROM closed RETURNING contact_id, id"
)


async def assign_contacts(
    db: WriteSession, contact_ids: Sequence[int], *, to: Member | None, actor: str = "user", by: int | None = None
) -> list[int]:
    """Hand contacts to a member, or to nobody; returns those that changed. Raises `MemberNotFound` for somebody who was removed."""
    await db.flush()
    if to is not None:
        await see_present(db, to)
    values = {"contacts": list(contact_ids), "to": to.id if to else None, "name": to.name if to else None, "actor": actor, "by": by}
    kind = "contact.assigned" if to else "contact.unassigned"
    changed = (await db.execute(_ASSIGN, {**values, "kind": kind, "at": now()})).all()
    for contact_id, event_id, was in changed:
        db.announce("event", contact_id, id=event_id)
        db.announce("contact", contact_id, was_assignee=was)
    if changed:
        db.ring(LANE)
    if to is not None:
        await settle_queue(db, contact_ids, to.id)
        await _tell_member(db, to, [contact_id for contact_id, _event_id, _was in changed], by if actor == "user" else None)
    return [contact_id for contact_id, _event_id, _was in changed]


async def _tell_member(db: WriteSession, to: Member, contact_ids: Sequence[int], by: int | None) -> None:
    """Of many at once the member hears once."""
    if contact_ids and to.id != by:
        one = contact_ids[0] if len(contact_ids) == 1 else None
        await notify(db, "assigned", one, to=[to.id], by=by, count=len(contact_ids))


async def close_contacts(
    db: WriteSession,
    contact_ids: Sequence[int],
    *,
    actor: str = "user",
    by: int | None = None,
    category_id: int | None = None,
    summary: str | None = None,
) -> list[int]:
    """Close what is open, all with one note; returns the contacts that had something open. The blocked are passed over.

    Raises `ConversationRefused` like closing one does: by hand the workspace may want a note.
    """
    note = await checked_note(db, actor, category_id=category_id, summary=summary)
    await db.flush()
    values = {"contacts": list(contact_ids), "actor": actor, "by": by, "at": now()}
    noted = {"category": note.category, "category_id": note.category_id, "summary": note.summary}
    changed = (await db.execute(_CLOSE, {**values, **noted})).all()
    for contact_id, event_id in changed:
        db.announce("event", contact_id, id=event_id)
        db.announce("contact", contact_id)
    if changed:
        db.ring(LANE)
    return [contact_id for contact_id, _event_id in changed]
