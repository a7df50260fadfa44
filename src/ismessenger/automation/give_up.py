"""A contact whose workflows make a transaction fail: it is tried again later, and after some times its runs have failed."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import text

from ismessenger.automation.cases import open_cases
from ismessenger.automation.plans import Plans
from ismessenger.automation.save import save
from ismessenger.automation.signals import Claim, Signal, heard, put_off
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

log = structlog.get_logger()

_NAMES = text("SELECT id, name FROM workflow")
_AGAIN = text(
    "INSERT INTO workflow_signal (contact_id, kind, payload, due_at, attempt, at)"
    " VALUES (:contact_id, 'time', jsonb_build_object('run_id', CAST(:run_id AS bigint)), :due, 1, :at)"
)


async def give_up(db: WriteSession, plans: Plans, taken: Claim, reason: str, *, after: Sequence[timedelta]) -> None:
    """Put the contact's oldest signal off, or if that was done often enough take it away and fail the runs that it could concern."""
    for contact in taken.contacts:
        signals = taken.signals[contact.id]
        if not signals:
            continue
        signal = signals[0]
        if signal.attempt < len(after):
            await _later(db, signal, after[signal.attempt])
        else:
            await _fail(db, plans, taken, signal, reason)
        for rest in signals[1:]:
            # Taking the contact took the times of its runs away.
            if not rest.id:
                await _later(db, rest, after[0])


async def _later(db: WriteSession, signal: Signal, after: timedelta) -> None:
    if signal.id:
        await put_off(db, signal, after)
        return
    values = {"contact_id": signal.contact_id, "run_id": signal.payload["run_id"], "due": now() + after, "at": signal.at}
    await db.execute(_AGAIN, values)


async def _fail(db: WriteSession, plans: Plans, taken: Claim, signal: Signal, reason: str) -> None:
    log.error("workflow.given_up", workspace_id=db.workspace_id, contact_id=signal.contact_id, kind=signal.kind, reason=reason)
    cases = await open_cases(db, plans, taken)
    named = signal.payload.get("run_id")
    for case in cases:
        for run in case.runs.values():
            if named in {None, run.id}:
                run.state, run.changed = run.state.model_copy(update={"standing": "failed", "waiting": None}), True
                run.why = f"It could not go on: {reason}"
    await save(db, cases, now(), dict((await db.execute(_NAMES)).all()))
    await heard(db, [signal])
