"""Block people and let them back in. What a blocked person writes is kept; it opens nothing, and nobody can write to them."""

from collections.abc import Sequence

from sqlalchemy import text

from ismessenger.contacts.model import Contact
from ismessenger.conversations.auto_close import resume
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

# The rows are locked in the order of their ids, like everywhere.
_CHANGE = text(
    "WITH held AS MATERIALIZED (SELECT id FROM contact WHERE id = ANY(:contacts) AND (blocked_at IS NULL) = :block ORDER BY id"
    " FOR NO KEY UPDATE), changed AS (UPDATE contact SET blocked_at = CASE WHEN :block THEN CAST(:at AS timestamptz) END FROM held"
    " WHERE contact.id = held.id AND (contact.blocked_at IS NULL) = :block RETURNING contact.id)"
    " INSERT INTO event (contact_id, kind, actor_kind, actor_id, details, at)"
    " SELECT id, :kind, :actor, CAST(:by AS bigint), '{}', :at FROM changed RETURNING contact_id, id"
)


async def block_contacts(db: WriteSession, contact_ids: Sequence[int], *, actor: str = "user", by: int | None = None) -> list[int]:
    """Block many at once; returns those that were not blocked before. Their open conversations stay as they are until unblocked."""
    return await _change(db, contact_ids, block=True, actor=actor, by=by)


async def unblock_contacts(db: WriteSession, contact_ids: Sequence[int], *, actor: str = "user", by: int | None = None) -> list[int]:
    """Let many back in at once; returns those that were blocked."""
    changed = await _change(db, contact_ids, block=False, actor=actor, by=by)
    await resume(db, changed)
    return changed


async def block_contact(db: WriteSession, contact: Contact, *, actor: str = "user", by: int | None = None) -> bool:
    """Block one person, whose lock the caller holds; returns whether that changed anything."""
    changed = await block_contacts(db, [contact.id], actor=actor, by=by)
    await db.refresh(contact)
    return bool(changed)


async def unblock_contact(db: WriteSession, contact: Contact, *, actor: str = "user", by: int | None = None) -> bool:
    """Let one person back in; the caller holds the contact's lock."""
    changed = await unblock_contacts(db, [contact.id], actor=actor, by=by)
    await db.refresh(contact)
    return bool(changed)


async def _change(db: WriteSession, contact_ids: Sequence[int], *, block: bool, actor: str, by: int | None) -> list[int]:
    await db.flush()
    kind = "contact.blocked" if block else "contact.unblocked"
    values = {"contacts": list(contact_ids), "block": block, "kind": kind, "actor": actor, "by": by, "at": now()}
    told = (await db.execute(_CHANGE, values)).all()
    for contact_id, event_id in told:
        db.announce("event", contact_id, id=event_id)
        db.announce("contact", contact_id)
    return [contact_id for contact_id, _event_id in told]
