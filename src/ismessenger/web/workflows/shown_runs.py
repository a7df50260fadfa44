"""Runs of workflows as pages show them: a line of the list, and what one went through, entry by entry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from babel.dates import format_timedelta
from pydantic import ValidationError

from ismessenger.automation.history import Run, StepName, Trail
from ismessenger.automation.model import WorkflowStep
from ismessenger.language import locale
from ismessenger.plugins import Plugins
from ismessenger.sdk.step import Step
from ismessenger.sdk.words import gettext
from ismessenger.web.workflows.effect_words import stored_effect_words
from ismessenger.web.workflows.icons import icon_of
from ismessenger.web.workflows.words import Line, NameOf, setting_lines, value_lines, variable_lines
from workflows.definition import Placed

Mark = Literal["done", "failed", "waiting"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list. ``step`` names where it stands or ended; ``until`` is when its wait is over. Unknown kinds have no ``icon``."""

    id: int
    contact_id: int
    contact: str
    version: int
    standing: str
    step_id: str
    step: str
    icon: str
    shown: str
    until: datetime | None
    started_at: datetime
    ended_at: datetime | None
    took: str
    error: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """Something that a step had done; ``failed`` says why it was not."""

    words: str
    failed: str = ""


@dataclass(frozen=True, slots=True)
class PassRow:
    """One thing that happened at a step: what it put out, what it set, what it had done, what went wrong."""

    at: datetime
    output: Sequence[Line]
    variables: Sequence[Line]
    effects: Sequence[EffectRow]
    error: str


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A step as it was entered once. ``exit`` is the label of the way on that it took, ``settings`` its parameters."""

    step_id: str
    name: str
    kind: str
    icon: str
    mark: Mark
    began_at: datetime
    took: str
    exit: str
    settings: Sequence[Line]
    passes: Sequence[PassRow]


def run_row(run: Run, steps: Mapping[tuple[int, str], StepName], plugins: Plugins, now: datetime) -> RunRow:
    """A line of the list."""
    stands = steps.get((run.version_id, run.step or ""))
    kind = plugins.steps.get(stands.kind) if stands else None
    return RunRow(
        id=run.id,
        contact_id=run.contact.id,
        contact=run.contact.called(()),
        version=run.version,
        standing=run.standing,
        step_id=run.step or "" if stands else "",
        step=(stands.name or (gettext(kind.name) if kind else stands.kind)) if stands else "",
        icon=icon_of(kind) if kind else "",
        shown=gettext(run.shown) if run.shown else "",
        until=datetime.fromisoformat(run.until) if run.until else None,
        started_at=run.started_at,
        ended_at=run.ended_at,
        took=length_words((run.ended_at or now) - run.started_at),
        error=gettext(run.error) if run.error else "",
    )


def entry_rows(trail: Trail, plugins: Plugins, name_of: NameOf, timezone: str, now: datetime) -> list[EntryRow]:
    """What a run went through, in order."""
    found = []
    for (_entry, step_id), group in groupby(trail.rows, lambda row: (row.entry, row.step)):
        rows = list(group)
        placed = trail.definition.step(step_id)
        found.append(_entry_row(placed, rows, plugins.steps.get(rows[0].kind), _Telling(name_of, timezone, now)))
    return found


def trigger_lines(trail: Trail) -> Sequence[Line]:
    """The variables that the run began with."""
    variables = trail.trigger.get("variables", trail.trigger)
    return variable_lines(variables) if isinstance(variables, Mapping) else ()


def length_words(length: timedelta) -> str:
    """How long something took: "0.4 s", "3 min", "2 days"."""
    if length < timedelta(seconds=1):
        return gettext("under a second")
    return format_timedelta(length, granularity="second", threshold=1.2, format="short", locale=locale())


@dataclass(frozen=True, slots=True)
class _Telling:
    name_of: NameOf
    timezone: str
    now: datetime


def _entry_row(placed: Placed | None, rows: Sequence[WorkflowStep], step: Step | None, telling: _Telling) -> EntryRow:
    first, last = rows[0], rows[-1]
    kind = gettext(step.name) if step else first.kind
    left = last.exit is not None or last.error is not None
    return EntryRow(
        step_id=first.step,
        name=(placed.name if placed else "") or kind,
        kind=kind,
        icon=icon_of(step) if step else "",
        mark="failed" if last.error is not None else "done" if left else "waiting",
        began_at=first.began_at,
        took=length_words((last.at if left else telling.now) - first.began_at),
        exit=_exit_words(placed, step, last.exit),
        settings=_settings(placed, step, telling.name_of),
        passes=list(_passes(rows, telling)),
    )


def _passes(rows: Sequence[WorkflowStep], telling: _Telling) -> Iterator[PassRow]:
    for row in rows:
        effects = [
            EffectRow(stored_effect_words(effect, telling.name_of, telling.timezone), str(effect.get("reason") or ""))
            for effect in row.effects
        ]
        yield PassRow(
            row.at,
            value_lines(row.output, telling.name_of),
            variable_lines(row.variables),
            effects,
            gettext(row.error) if row.error else "",
        )


def _settings(placed: Placed | None, step: Step | None, name_of: NameOf) -> Sequence[Line]:
    if placed is None or step is None:
        return ()
    try:
        return setting_lines(step.Params.model_validate(placed.params), name_of)
    except ValidationError:
        return ()


def _exit_words(placed: Placed | None, step: Step | None, exit_: str | None) -> str:
    if exit_ is None:
        return ""
    if exit_ == "jump":
        return gettext("Jumped")
    try:
        known = step.exits(step.Params.model_validate(placed.params)) if placed and step else ()
    except ValidationError:
        known = ()
    ways = [each for each in known if each.id == exit_]
    return ways[0].label if ways and len(known) > 1 else ""
