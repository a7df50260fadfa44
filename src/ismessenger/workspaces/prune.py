"""Old rows go, in all workspaces, in chunks that hold nobody up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import TextClause
from sqlmodel import col, select

from ismessenger.installation import Installation
from ismessenger.tenancy.catalog import Workspace

CHUNK: Final = 2000


async def workspaces_there(installation: Installation) -> Sequence[int]:
    """All that are ready and not deleted."""
    there = select(Workspace.id).where(col(Workspace.ready_at).is_not(None), col(Workspace.deleted_at).is_(None))
    async with installation.tenancy.catalog() as catalog:
        return (await catalog.execute(there.order_by(col(Workspace.id)))).scalars().all()


async def prune(installation: Installation, statement: TextClause, before: datetime, *, chunk: int = CHUNK) -> None:
    """Run a ``DELETE`` or ``UPDATE … RETURNING id`` of at most ``:chunk`` rows from before ``:before`` until nothing is left."""
    for workspace_id in await workspaces_there(installation):
        deleted = chunk
        while deleted == chunk:
            async with installation.tenancy.workspace(workspace_id) as db:
                deleted = len((await db.execute(statement, {"before": before, "chunk": chunk})).all())
