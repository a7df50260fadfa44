"""What the runs of a workflow did: the list of them by state, and one with everything it went through."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select, text, tuple_
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.automation.model import WorkflowRun, WorkflowStep, WorkflowVersion
from ismessenger.contacts.errors import NotThere
from ismessenger.contacts.model import Contact
from ismessenger.tenancy.doors import ReadSession
from workflows.definition import Definition, parse
from workflows.engine import MAX_ENTRIES

PAGE: Final = 50
STANDINGS: Final = ("waiting", "done", "failed", "ended")
ROWS: Final = 10 * MAX_ENTRIES
"""Rows of a run that are shown at once, the first ones."""

Position = tuple[datetime, int]

_STEPS = text(
    "SELECT v.id, s ->> 'id', s ->> 'name', s ->> 'kind' FROM workflow_version AS v,"
    " jsonb_array_elements(v.definition -> 'steps') AS s WHERE v.id = ANY (:ids)"
)


@dataclass(frozen=True, slots=True)
class StepName:
    """How a step of a version is called by whoever built it (``name``, often empty), and its kind."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run as lists show it. ``step`` is where it stands or ended.

    ``shown`` says what it waits for, ``until`` when its time is up, as ISO 8601.
    """

    id: int
    contact: Contact
    version: int
    version_id: int
    standing: str
    step: str | None
    shown: str
    until: str | None
    started_at: datetime
    ended_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class RunPage:
    """Some runs, the newest first. ``steps`` names those that they stand at; ``older`` is where the next page begins."""

    runs: Sequence[Run]
    steps: Mapping[tuple[int, str], StepName]
    older: Position | None


@dataclass(frozen=True, slots=True)
class Trail:
    """A run with its version's definition and its rows in order; ``cut`` if there are more of them."""

    run: Run
    trigger: Mapping[str, Any]
    definition: Definition
    rows: Sequence[WorkflowStep]
    cut: bool

    @property
    def names(self) -> Mapping[tuple[int, str], StepName]:
        """How its steps are called."""
        return {(self.run.version_id, step.id): StepName(step.name, step.kind) for step in self.definition.steps}


class RunNotFound(NotThere):
    """There is no such run, or of a contact that the member does not see."""

    def __init__(self) -> None:
        super().__init__("There is no such run. Runs are kept for 90 days.")


async def run_page(
    db: ReadSession,
    member: Member,
    workflow_id: int,
    *,
    standing: str = "",
    step: str = "",
    since: datetime | None = None,
    before: Position | None = None,
) -> RunPage:
    """Runs that the member may see, those of one state, standing at one step, or begun since a time."""
    where = [col(WorkflowRun.workflow_id) == workflow_id, *_chosen(standing, step, since)]
    if before is not None:
        where.append(tuple_(col(WorkflowRun.started_at), col(WorkflowRun.id)) < before)
    statement = _runs(member).where(*where).order_by(col(WorkflowRun.started_at).desc(), col(WorkflowRun.id).desc()).limit(PAGE + 1)
    found = [_run(row) for row in (await db.execute(statement)).all()]
    shown = found[:PAGE]
    older = (shown[-1].started_at, shown[-1].id) if len(found) > PAGE else None
    return RunPage(shown, await _step_names(db, {run.version_id for run in shown}), older)


async def run_counts(db: ReadSession, workflow_id: int, since: datetime | None = None, until: datetime | None = None) -> dict[str, int]:
    """How many runs of a time are in each state."""
    where = [col(WorkflowRun.workflow_id) == workflow_id, *_chosen("", "", since)]
    if until is not None:
        where.append(col(WorkflowRun.started_at) < until)
    statement = select(col(WorkflowRun.standing), func.count()).where(*where).group_by(col(WorkflowRun.standing))
    return dict.fromkeys(STANDINGS, 0) | {str(standing): int(number) for standing, number in (await db.execute(statement)).all()}


async def run_named(db: ReadSession, member: Member, workflow_id: int, run_id: int) -> Trail:
    """One run with what it went through. Raises `RunNotFound`."""
    wanted = _runs(member).add_columns(col(WorkflowRun.trigger), col(WorkflowVersion.definition))
    row = (await db.execute(wanted.where(col(WorkflowRun.workflow_id) == workflow_id, col(WorkflowRun.id) == run_id))).first()
    if row is None:
        raise RunNotFound
    steps = select(WorkflowStep).where(col(WorkflowStep.run_id) == run_id).order_by(col(WorkflowStep.id)).limit(ROWS + 1)
    rows = (await db.execute(steps)).scalars().all()
    return Trail(_run(row), row.trigger, parse(row.definition), rows[:ROWS], len(rows) > ROWS)


def _runs(member: Member) -> Select[*tuple[Any, ...]]:
    # The state may hold 64 KiB of variables, of which a list shows nothing.
    waiting = col(WorkflowRun.state)["waiting"]
    return (
        select(
            col(WorkflowRun.id),
            Contact,
            col(WorkflowVersion.number),
            col(WorkflowRun.version_id),
            col(WorkflowRun.standing),
            col(WorkflowRun.step),
            func.coalesce(waiting["shown"].astext, "").label("shown"),
            waiting["until"].astext.label("until"),
            col(WorkflowRun.started_at),
            col(WorkflowRun.ended_at),
            col(WorkflowRun.error),
        )
        .join(Contact, col(Contact.id) == col(WorkflowRun.contact_id))
        .join(WorkflowVersion, col(WorkflowVersion.id) == col(WorkflowRun.version_id))
        .where(visible_to(member))
    )


def _chosen(standing: str, step: str, since: datetime | None) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if standing:
        chosen.append(col(WorkflowRun.standing) == standing)
    if step:
        chosen.append(col(WorkflowRun.step) == step)
    if since is not None:
        chosen.append(col(WorkflowRun.started_at) >= since)
    return chosen


def _run(row: Row[Any]) -> Run:
    return Run(
        row.id,
        row.Contact,
        row.number,
        row.version_id,
        row.standing,
        row.step,
        row.shown,
        row.until,
        row.started_at,
        row.ended_at,
        row.error,
    )


async def _step_names(db: ReadSession, version_ids: Collection[int]) -> dict[tuple[int, str], StepName]:
    if not version_ids:
        return {}
    rows = (await db.execute(_STEPS, {"ids": sorted(version_ids)})).all()
    return {(version, step): StepName(name or "", kind) for version, step, name, kind in rows}
