"""Make one contact of two. The histories interleave by time; nothing is lost but the second row."""

from sqlalchemy import text

from ismessenger.contacts.lock import lock_contact
from ismessenger.contacts.model import Contact
from ismessenger.conversations.close import close
from ismessenger.conversations.model import TimelineEvent
from ismessenger.tenancy.doors import WriteSession

FIELDS = ("first_name", "last_name", "phone", "email", "language", "country_code", "picture_url")
_MOVED = ("contact_channel", "conversation", "message", "comment", "event")


class MergeRefused(ValueError):
    """These contacts cannot be merged; the text says why."""


async def merge(db: WriteSession, primary_id: int, secondary_id: int, *, by: int | None, actor: str = "user") -> Contact:
    """Move everything of the second contact to the first, fill the first one's gaps, delete the second.

    The second one's open conversation is closed. Raises `MergeRefused`, `ContactNotFound`.
    """
    if primary_id == secondary_id:
        raise MergeRefused("A contact cannot be merged with itself.")
    # Always in the order of the ids, so that two merges of the same pair wait for each other.
    locked = {id_: await lock_contact(db, id_) for id_ in sorted((primary_id, secondary_id))}
    primary, secondary = locked[primary_id], locked[secondary_id]
    secondary.blocked_at = None
    await close(db, secondary, source="merge", by=by)
    for table in _MOVED:
        # The table is one of five words of this module.
        statement = f"UPDATE {table} SET contact_id = :primary WHERE contact_id = :secondary"  # noqa: S608
        await db.execute(text(statement), {"primary": primary_id, "secondary": secondary_id})
    _fill(primary, secondary)
    name = secondary.name
    await db.delete(secondary)
    db.add(
        TimelineEvent(
            contact_id=primary_id, kind="contact.merged", actor_kind=actor, actor_id=by, details={"merged": secondary_id, "name": name}
        )
    )
    await db.flush()
    db.announce("contact", secondary_id)
    db.announce("contact", primary_id)
    return primary


def _fill(primary: Contact, secondary: Contact) -> None:
    for field in FIELDS:
        if getattr(primary, field) is None:
            setattr(primary, field, getattr(secondary, field))
    if (secondary.last_message_at or primary.created_at) > (primary.last_message_at or primary.created_at):
        for field in ("last_message_at", "last_channel_id", "preview", "preview_traffic"):
            setattr(primary, field, getattr(secondary, field))
    for field in ("last_incoming_at", "last_outgoing_at", "last_incoming_id"):
        both = [value for value in (getattr(primary, field), getattr(secondary, field)) if value is not None]
        setattr(primary, field, max(both) if both else None)
