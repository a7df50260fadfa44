"""Delete a workspace: it is closed at once, can be restored for a month, and is then purged.

While it is closed nobody enters it. What arrives for it goes on being stored and read (files behind a provider's links would be gone
after a month), and what was written before goes out, so that whoever restores it finds nothing missing.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, or_, update
from sqlmodel import col, select

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Workspace
from ismessenger.workspaces.create import WorkspaceRefused

GRACE = timedelta(days=30)
HALF_MADE = timedelta(days=1)


async def delete_workspace(installation: Installation, workspace_id: int, *, grace: timedelta = GRACE) -> datetime:
    """Close a workspace; returns when it will be purged. Deleting it again may only bring that forward."""
    at = now()
    async with installation.tenancy.catalog() as catalog:
        workspace = await catalog.get_one(Workspace, workspace_id, with_for_update=True)
        workspace.deleted_at = workspace.deleted_at or at
        workspace.purge_at = purge_at = min(workspace.purge_at or at + grace, at + grace)
    async with installation.tenancy.workspace(workspace_id) as db:
        db.announce("closed", 0)
    return purge_at


async def restore_workspace(installation: Installation, workspace_id: int) -> None:
    """Open a deleted workspace again. Raises `WorkspaceRefused` once its purge has begun."""
    async with installation.tenancy.catalog() as catalog:
        statement = (
            update(Workspace)
            .where(col(Workspace.id) == workspace_id, or_(col(Workspace.deleted_at).is_(None), col(Workspace.purge_at) > now()))
            .values(deleted_at=None, purge_at=None)
            .returning(col(Workspace.id))
        )
        if (await catalog.execute(statement)).first() is None:
            raise WorkspaceRefused(gettext("This workspace is being purged and cannot be restored any more."))


async def due_for_purge(installation: Installation) -> list[int]:
    """Workspaces whose grace is over, and those that were never finished."""
    over = col(Workspace.purge_at) <= now()
    half_made = and_(col(Workspace.ready_at).is_(None), col(Workspace.created_at) < now() - HALF_MADE)
    async with installation.tenancy.catalog() as catalog:
        return list((await catalog.execute(select(col(Workspace.id)).where(or_(over, half_made)))).scalars())
