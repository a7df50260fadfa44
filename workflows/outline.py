"""A definition with each of its steps read once: parameters, ways on, the variables that are there at a step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import BaseModel

from ismessenger.sdk.step import Checks, Exit, Fault, Gives, Step, Trigger, Variable
from ismessenger.sdk.words import gettext
from workflows import reading
from workflows.definition import Definition, Placed


@dataclass(frozen=True, slots=True)
class ReadStep:
    """A step as far as it can be read. ``targets`` are the steps that it can jump to."""

    placed: Placed
    step: Step
    params: BaseModel
    faults: Sequence[Fault]
    exits: Sequence[Exit]
    variables: Sequence[Variable]
    targets: Sequence[str]

    @property
    def name(self) -> str:
        """What it is called on the canvas."""
        return self.placed.name or gettext(self.step.name)


@dataclass(frozen=True, slots=True)
class ReadTrigger:
    """The same of the trigger."""

    params: BaseModel
    faults: Sequence[Fault] = ()
    variables: Sequence[Variable] = field(default_factory=list)


class Outline:
    """What its steps say of themselves. Those whose plugin is missing are not among ``steps``."""

    def __init__(self, definition: Definition, steps: Mapping[str, Step], triggers: Mapping[str, Trigger]) -> None:
        self.definition = definition
        self.steps = {placed.id: _step(placed, steps[placed.kind]) for placed in definition.steps if placed.kind in steps}
        trigger = triggers.get(definition.trigger.kind) if definition.trigger else None
        self.trigger = _trigger(trigger, definition.trigger.params) if definition.trigger and trigger else None

    @cached_property
    def anywhere(self) -> list[Variable]:
        """The variables that the trigger and all steps give."""
        return [*self.from_trigger, *(variable for read in self.steps.values() for variable in read.variables)]

    @property
    def from_trigger(self) -> Sequence[Variable]:
        """Those of the trigger."""
        return self.trigger.variables if self.trigger else ()

    def variables_at(self, step_id: str) -> list[Variable]:
        """Those that are there when a step is reached. Where jumps lead about, what any step gives."""
        if self._jumps:
            return self.anywhere
        before = [self.steps[placed.id] for placed in self.definition.before(step_id) if placed.id in self.steps]
        return [*self.from_trigger, *(variable for read in reversed(before) for variable in read.variables)]

    @cached_property
    def reached(self) -> set[str]:
        """The steps that a way leads to: through exits that are there, or by a jump."""
        reached: set[str] = set()
        ahead = [self.definition.start] if self.definition.start else []
        placed = {step.id: step for step in self.definition.steps}
        while ahead:
            step_id = ahead.pop()
            if step_id in reached or step_id not in placed:
                continue
            reached.add(step_id)
            ahead += [child for exit_, child in placed[step_id].exits.items() if self.has_exit(step_id, exit_)]
            ahead += self.steps[step_id].targets if step_id in self.steps else ()
        return reached

    def has_exit(self, step_id: str, exit_: str) -> bool:
        """Whether a step has such a way on. One whose plugin is missing has them all."""
        read = self.steps.get(step_id)
        return read is None or any(exit_ == known.id for known in read.exits)

    @cached_property
    def _jumps(self) -> bool:
        return any(read.targets for read in self.steps.values())


def _step(placed: Placed, step: Step) -> ReadStep:
    params, faults = _read(step, placed.params)
    try:
        exits, variables = list(step.exits(params)), list(step.variables(params)) if isinstance(step, Gives) else []
    except (AttributeError, TypeError, ValueError, LookupError):
        # Whatever a third party's step makes of parameters that are not all there.
        exits, variables = [], []
    targets = [str(reference.id) for reference in reading.references(params) if reference.thing == "step"]
    return ReadStep(placed, step, params, faults, exits, variables, targets)


def _trigger(trigger: Trigger, params: Mapping[str, object]) -> ReadTrigger:
    read, faults = _read(trigger, params)
    try:
        return ReadTrigger(read, faults, list(trigger.variables(read)))
    except (AttributeError, TypeError, ValueError, LookupError):
        return ReadTrigger(read, faults)


def _read(kind: Step | Trigger, params: Mapping[str, object]) -> tuple[BaseModel, list[Fault]]:
    read, faults = reading.read(kind.Params, params)
    if not faults and isinstance(kind, Checks):
        faults = _said(kind, read)
    return read, faults


def _said(kind: Checks, params: BaseModel) -> list[Fault]:
    try:
        return [fault if isinstance(fault, Fault) else Fault(fault) for fault in kind.faults(params)]
    except (AttributeError, TypeError, ValueError, LookupError):
        return [Fault(gettext("The plugin of this step is broken: it cannot say whether its settings are right."))]
