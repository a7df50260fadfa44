"""The lane that gives waiting contacts to members, a workspace at a time."""

from collections.abc import Sequence

from sqlalchemy import text

from ismessenger.conversations.serve import serve_queue
from ismessenger.installation import Installation

# One workspace after the other, however long the queues are.
_FIND = text(
    "WITH RECURSIVE w AS ((SELECT workspace_id FROM queued_assignment ORDER BY workspace_id LIMIT 1) UNION ALL"
    " SELECT (SELECT q.workspace_id FROM queued_assignment AS q WHERE q.workspace_id > w.workspace_id ORDER BY q.workspace_id LIMIT 1)"
    " FROM w WHERE w.workspace_id IS NOT NULL) SELECT workspace_id FROM w WHERE workspace_id IS NOT NULL"
)


async def find_queues(installation: Installation) -> Sequence[tuple[int, int]]:
    """The workspaces of all homes in which a contact waits, or may have to go on to somebody else."""
    found: list[tuple[int, int]] = []
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            found += [(workspace_id, 0) for workspace_id in (await connection.execute(_FIND)).scalars()]
    return found


async def work_queue(installation: Installation, piece: tuple[int, int]) -> int:
    """Hand out what can be handed out in one of them."""
    workspace_id, _ = piece
    return await serve_queue(installation, workspace_id)
