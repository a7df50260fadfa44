"""Delete a workflow: it is gone from every page at once and does nothing more; its history goes right after the commit, slice by slice.

Its row stays until the last, with the status ``deleted`` and nothing in it. The order in the outbox is repeated until nothing is left.
"""

from typing import Final

from sqlalchemy import text

from ismessenger.automation.define import workflow_named
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.ids import new_token
from ismessenger.tenancy.doors import WriteSession
from workflows.definition import Definition

ORDER: Final = "workflow"
SLICE: Final = 200
ROWS: Final = 2000

_ORDER = text("INSERT INTO outbox (kind, payload, due_at) VALUES (:kind, jsonb_build_object('workflow_id', CAST(:id AS bigint)), :at)")
_NO_PLACES = text(
    "DELETE FROM queued_assignment WHERE run_id IN (SELECT id FROM workflow_run WHERE workflow_id = :id AND ended_at IS NULL)"
)
_NO_CALLS = text("DELETE FROM workflow_call WHERE run_id IN (SELECT id FROM workflow_run WHERE workflow_id = :id AND ended_at IS NULL)")
# Runs that somebody is inside of first: they have times.
_RUNS = text("SELECT id, contact_id FROM workflow_run WHERE workflow_id = :id ORDER BY ended_at IS NOT NULL, id LIMIT :limit")
_HOLD = text("SELECT id FROM contact WHERE id = ANY(:contacts) ORDER BY id FOR NO KEY UPDATE")
_NO_TIMES = text("DELETE FROM wakeup WHERE kind = 'workflow' AND subject_id = ANY(:runs) AND contact_id = ANY(:contacts)")
_NO_STEPS = text(
    "DELETE FROM workflow_step WHERE id IN (SELECT id FROM workflow_step WHERE run_id = ANY(:runs) ORDER BY id LIMIT :rows) RETURNING id"
)
_NO_RUNS = text("DELETE FROM workflow_run WHERE id = ANY(:runs)")
_NO_ENROLMENTS = text(
    "DELETE FROM workflow_enrolment WHERE id IN (SELECT id FROM workflow_enrolment WHERE workflow_id = :id LIMIT :rows) RETURNING id"
)
_GONE = text("DELETE FROM workflow WHERE id = :id AND status = 'deleted'")
_LEFT = text("SELECT id FROM workflow WHERE status = 'deleted' ORDER BY id")


async def delete_workflow(db: WriteSession, workflow_id: int, *, by: int | None) -> None:
    """Delete a workflow with its versions and the history of its runs; whoever is inside leaves it. Raises `NotThere`."""
    workflow = await workflow_named(db, workflow_id, held=True)
    workflow.status, workflow.published_id, workflow.listens = "deleted", None, []
    workflow.hook_secret = workflow.hook_sample = None
    # It names nothing and nobody any more, and another one may have its name.
    workflow.name, workflow.description, workflow.draft = f"{workflow_id}/{new_token()}", "", Definition().as_json()
    await db.flush()
    # What other lanes would do for it.
    await db.execute(_NO_PLACES, {"id": workflow_id})
    await db.execute(_NO_CALLS, {"id": workflow_id})
    await db.execute(_ORDER, {"kind": ORDER, "id": workflow_id, "at": now()})
    db.ring("outbox")
    db.announce("workflow", 0, workflow_id=workflow_id, number=0, status="deleted", by=by)


async def forget_workflow(installation: Installation, workspace_id: int, workflow_id: int) -> bool:
    """Take a slice of its rows away; False once nothing is left. Doing one twice is fine."""
    async with installation.tenancy.workspace(workspace_id) as db:
        runs = (await db.execute(_RUNS, {"id": workflow_id, "limit": SLICE})).all()
        if runs:
            await _forget_runs(db, [run.id for run in runs], sorted({run.contact_id for run in runs}))
            return True
        if (await db.execute(_NO_ENROLMENTS, {"id": workflow_id, "rows": ROWS})).first() is not None:
            return True
        await db.execute(_GONE, {"id": workflow_id})
        return False


async def forget_deleted(installation: Installation, workspace_id: int) -> None:
    """Take away all that is left of deleted workflows, also where nothing orders it: a workspace can be exported in the middle."""
    async with installation.tenancy.reading(workspace_id) as db:
        left = (await db.execute(_LEFT)).scalars().all()
    for workflow_id in left:
        while await forget_workflow(installation, workspace_id, workflow_id):
            pass


async def _forget_runs(db: WriteSession, run_ids: list[int], contact_ids: list[int]) -> None:
    """Their steps first, as many as fit into a slice: some runs have thousands. What a run does, it does while its contact is held."""
    await db.execute(_HOLD, {"contacts": contact_ids})
    if len((await db.execute(_NO_STEPS, {"runs": run_ids, "rows": ROWS})).all()) == ROWS:
        return
    await db.execute(_NO_TIMES, {"runs": run_ids, "contacts": contact_ids})
    await db.execute(_NO_RUNS, {"runs": run_ids})
