"""Store where runs stand now, what they did on the way, and when their time is up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from ismessenger.automation.cases import Case, Entry, Run
from ismessenger.automation.signals import TIME_KIND
from ismessenger.automation.stored import as_json
from ismessenger.conversations.queue import leave_queue
from ismessenger.tenancy.doors import WriteSession

MAX_REASON: Final = 1000

_RUNS = text(
    "UPDATE workflow_run SET standing = n.standing, waits_for = string_to_array(n.waits, ','), step = n.step,"
    " state = CAST(n.state AS jsonb),"
    " changed_at = :at, ended_at = CASE WHEN n.standing = 'waiting' THEN NULL ELSE CAST(:at AS timestamptz) END, error = n.error"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:standings AS text[]), CAST(:waits AS text[]), CAST(:steps AS text[]),"
    " CAST(:states AS text[]), CAST(:errors AS text[])) AS n(id, standing, waits, step, state, error) WHERE workflow_run.id = n.id"
)
_STEPS = text(
    "INSERT INTO workflow_step (run_id, workflow_id, step, kind, entry, exit, entered, error, output, variables, effects, began_at, at)"
    " SELECT run, workflow, step, kind, entry, exit, entered, error, output, variables, effects, began, :at"
    " FROM ROWS FROM (jsonb_to_recordset(CAST(:rows AS jsonb)) AS (run bigint, workflow bigint, step text, kind text, entry int, exit text,"
    " entered boolean, error text, output jsonb, variables jsonb, effects jsonb, began timestamptz)) WITH ORDINALITY"
    " AS n(run, workflow, step, kind, entry, exit, entered, error, output, variables, effects, began, place) ORDER BY place"
)
_TIMES = text(
    "INSERT INTO wakeup (kind, contact_id, subject_id, due_at, attempt)"
    " SELECT :kind, c, r, d, 0 FROM unnest(CAST(:contacts AS bigint[]), CAST(:runs AS bigint[]), CAST(:due AS timestamptz[])) AS n(c, r, d)"
    " ON CONFLICT (workspace_id, contact_id, kind, subject_id) DO UPDATE SET due_at = excluded.due_at, attempt = 0"
)
_NO_TIME = text("DELETE FROM wakeup WHERE kind = :kind AND contact_id = ANY(:contacts) AND subject_id = ANY(:runs)")
_NO_CALL = text("DELETE FROM workflow_call WHERE run_id = ANY(:runs)")
_TOLD = text(
    "INSERT INTO event (contact_id, kind, actor_kind, actor_id, details, at)"
    " SELECT c, k, 'workflow', w, CAST(d AS jsonb), :at FROM unnest(CAST(:contacts AS bigint[]), CAST(:kinds AS text[]),"
    " CAST(:workflows AS bigint[]), CAST(:details AS text[])) WITH ORDINALITY AS n(c, k, w, d, o) ORDER BY o RETURNING id, contact_id"
)


async def save(db: WriteSession, cases: Sequence[Case], at: datetime, names: dict[int, str]) -> None:
    """Store all that changed. ``names`` are those of workflows, for the timeline."""
    runs = [run for case in cases for run in case.runs.values() if run.changed]
    if not runs:
        return
    await store_runs(db, runs, at)
    await _note(db, runs, at)
    await _time(db, runs)
    await _let_go(db, runs)
    await _tell(db, runs, at, names)


async def store_runs(db: WriteSession, runs: Sequence[Run], at: datetime) -> None:
    """Store where they stand and nothing else."""
    values = {
        "at": at,
        "ids": [run.id for run in runs],
        "standings": [run.state.standing for run in runs],
        "waits": [",".join(run.state.waiting.for_) if run.state.waiting else "" for run in runs],
        "steps": [run.state.step for run in runs],
        "states": [as_json(run.state) for run in runs],
        "errors": [_reason(run) for run in runs],
    }
    await db.execute(_RUNS, values)


def _reason(run: Run) -> str | None:
    """Why it ended, if not by itself."""
    if run.state.standing not in {"failed", "ended"}:
        return None
    said = run.why or next((entry.trace.error for entry in reversed(run.trail) if entry.trace.error), "")
    return said[:MAX_REASON] or None


async def _note(db: WriteSession, runs: Sequence[Run], at: datetime) -> None:
    rows = [_row(run, entry) for run in runs for entry in run.trail]
    if rows:
        # One value instead of twelve lists: a batch does thousands of steps.
        await db.execute(_STEPS, {"at": at, "rows": as_json(rows)})


def _row(run: Run, entry: Entry) -> dict[str, Any]:
    trace = entry.trace
    return {
        "run": run.id,
        "workflow": run.plan.workflow_id,
        "step": trace.step_id,
        "kind": trace.kind,
        "entry": trace.entry,
        "exit": trace.exit,
        "entered": entry.entered,
        "error": trace.error[:MAX_REASON] or None,
        "output": trace.output,
        "variables": entry.variables,
        "effects": _effects(entry),
        "began": trace.began_at,
    }


def _effects(entry: Entry) -> Sequence[object]:
    """With the reason of what was refused."""
    if not entry.refused:
        return entry.trace.effects
    return [
        vars(effect) | {"failed": True, "reason": entry.refused[at]} if at in entry.refused else effect
        for at, effect in enumerate(entry.trace.effects)
    ]


async def _time(db: WriteSession, runs: Sequence[Run]) -> None:
    timed = [(run, run.state.waiting.until) for run in runs if run.state.waiting and run.state.waiting.until]
    if timed:
        values = {"contacts": [run.contact_id for run, _until in timed], "runs": [run.id for run, _until in timed]}
        await db.execute(_TIMES, {"kind": TIME_KIND, **values, "due": [until for _run, until in timed]})
    waiting = {run.id for run, _until in timed}
    untimed = [run for run in runs if run.had_time and run.id not in waiting]
    if untimed:
        values = {"contacts": [run.contact_id for run in untimed], "runs": [run.id for run in untimed]}
        await db.execute(_NO_TIME, {"kind": TIME_KIND, **values})


async def _let_go(db: WriteSession, runs: Sequence[Run]) -> None:
    """What a run does not wait for any more need not be done: its place in the queue, its calls."""
    left = [run.id for run in runs if "result" in run.waited_for and (run.state.waiting is None or "result" not in run.state.waiting.for_)]
    if left:
        await leave_queue(db, left)
        await db.execute(_NO_CALL, {"runs": left})


async def _tell(db: WriteSession, runs: Sequence[Run], at: datetime, names: dict[int, str]) -> None:
    """The timeline says that contacts entered and left."""
    told = [(run, "workflow.started") for run in runs if run.is_new]
    told += [(run, "workflow.ended") for run in runs if run.state.over]
    if not told:
        return
    values = {
        "at": at,
        "contacts": [run.contact_id for run, _kind in told],
        "kinds": [kind for _run, kind in told],
        "workflows": [run.plan.workflow_id for run, _kind in told],
        "details": [as_json(_details(run, kind, names)) for run, kind in told],
    }
    for id_, contact_id in (await db.execute(_TOLD, values)).all():
        db.announce("event", contact_id, id=id_)


def _details(run: Run, kind: str, names: dict[int, str]) -> dict[str, Any]:
    details: dict[str, Any] = {"workflow_id": run.plan.workflow_id, "name": names.get(run.plan.workflow_id, ""), "run_id": run.id}
    return details if kind == "workflow.started" else {**details, "standing": run.state.standing, "reason": _reason(run) or ""}
