"""Old notifications go, read or not: by then they tell nobody anything."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Workspace

KEPT = timedelta(days=90)
CHUNK = 5000
_OLD = text("DELETE FROM notification WHERE id IN (SELECT id FROM notification WHERE at < :before LIMIT :chunk) RETURNING id")


async def tidy_notifications(installation: Installation) -> None:
    """Take away what is older than 90 days, in all workspaces, in chunks."""
    statement = select(Workspace.id).where(col(Workspace.ready_at).is_not(None), col(Workspace.deleted_at).is_(None))
    async with installation.tenancy.catalog() as catalog:
        workspace_ids = (await catalog.execute(statement.order_by(col(Workspace.id)))).scalars().all()
    before = now() - KEPT
    for workspace_id in workspace_ids:
        deleted = CHUNK
        while deleted == CHUNK:
            async with installation.tenancy.workspace(workspace_id) as db:
                deleted = len((await db.execute(_OLD, {"before": before, "chunk": CHUNK})).all())
