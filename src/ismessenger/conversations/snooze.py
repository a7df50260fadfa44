"""Hide open conversations until a time. They come back by themselves then, by hand, or when the person writes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import text

from ismessenger.contacts.model import Contact
from ismessenger.conversations.auto_close import resume
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.conversations.queue import LANE
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

LONGEST: Final = timedelta(days=366)

Reason = Literal["hand", "time", "message"]
"""Why it ended."""

# The rows are locked in the order of their ids, like everywhere. While it lasts nothing closes by itself.
_SNOOZE = text(
    "WITH held AS MATERIALIZED (SELECT id FROM contact WHERE id = ANY(:contacts) AND status IN ('open', 'snoozed') AND blocked_at IS NULL"
    " AND snoozed_until IS DISTINCT FROM CAST(:until AS timestamptz) ORDER BY id FOR NO KEY UPDATE),"
    " changed AS (UPDATE contact SET status = 'snoozed', snoozed_until = CAST(:until AS timestamptz) FROM held WHERE contact.id = held.id"
    " RETURNING contact.id),"
    " suspended AS (DELETE FROM wakeup USING changed WHERE wakeup.contact_id = changed.id AND kind = 'auto_close'),"
    " timed AS (INSERT INTO wakeup (kind, contact_id, subject_id, due_at, attempt)"
    " SELECT 'snooze', id, 0, CAST(:until AS timestamptz), 0 FROM changed"
    " ON CONFLICT (workspace_id, contact_id, kind, subject_id) DO UPDATE SET due_at = excluded.due_at, attempt = 0)"
    " INSERT INTO event (contact_id, conversation_id, kind, actor_kind, actor_id, details, at)"
    " SELECT changed.id, v.id, 'conversation.snoozed', :actor, CAST(:by AS bigint), jsonb_build_object('until', CAST(:words AS text)), :at"
    " FROM changed LEFT JOIN conversation v ON v.contact_id = changed.id AND v.closed_at IS NULL RETURNING contact_id, id"
)
_WAKE = text(
    "WITH held AS MATERIALIZED (SELECT id FROM contact WHERE id = ANY(:contacts) AND status = 'snoozed'"
    " AND (blocked_at IS NULL OR :reason <> 'hand') ORDER BY id FOR NO KEY UPDATE),"
    " woken AS (UPDATE contact SET status = 'open', snoozed_until = NULL FROM held WHERE contact.id = held.id RETURNING contact.id),"
    " dropped AS (DELETE FROM wakeup USING woken WHERE wakeup.contact_id = woken.id AND kind = 'snooze')"
    " INSERT INTO event (contact_id, conversation_id, kind, actor_kind, actor_id, details, at)"
    " SELECT woken.id, v.id, 'conversation.unsnoozed', :actor, CAST(:by AS bigint),"
    " jsonb_build_object('reason', CAST(:reason AS text)), :at"
    " FROM woken LEFT JOIN conversation v ON v.contact_id = woken.id AND v.closed_at IS NULL RETURNING contact_id, id"
)
_WHO = text(
    "SELECT CASE WHEN actor_kind = 'user' THEN actor_id END FROM event WHERE contact_id = :contact_id AND kind = 'conversation.snoozed'"
    " ORDER BY at DESC, id DESC LIMIT 1"
)


async def snooze(db: WriteSession, contact: Contact, until: datetime, *, actor: str = "user", by: int | None = None) -> bool:
    """Hide the contact's conversation until then; returns whether that changed anything. The caller holds the contact's lock.

    Raises `ConversationRefused` for somebody blocked, a closed conversation, and a time that is past or too far off.
    """
    if contact.blocked_at is not None:
        raise ConversationRefused(gettext("This contact is blocked. Unblock it first."))
    if contact.status == "closed":
        raise ConversationRefused(gettext("This conversation is closed. Open it to snooze it."))
    changed = await snooze_contacts(db, [contact.id], until, actor=actor, by=by)
    await db.refresh(contact)
    return bool(changed)


async def wake(db: WriteSession, contact: Contact, *, actor: str = "user", by: int | None = None, reason: Reason = "hand") -> bool:
    """Bring a snoozed conversation back; returns whether it was snoozed. The caller holds the contact's lock.

    Raises `ConversationRefused` for somebody blocked, by hand.
    """
    if contact.blocked_at is not None and reason == "hand":
        raise ConversationRefused(gettext("This contact is blocked. Unblock it first."))
    woken = await wake_contacts(db, [contact.id], actor=actor, by=by, reason=reason)
    await db.refresh(contact)
    return bool(woken)


async def snooze_contacts(
    db: WriteSession, contact_ids: Sequence[int], until: datetime, *, actor: str = "user", by: int | None = None
) -> list[int]:
    """Hide many at once; returns those that changed. The closed and the blocked are passed over. Raises `ConversationRefused`."""
    see_time(until)
    await db.flush()
    values = {"contacts": list(contact_ids), "until": until, "words": until.isoformat(), "actor": actor, "by": by, "at": now()}
    db.ring(LANE)
    return _tell(db, (await db.execute(_SNOOZE, values)).all())


async def wake_contacts(
    db: WriteSession, contact_ids: Sequence[int], *, actor: str = "user", by: int | None = None, reason: Reason = "hand"
) -> list[int]:
    """Bring many back at once; returns those that were snoozed. By hand the blocked are passed over."""
    await db.flush()
    values = {"contacts": list(contact_ids), "actor": actor, "by": by, "reason": reason, "at": now()}
    woken = _tell(db, (await db.execute(_WAKE, values)).all())
    if reason != "message":
        await resume(db, woken)
    return woken


def see_time(until: datetime) -> None:
    """Raises `ConversationRefused` for a time until which nothing can be snoozed."""
    if until <= now():
        raise ConversationRefused(gettext("This time has passed. Choose a later one."))
    if until > now() + LONGEST:
        raise ConversationRefused(gettext("A conversation can be snoozed for a year at most. Choose an earlier time."))


async def snoozed_by(db: ReadSession, contact_id: int) -> int | None:
    """The member who snoozed the contact last."""
    found: int | None = (await db.execute(_WHO, {"contact_id": contact_id})).scalar_one_or_none()
    return found


def _tell(db: WriteSession, told: Sequence[tuple[int, int]]) -> list[int]:
    for contact_id, event_id in told:
        db.announce("event", contact_id, id=event_id)
        db.announce("contact", contact_id)
    return [contact_id for contact_id, _event_id in told]
