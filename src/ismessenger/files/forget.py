"""Forget what was uploaded and never sent, nor put into the library."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import col, select

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Workspace

# Longer than a link to a file lives: where a channel takes no files, the link is all that was sent.
KEPT = timedelta(days=40)
CHUNK = 500

_UNSENT = text(
    "DELETE FROM file WHERE id IN (SELECT id FROM file WHERE created_at < :before AND library_at IS NULL"
    " AND NOT EXISTS (SELECT FROM attachment WHERE attachment.path = file.path)"
    " AND NOT EXISTS (SELECT FROM scheduled_message WHERE state IN ('waiting', 'failed') AND file.id = ANY(file_ids))"
    " LIMIT :chunk) RETURNING path"
)


async def forget_unsent(installation: Installation) -> None:
    """Delete uploads that neither a message nor the library holds, with their bytes. Raises `StoreUnavailable`."""
    async with installation.tenancy.catalog() as catalog:
        workspace_ids = (await catalog.execute(select(col(Workspace.id)).where(col(Workspace.ready_at).is_not(None)))).scalars().all()
    for workspace_id in workspace_ids:
        paths = [""] * CHUNK
        while len(paths) == CHUNK:
            async with installation.tenancy.workspace(workspace_id) as db:
                paths = list((await db.execute(_UNSENT, {"before": now() - KEPT, "chunk": CHUNK})).scalars())
                # Before the commit: if the store is away, the rows stay and the next night finds them again.
                for path in paths:
                    await installation.files.delete(path)
