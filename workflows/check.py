"""What keeps a workflow from being published: each problem with its step, its field, and a sentence."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, Protocol

from pydantic import BaseModel

from ismessenger.sdk.integration import SECRET
from ismessenger.sdk.step import Fault, Step, Thing, Trigger, Variable
from ismessenger.sdk.words import gettext, marked
from workflows import expressions, reading
from workflows.conditions import MAX_CONDITIONS, leaves
from workflows.definition import Definition
from workflows.outline import Outline, ReadStep

MAX_PROBLEMS: Final = 200
TRIGGER: Final = "trigger"

_GONE: Final[Mapping[Thing, str]] = {
    "tag": marked("This tag was deleted. Choose another one."),
    "stage": marked("This lifecycle stage was deleted. Choose another one."),
    "field": marked("This field was deleted. Choose another one."),
    "channel": marked("This channel was deleted. Choose another one."),
    "member": marked("This member was deleted. Choose another one."),
    "team": marked("This team was deleted. Choose another one."),
    "category": marked("This closing category was deleted. Choose another one."),
    "file": marked("This file was deleted. Choose another one."),
    "workflow": marked("This workflow was deleted. Choose another one."),
    "secret": marked("This secret was deleted. Choose another one."),
    "connection": marked("This connection was deleted. Choose another one."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """``step`` is a step's id, ``trigger``, or empty for the whole; ``field`` a path in its parameters, ``condition`` the trigger's."""

    step: str
    field: str
    words: str


class Known(Protocol):
    """What there is in the workspace."""

    @property
    def variables(self) -> Sequence[Variable]:
        """Variables that there always are: of the contact, the assignee, the system."""
        ...

    def name(self, thing: Thing, id_: int | str) -> str | None:
        """What it is called, a secret by its name; None if it is not there any more."""
        ...

    def condition_fault(self, condition: Mapping[str, Any], variables: Sequence[Variable]) -> str:
        """What is broken about a condition that may ask for these variables of the run, in a sentence; empty if nothing is."""
        ...


def problems(definition: Definition, steps: Mapping[str, Step], triggers: Mapping[str, Trigger], known: Known) -> list[Problem]:
    """All that is wrong, in the order of the steps; empty if it can be published."""
    return list(islice(_Checked(Outline(definition, steps, triggers), known).all(), MAX_PROBLEMS))


class _Checked:
    def __init__(self, outline: Outline, known: Known) -> None:
        self._outline = outline
        self._definition = outline.definition
        self._known = known
        self._anywhere = {variable.name for variable in outline.anywhere}
        self._always = {variable.name for variable in known.variables}

    def all(self) -> Iterator[Problem]:
        yield from self._trigger()
        for placed in self._definition.steps:
            read = self._outline.steps.get(placed.id)
            if read is None:
                yield Problem(placed.id, "", gettext("The plugin of the step “%(kind)s” is not installed.") % {"kind": placed.kind})
            else:
                yield from (Problem(placed.id, fault.field, fault.words) for fault in self._step(read))
        yield from self._ways()

    def _trigger(self) -> Iterator[Problem]:
        placed, read = self._definition.trigger, self._outline.trigger
        if placed is None:
            yield Problem(TRIGGER, "", gettext("Choose what begins the workflow."))
        elif read is None:
            yield Problem(TRIGGER, "", gettext("The plugin of the trigger “%(kind)s” is not installed.") % {"kind": placed.kind})
        else:
            for fault in [*read.faults, *self._gone(read.params)]:
                yield Problem(TRIGGER, fault.field, fault.words)
            if leaves(placed.condition) > MAX_CONDITIONS:
                yield Problem(TRIGGER, "condition", gettext("A trigger has at most %(number)s conditions.") % {"number": MAX_CONDITIONS})
            elif leaves(placed.condition) and (words := self._known.condition_fault(placed.condition, read.variables)):
                yield Problem(TRIGGER, "condition", words)
        if self._definition.start is None:
            yield Problem(TRIGGER, "", gettext("No step stands behind the trigger yet."))

    def _step(self, read: ReadStep) -> Iterator[Fault]:
        variables = self._outline.variables_at(read.placed.id)
        yield from read.faults
        yield from self._gone(read.params)
        yield from self._targets(read)
        yield from self._words(read.params, self._always | {variable.name for variable in variables})
        for field, condition in reading.conditions(read.params):
            if leaves(condition) and (words := self._known.condition_fault(condition, variables)):
                yield Fault(words, field)
        branches = [exit_.id for exit_ in read.exits if exit_.kind == "branch"]
        if branches and not any(exit_ in read.placed.exits for exit_ in branches):
            yield Fault(gettext("No step stands behind any of these ways."))

    def _gone(self, params: BaseModel) -> Iterator[Fault]:
        for reference in reading.references(params):
            if (words := _GONE.get(reference.thing)) and self._known.name(reference.thing, reference.id) is None:
                yield Fault(gettext(words), reference.field)

    def _targets(self, read: ReadStep) -> Iterator[Fault]:
        for reference in reading.references(read.params):
            if reference.thing != "step":
                continue
            if self._definition.step(str(reference.id)) is None:
                yield Fault(gettext("The step to jump to was deleted. Choose another one."), reference.field)
            elif reference.id == read.placed.id:
                yield Fault(gettext("A step cannot jump to itself."), reference.field)

    def _words(self, params: BaseModel, here: Collection[str]) -> Iterator[Fault]:
        for field, text in reading.texts(params):
            for name in expressions.unknown_in(text, here):
                later = name in self._anywhere
                words = gettext("There is no variable $%(name)s before this step.") if later else gettext("There is no variable $%(name)s.")
                yield Fault(words % {"name": name}, field)
            for fault in expressions.faults_in(text):
                yield Fault(fault, field)
            for named in SECRET.finditer(text):
                if self._known.name("secret", named[1]) is None:
                    yield Fault(gettext("There is no secret %(name)s.") % {"name": named[1]}, field)

    def _ways(self) -> Iterator[Problem]:
        """Steps that no way leads to, each heap of them once."""
        parents = {child: (placed.id, exit_) for placed in self._definition.steps for exit_, child in placed.exits.items()}
        for placed in self._definition.steps:
            if placed.id in self._outline.reached:
                continue
            parent, exit_ = parents.get(placed.id, ("", ""))
            if not parent:
                yield Problem(placed.id, "", gettext("No way leads to this step. Delete it, or put it behind another one."))
            elif parent in self._outline.reached and not self._outline.has_exit(parent, exit_):
                name = self._outline.steps[parent].name
                words = gettext("The way that led here from “%(name)s” is gone. Delete this step, or put it behind another one.")
                yield Problem(placed.id, "", words % {"name": name})
