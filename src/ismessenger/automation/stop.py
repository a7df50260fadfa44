"""Send contacts out of a workflow."""

from typing import Final

from sqlalchemy import text

from ismessenger.automation.model import Workflow
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

EJECT: Final = "eject"
"""The kind of the signal. Runs end where all that happens to them happens, each in its contact's order."""

_EJECT = text(
    "INSERT INTO workflow_signal (contact_id, kind, payload, due_at, at)"
    " SELECT contact_id, 'eject', jsonb_build_object('workflow_id', workflow_id, 'reason', CAST(:reason AS text)), :now, :now"
    " FROM workflow_run WHERE workflow_id = :workflow_id AND ended_at IS NULL ORDER BY id RETURNING id"
)


async def eject(db: WriteSession, workflow: Workflow, *, by: str = "") -> int:
    """End the runs of all who are inside, as soon as this is on disk; returns how many those are. ``by`` is the name of who wants it.

    Whoever is let in later, after it was published again, stays.
    """
    reason = f"{by or 'Somebody'} stopped the workflow and sent everybody out of it."
    values = {"workflow_id": workflow.id, "reason": reason, "now": now()}
    told = (await db.execute(_EJECT, values)).all()
    if told:
        db.ring("automation")
    return len(told)
