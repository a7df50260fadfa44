"""What runs did is kept for 90 days after they ended. That a contact was in a workflow is kept for ever."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from ismessenger.automation.delete import forget_deleted
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.workspaces.prune import prune, workspaces_there

KEPT: Final = timedelta(days=90)
SLICE: Final = 200
"""Runs: each takes its steps along."""

# ``ended_at`` has no index: the last slice reads all runs of a workspace, 200,000 in 0.3 s, once a night. An index would cost a write for
# each run that ends.
_OLD = text("DELETE FROM workflow_run WHERE id IN (SELECT id FROM workflow_run WHERE ended_at < :before LIMIT :chunk) RETURNING id")


async def tidy_runs(installation: Installation) -> None:
    """Take away old runs with their steps, and what may be left of deleted workflows."""
    await prune(installation, _OLD, now() - KEPT, chunk=SLICE)
    for workspace_id in await workspaces_there(installation):
        await forget_deleted(installation, workspace_id)
