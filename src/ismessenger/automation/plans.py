"""Definitions ready to run. Versions never change: each is read once per process."""

from collections import OrderedDict
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog
from pydantic import ValidationError
from sqlalchemy import select
from sqlmodel import col

from ismessenger.automation.model import WorkflowVersion
from ismessenger.conditions.vocabulary import KnownVariable
from ismessenger.plugins import Plugins
from ismessenger.sdk.step import Gives, Variable
from ismessenger.tenancy.doors import ReadSession
from workflows.definition import Definition, parse
from workflows.program import Program

log = structlog.get_logger()

KEPT: Final = 2000
_DEAR: Final = ("messageText", "assigneeStatus", "lastIncomingMessage", "last_message", "channel")
"""Words of a definition that say that something is needed which is not read for every contact."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A version: the program, the variables that its runs can have, and which of `_DEAR` it needs."""

    workflow_id: int
    version_id: int
    program: Program
    variables: Mapping[str, KnownVariable]
    needs: frozenset[str]
    trigger_params: Any = None

    @property
    def definition(self) -> Definition:
        """What it runs."""
        return self.program.definition


class Plans:
    """Those of one process, the ones used last."""

    def __init__(self, plugins: Plugins) -> None:
        self._plugins = plugins
        self._kept: OrderedDict[tuple[int, int], Plan] = OrderedDict()

    async def of(self, db: ReadSession, version_ids: Collection[int]) -> dict[int, Plan]:
        """The plans of these versions, by their ids. One that is gone or cannot be read is missing."""
        missing = [id_ for id_ in version_ids if (db.workspace_id, id_) not in self._kept]
        if missing:
            statement = select(WorkflowVersion).where(col(WorkflowVersion.id).in_(missing))
            for version in (await db.execute(statement)).scalars():
                try:
                    self._kept[db.workspace_id, version.id] = self._plan(version)
                except Exception:
                    # A plugin that breaks, or a definition of another time, must not hold up all other workflows.
                    log.exception("workflow.unreadable", workspace_id=db.workspace_id, workflow_id=version.workflow_id)
        found = {id_: plan for id_ in version_ids if (plan := self._kept.get((db.workspace_id, id_))) is not None}
        for id_ in found:
            self._kept.move_to_end((db.workspace_id, id_))
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return found

    def _plan(self, version: WorkflowVersion) -> Plan:
        program = Program(parse(version.definition), self._plugins.steps, self._plugins.triggers)
        words = orjson.dumps(version.definition).decode()
        needs = frozenset(word for word in _DEAR if word in words)
        return Plan(version.workflow_id, version.id, program, variables_of(program), needs, _trigger_params(program))


def variables_of(program: Program) -> dict[str, KnownVariable]:
    """All that runs of a program can have, from its trigger and its steps. What cannot be read gives none."""
    found: list[Variable] = []
    definition = program.definition
    if (trigger := program.trigger) is not None and (params := _trigger_params(program)) is not None:
        found += trigger.variables(params)
    for placed in definition.steps:
        step = program.step(placed.kind)
        if isinstance(step, Gives):
            with suppress(ValidationError):
                found += step.variables(program.params(placed))
    return {given.name: KnownVariable(given.name, given.label, given.type, given.options) for given in found}


def _trigger_params(program: Program) -> Any:
    triggered, trigger = program.definition.trigger, program.trigger
    if triggered is None or trigger is None:
        return None
    try:
        return trigger.Params.model_validate(triggered.params)
    except ValidationError:
        return None
