"""Forget the files of long jobs whose time is over."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlmodel import col, select

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Workspace
from ismessenger.tenancy.doors import WriteSession

# A draft that nobody came back to, and what an import read, for as long as its result is there.
UPLOADS_KEPT: Final = timedelta(days=7)
# An import can be undone for a day; a job that does it may take its time.
UNDO_KEPT: Final = timedelta(days=3)
CHUNK: Final = 500

_EXPIRED = text(
    "SELECT id, result_path AS path FROM job WHERE result_path IS NOT NULL AND expires_at < :before ORDER BY id LIMIT :chunk FOR UPDATE"
)
_FORGET_RESULTS = text("UPDATE job SET result_path = NULL WHERE id = ANY(:ids)")
_UPLOADS = text(
    "SELECT id, params->>'file' AS path FROM job WHERE kind = 'contacts_import' AND created_at < :before AND params->>'file' <> ''"
    " AND state NOT IN ('waiting', 'running', 'cancelling') ORDER BY id LIMIT :chunk FOR UPDATE"
)
_FORGET_UPLOADS = text(
    "WITH drafts AS (DELETE FROM job WHERE id = ANY(:ids) AND state = 'draft')"
    ' UPDATE job SET params = params || \'{"file": "", "sample": []}\' WHERE id = ANY(:ids) AND state <> \'draft\''
)
_CHECKS = text("DELETE FROM job WHERE kind = 'contacts_import_check' AND finished_at < :before AND result_path IS NULL")
_UNDO = text(
    "DELETE FROM imported_contact WHERE id = ANY(ARRAY(SELECT i.id FROM imported_contact i JOIN job j ON j.id = i.job_id"
    " WHERE j.finished_at < :before LIMIT :chunk))"
)


async def forget_files_of_jobs(installation: Installation) -> None:
    """Delete results and uploads whose time is over, and what imports remembered for undoing them. Raises `StoreUnavailable`."""
    async with installation.tenancy.catalog() as catalog:
        workspace_ids = (await catalog.execute(select(col(Workspace.id)).where(col(Workspace.ready_at).is_not(None)))).scalars().all()
    for workspace_id in workspace_ids:
        left = True
        while left:
            async with installation.tenancy.workspace(workspace_id) as db:
                left = await _forget(installation, db)


async def _forget(installation: Installation, db: WriteSession) -> bool:
    """One chunk of each. Whether there is more."""
    expired = (await db.execute(_EXPIRED, {"before": now(), "chunk": CHUNK})).all()
    uploads = (await db.execute(_UPLOADS, {"before": now() - UPLOADS_KEPT, "chunk": CHUNK})).all()
    # Before the commit: if the store is away, the rows stay and the next night finds them again.
    for row in [*expired, *uploads]:
        await installation.files.delete(row.path)
    await db.execute(_FORGET_RESULTS, {"ids": [row.id for row in expired]})
    await db.execute(_FORGET_UPLOADS, {"ids": [row.id for row in uploads]})
    await db.execute(_CHECKS, {"before": now() - UPLOADS_KEPT})
    gone = await db.execute(_UNDO, {"before": now() - UNDO_KEPT, "chunk": CHUNK * 20})
    return CHUNK in {len(expired), len(uploads)} or gone.rowcount == CHUNK * 20  # type: ignore[attr-defined]
