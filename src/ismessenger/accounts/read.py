"""How far a member has read each contact's thread."""

from sqlalchemy import text

from ismessenger.notifications.settle import read_messages
from ismessenger.tenancy.doors import ReadSession, WriteSession

_MARK = text(
    "INSERT INTO read_mark (member_id, contact_id, message_id) VALUES (:member_id, :contact_id, :message_id)"
    " ON CONFLICT (workspace_id, member_id, contact_id) DO UPDATE SET message_id = excluded.message_id"
    " WHERE read_mark.message_id < excluded.message_id RETURNING message_id"
)
_BACK = text(
    "INSERT INTO read_mark (member_id, contact_id, message_id) VALUES (:member_id, :contact_id, :message_id)"
    " ON CONFLICT (workspace_id, member_id, contact_id) DO UPDATE SET message_id = LEAST(read_mark.message_id, excluded.message_id)"
)
_FIND = text("SELECT message_id FROM read_mark WHERE member_id = :member_id AND contact_id = :contact_id")


async def mark_read(db: WriteSession, member_id: int, contact_id: int, message_id: int) -> None:
    """The member has seen everything up to a message. Only `mark_unread` puts a mark back; the member's other windows hear of both."""
    values = {"member_id": member_id, "contact_id": contact_id, "message_id": message_id}
    if (await db.execute(_MARK, values)).first() is not None:
        db.announce("read", contact_id, member_id=member_id, message_id=message_id)
        await read_messages(db, member_id, contact_id, message_id)


async def mark_unread(db: WriteSession, member_id: int, contact_id: int, last_incoming_id: int) -> None:
    """The member wants to come back to this: the newest message that came in is new to them again, in all their windows."""
    values = {"member_id": member_id, "contact_id": contact_id, "message_id": last_incoming_id - 1}
    await db.execute(_BACK, values)
    db.announce("read", contact_id, member_id=member_id, message_id=last_incoming_id - 1, back=True)


async def read_up_to(db: ReadSession, member_id: int, contact_id: int) -> int:
    """The newest message that the member has seen; 0 if none."""
    found = (await db.execute(_FIND, {"member_id": member_id, "contact_id": contact_id})).scalar()
    return int(found or 0)
