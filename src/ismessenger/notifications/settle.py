"""What a member does with their notifications: read them, put them away, take them out again. Their other windows are told."""

from sqlalchemy import text

from ismessenger.kit.clock import now
from ismessenger.notifications.kinds import MESSAGES
from ismessenger.tenancy.doors import WriteSession

_READ = text("UPDATE notification SET read_at = :now WHERE member_id = :member_id AND id = :id AND read_at IS NULL RETURNING id")
_READ_ALL = text("UPDATE notification SET read_at = :now WHERE member_id = :member_id AND read_at IS NULL RETURNING id")
_READ_OF = text(
    "UPDATE notification SET read_at = :now WHERE member_id = :member_id AND contact_id = :contact_id AND read_at IS NULL"
    " AND kind <> ALL(CAST(:messages AS text[])) RETURNING id"
)
_READ_UP_TO = text(
    "UPDATE notification SET read_at = :now WHERE member_id = :member_id AND contact_id = :contact_id AND read_at IS NULL"
    " AND kind = ANY(CAST(:messages AS text[])) AND subject_id <= :message_id RETURNING id"
)
_ARCHIVE = text(
    "UPDATE notification SET archived_at = :now, read_at = COALESCE(read_at, :now) WHERE member_id = :member_id AND id = :id"
    " AND archived_at IS NULL RETURNING id"
)
_ARCHIVE_ALL = text(
    "UPDATE notification SET archived_at = :now, read_at = COALESCE(read_at, :now) WHERE member_id = :member_id"
    " AND archived_at IS NULL AND in_app RETURNING id"
)
_TAKE_OUT = text(
    "UPDATE notification SET archived_at = NULL WHERE member_id = :member_id AND id = :id AND archived_at IS NOT NULL RETURNING id"
)


async def read_one(db: WriteSession, member_id: int, notification_id: int) -> None:
    """The member has looked at it."""
    _tell(db, member_id, (await db.execute(_READ, {"member_id": member_id, "id": notification_id, "now": now()})).first() is not None)


async def read_all(db: WriteSession, member_id: int) -> None:
    """The member has seen them all."""
    _tell(db, member_id, (await db.execute(_READ_ALL, {"member_id": member_id, "now": now()})).first() is not None)


async def read_about(db: WriteSession, member_id: int, contact_id: int) -> None:
    """The member has the contact's thread before them. What tells of messages is settled by reading those: see `read_messages`."""
    values = {"member_id": member_id, "contact_id": contact_id, "messages": list(MESSAGES), "now": now()}
    _tell(db, member_id, (await db.execute(_READ_OF, values)).first() is not None)


async def read_messages(db: WriteSession, member_id: int, contact_id: int, message_id: int) -> None:
    """The member has read a contact's messages up to this one."""
    values = {"member_id": member_id, "contact_id": contact_id, "message_id": message_id, "messages": list(MESSAGES), "now": now()}
    _tell(db, member_id, (await db.execute(_READ_UP_TO, values)).first() is not None)


async def archive_one(db: WriteSession, member_id: int, notification_id: int) -> None:
    """Put it away; it counts as read."""
    _tell(db, member_id, (await db.execute(_ARCHIVE, {"member_id": member_id, "id": notification_id, "now": now()})).first() is not None)


async def archive_all(db: WriteSession, member_id: int) -> int:
    """Put all away; returns how many."""
    archived = len((await db.execute(_ARCHIVE_ALL, {"member_id": member_id, "now": now()})).all())
    _tell(db, member_id, archived > 0)
    return archived


async def take_out(db: WriteSession, member_id: int, notification_id: int) -> None:
    """Back among the new ones; it stays read."""
    _tell(db, member_id, (await db.execute(_TAKE_OUT, {"member_id": member_id, "id": notification_id})).first() is not None)


def _tell(db: WriteSession, member_id: int, changed: bool) -> None:  # noqa: FBT001 - one meaning, one caller
    """Have the member's open pages count again."""
    if changed:
        db.announce("tell", 0, member_id=member_id, what="notification", id=0, sound=False)
