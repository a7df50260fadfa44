"""What a member does with their notifications: read them, put them away, take them out again. Their other windows are told."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import TextClause, text

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

# What a member knows of a line that everybody has. More of the same makes it new to them again.
_KNOW = (
    "INSERT INTO notification_mark AS m (member_id, notification_id, count, archived_at)"
    " SELECT :member_id, n.id, n.count, CAST(:archived_at AS timestamptz) FROM notification n WHERE n.member_id IS NULL AND {}"
    " ON CONFLICT (workspace_id, member_id, notification_id) DO UPDATE SET count = excluded.count, mailed_at = NULL,"
    " archived_at = COALESCE(excluded.archived_at, CASE WHEN m.count = excluded.count THEN m.archived_at END)"
    " WHERE m.count < excluded.count OR (m.archived_at IS NULL AND excluded.archived_at IS NOT NULL) RETURNING m.id"
)
_KNOW_ONE = text(_KNOW.format("n.id = :id"))
_KNOW_ALL = text(_KNOW.format("n.read_at IS NULL"))
_KNOW_EVERY = text(_KNOW.format("TRUE"))
_KNOW_UP_TO = text(_KNOW.format("n.contact_id = :contact_id AND n.read_at IS NULL AND n.subject_id <= :message_id"))
_TAKE_OUT_SHARED = text(
    "UPDATE notification_mark SET archived_at = NULL WHERE member_id = :member_id AND notification_id = :id"
    " AND archived_at IS NOT NULL RETURNING id"
)
NEWEST = 500
"""So many lines that everybody has are looked at whenever the lane comes by; the others at night."""

# One look at its contact for each line: the planner, who knows nothing of a workspace that is busy for the first time, would join each
# line with each contact.
_OVER = "(SELECT c.assignee_id IS NOT NULL OR c.status = 'closed' OR n.at < c.opened_at FROM contact c WHERE c.id = n.contact_id)"
TAKEN = text(
    "SELECT id FROM (SELECT id, contact_id, at FROM notification WHERE member_id IS NULL AND read_at IS NULL"  # noqa: S608 - our own words
    f" ORDER BY id DESC LIMIT :most) AS n WHERE {_OVER}"
)
_SETTLE = text(
    "UPDATE notification SET read_at = :now WHERE id = ANY(ARRAY(SELECT id FROM notification WHERE id = ANY(:ids) AND read_at IS NULL"
    " ORDER BY id FOR UPDATE SKIP LOCKED))"
)
LONG_TAKEN = text(
    "UPDATE notification SET read_at = :before WHERE id = ANY(ARRAY(SELECT id FROM notification n"  # noqa: S608
    f" WHERE member_id IS NULL AND read_at IS NULL AND {_OVER} LIMIT :chunk FOR UPDATE SKIP LOCKED)) RETURNING id"
)
"""The same for all of them, in slices of ``:chunk``."""
_SEEN = text(
    "INSERT INTO notification_mark AS m (member_id, notification_id, count)"
    " SELECT r.member_id, n.id, n.count FROM notification n JOIN read_mark r"
    " ON r.contact_id = n.contact_id AND r.message_id >= n.subject_id WHERE n.id = ANY(:ids)"
    " ON CONFLICT (workspace_id, member_id, notification_id) DO UPDATE SET count = excluded.count"
)


async def read_one(db: WriteSession, member_id: int, notification_id: int) -> None:
    """The member has looked at it."""
    await _settle(db, member_id, _READ, _KNOW_ONE, id=notification_id)


async def read_all(db: WriteSession, member_id: int) -> None:
    """The member has seen them all."""
    await _settle(db, member_id, _READ_ALL, _KNOW_ALL)


async def read_about(db: WriteSession, member_id: int, contact_id: int) -> None:
    """The member has the contact's thread before them. What tells of messages is settled by reading those: see `read_messages`."""
    await _settle(db, member_id, _READ_OF, contact_id=contact_id, messages=list(MESSAGES))


async def read_messages(db: WriteSession, member_id: int, contact_id: int, message_id: int) -> None:
    """The member has read a contact's messages up to this one."""
    told_of = list(MESSAGES)
    await _settle(db, member_id, _READ_UP_TO, _KNOW_UP_TO, contact_id=contact_id, message_id=message_id, messages=told_of)


async def archive_one(db: WriteSession, member_id: int, notification_id: int) -> None:
    """Put it away; it counts as read."""
    await _settle(db, member_id, _ARCHIVE, _KNOW_ONE, id=notification_id, archived_at=now())


async def archive_all(db: WriteSession, member_id: int) -> int:
    """Put all away; returns how many."""
    return await _settle(db, member_id, _ARCHIVE_ALL, _KNOW_EVERY, archived_at=now())


async def take_out(db: WriteSession, member_id: int, notification_id: int) -> None:
    """Back among the new ones; it stays read."""
    await _settle(db, member_id, _TAKE_OUT, _TAKE_OUT_SHARED, id=notification_id)


async def settle_taken(db: WriteSession) -> None:
    """What everybody has is over for all once somebody has the contact, or its conversation is closed. Looks at the `NEWEST`."""
    taken = (await db.execute(TAKEN, {"most": NEWEST})).scalars().all()
    if taken:
        await db.execute(_SETTLE, {"now": now(), "ids": taken})


async def settle_seen(db: WriteSession, ids: Collection[int]) -> None:
    """Whoever has read the messages of which these lines tell knows them already."""
    await db.execute(_SEEN, {"ids": list(ids)})


async def _settle(db: WriteSession, member_id: int, *statements: TextClause, archived_at: datetime | None = None, **more: object) -> int:
    """Change the member's own lines, and their marks at those that everybody has; returns how many."""
    values = {"member_id": member_id, "now": now(), "archived_at": archived_at, **more}
    changed = sum([len((await db.execute(statement, values)).all()) for statement in statements])
    if changed:
        # The member's open pages count again.
        db.announce("tell", 0, member_id=member_id, what="notification", id=0, sound=False)
    return changed
