"""Let contacts into workflows: each once at the same time, and where the workflow says so, once for all time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson
import structlog
from sqlalchemy import text

from ismessenger.automation.cases import Case, Published, Run
from ismessenger.automation.save import store_runs
from ismessenger.automation.signals import Signal
from ismessenger.automation.surroundings import Surroundings
from ismessenger.sdk.step import Value
from ismessenger.tenancy.doors import WriteSession
from workflows.state import State

log = structlog.get_logger()

DEEP: Final = 2
MOST_SET_OFF: Final = 100
WITHIN: Final = timedelta(minutes=10)
"""A contact is let in so often, in this time, by workflows that others set off: each of them may set off a hundred more."""

_SET_OFF = text(
    "SELECT contact_id, count(*) FROM workflow_run WHERE contact_id = ANY(:contacts) AND depth >= :deep AND started_at > :since"
    " GROUP BY contact_id"
)
# A contact that was let in before is not returned.
_ENROL = text(
    "INSERT INTO workflow_enrolment (workflow_id, contact_id, at)"
    " SELECT w, c, :at FROM unnest(CAST(:workflows AS bigint[]), CAST(:contacts AS bigint[])) AS n(w, c)"
    " ON CONFLICT (workspace_id, workflow_id, contact_id) DO NOTHING RETURNING workflow_id, contact_id"
)
# A contact that is inside is not returned.
_ENTER = text(
    "INSERT INTO workflow_run (workflow_id, version_id, contact_id, standing, waits_for, state, trigger, depth, started_at, changed_at)"
    " SELECT w, v, c, 'waiting', '{}', '{}', CAST(t AS jsonb), d, :at, :at FROM unnest(CAST(:workflows AS bigint[]),"
    " CAST(:versions AS bigint[]), CAST(:contacts AS bigint[]), CAST(:triggers AS text[]), CAST(:depths AS int[]))"
    " WITH ORDINALITY AS n(w, v, c, t, d, o) ORDER BY o"
    " ON CONFLICT (workspace_id, contact_id, workflow_id) WHERE ended_at IS NULL DO NOTHING RETURNING id, workflow_id, contact_id"
)


@dataclass(slots=True)
class Applicant:
    """A contact that is to enter a workflow. ``set_off_by`` is the workflow that set it off, if one did."""

    case: Case
    workflow: Published
    variables: dict[str, Value]
    signal: Signal
    set_off_by: str = ""

    @property
    def key(self) -> tuple[int, int]:
        return self.workflow.id, self.case.contact.id


async def enrol(
    db: WriteSession, applicants: Sequence[Applicant], around: Surroundings, *, too_deep: int
) -> list[tuple[Case, Run, dict[str, Value]]]:
    """Make runs of those who may enter, in their order. One that too many workflows set off in a row has failed already."""
    applicants = await _without_storms(db, applicants, around)
    if not applicants:
        return []
    values = {"at": around.at, "workflows": [each.workflow.id for each in applicants]}
    contacts = [each.case.contact.id for each in applicants]
    first = {tuple(row) for row in (await db.execute(_ENROL, {**values, "contacts": contacts})).all()}
    let_in = [each for each in applicants if each.key in first or not _once(each)]
    if not let_in:
        return []
    # What ended a moment ago, in this transaction, lets its contact in again.
    left = [run for each in let_in for run in each.case.runs.values() if run.state.over and run.plan.workflow_id == each.workflow.id]
    if left:
        await store_runs(db, left, around.at)
    values = {
        "at": around.at,
        "workflows": [each.workflow.id for each in let_in],
        "versions": [each.workflow.plan.version_id for each in let_in],
        "contacts": [each.case.contact.id for each in let_in],
        "triggers": [_told(each) for each in let_in],
        "depths": [each.signal.depth for each in let_in],
    }
    ids = {(row.workflow_id, row.contact_id): row.id for row in (await db.execute(_ENTER, values)).all()}
    begun: list[tuple[Case, Run, dict[str, Value]]] = []
    for each in let_in:
        if (id_ := ids.pop(each.key, None)) is None:
            continue
        run = Run(id_, each.case.contact.id, each.workflow.plan, State(), each.signal.depth, is_new=True, changed=True)
        each.case.runs[id_] = run
        if each.signal.depth > too_deep:
            run.state = run.state.model_copy(update={"standing": "failed"})
            run.why = _loop(each, too_deep)
        else:
            begun.append((each.case, run, each.variables))
    return begun


async def _without_storms(db: WriteSession, applicants: Sequence[Applicant], around: Surroundings) -> Sequence[Applicant]:
    deep = sorted({each.case.contact.id for each in applicants if each.signal.depth >= DEEP})
    if not deep:
        return applicants
    values = {"contacts": deep, "deep": DEEP, "since": around.at - WITHIN}
    often = {contact_id for contact_id, number in (await db.execute(_SET_OFF, values)).all() if number >= MOST_SET_OFF}
    for contact_id in often:
        log.warning("workflow.storm", workspace_id=db.workspace_id, contact_id=contact_id)
    return [each for each in applicants if each.signal.depth < DEEP or each.case.contact.id not in often]


def _once(applicant: Applicant) -> bool:
    triggered = applicant.workflow.plan.definition.trigger
    return triggered is not None and triggered.once


def _told(applicant: Applicant) -> str:
    signal = applicant.signal
    told = {
        "kind": signal.kind,
        "event_id": signal.payload.get("event_id"),
        "by": signal.payload.get("by"),
        "variables": applicant.variables,
    }
    return orjson.dumps({name: value for name, value in told.items() if value is not None}).decode()


def _loop(applicant: Applicant, most: int) -> str:
    by = f", the last one “{applicant.set_off_by}”" if applicant.set_off_by else ""
    return f"{most} workflows set each other off before this one{by}. They run in a circle: change one of them so that it ends."
