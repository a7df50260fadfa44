"""Take a member's contacts off them, however many they are."""

from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.installation import Installation
from ismessenger.tenancy.catalog import Workspace
from ismessenger.tenancy.doors import ReadSession, WriteSession

BATCH = 500
SHOWN = 50
"""Of more contacts at once the pages do not hear one by one: they read themselves again."""

_FREE = text(
    "WITH held AS (SELECT id FROM contact WHERE assignee_id = :member_id ORDER BY id LIMIT :batch FOR NO KEY UPDATE),"
    " freed AS (UPDATE contact SET assignee_id = NULL FROM held WHERE contact.id = held.id AND contact.assignee_id = :member_id"
    " RETURNING contact.id)"
    " INSERT INTO event (contact_id, conversation_id, kind, actor_kind, actor_id, details, at)"
    " SELECT freed.id, conversation.id, 'contact.unassigned', CAST(:actor AS text), CAST(:by AS bigint),"
    " jsonb_build_object('from', CAST(:member_id AS bigint), 'to', NULL, 'to_name', NULL), now()"
    " FROM freed LEFT JOIN conversation ON conversation.contact_id = freed.id AND conversation.closed_at IS NULL"
    " RETURNING id, contact_id"
)
_LEFT_OVER = text(
    "SELECT id FROM member WHERE removed_at IS NOT NULL AND EXISTS (SELECT FROM contact WHERE contact.assignee_id = member.id)"
)
_COUNT = text("SELECT count(*) FROM (SELECT FROM contact WHERE assignee_id = :member_id LIMIT :most) AS assigned")


async def count_assigned(db: ReadSession, member_id: int, most: int = 1000) -> int:
    """How many contacts are a member's; ``most + 1`` stands for more."""
    return int((await db.execute(_COUNT, {"member_id": member_id, "most": most + 1})).scalar_one())


async def unassign_all(installation: Installation, workspace_id: int, member_id: int, *, by: int | None) -> None:
    """Leave the contacts of a member who was removed to nobody, with an event each: batch by batch, each a transaction of its own."""
    freed = BATCH
    while freed == BATCH:
        async with installation.tenancy.workspace(workspace_id) as db:
            freed = await _unassign_some(db, member_id, by)


async def unassign_removed(installation: Installation) -> None:
    """Do the same for members whose removal was broken off, in all workspaces."""
    statement = select(col(Workspace.id)).where(col(Workspace.ready_at).is_not(None), col(Workspace.deleted_at).is_(None))
    async with installation.tenancy.catalog() as catalog:
        workspace_ids = (await catalog.execute(statement.order_by(col(Workspace.id)))).scalars().all()
    for workspace_id in workspace_ids:
        async with installation.tenancy.reading(workspace_id) as db:
            member_ids = (await db.execute(_LEFT_OVER)).scalars().all()
        for member_id in member_ids:
            await unassign_all(installation, workspace_id, member_id, by=None)


async def _unassign_some(db: WriteSession, member_id: int, by: int | None) -> int:
    values = {"member_id": member_id, "batch": BATCH, "actor": "user" if by else "system", "by": by}
    events = (await db.execute(_FREE, values)).all()
    if len(events) > SHOWN:
        db.announce("refresh", 0)
        return len(events)
    for event_id, contact_id in events:
        db.announce("event", contact_id, id=event_id)
        db.announce("contact", contact_id, was_assignee=member_id)
    return len(events)
