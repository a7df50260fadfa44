"""What the canvas shows of a definition: a line for each step, its ways on, the variables that it gives. Also while it is a draft."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from pydantic import BaseModel

from ismessenger.sdk.step import NEXT, Exit, Gives, Step, Thing, Trigger, Variable
from ismessenger.sdk.words import gettext, marked
from workflows.definition import Definition
from workflows.reading import as_far_as_possible

GONE: Final = marked("(deleted)")
NameOf = Callable[[Thing, Any], str | None]
"""The name of something by its id, None if it is not there any more."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is made of the parameters of one step, or of the trigger."""

    summary: str = ""
    exits: Sequence[Exit] = ()
    variables: Sequence[Variable] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As the builder's page takes it."""
        return {
            "summary": self.summary,
            "exits": [asdict(exit_) for exit_ in self.exits],
            "variables": [{**asdict(variable), "options": [list(option) for option in variable.options]} for variable in self.variables],
        }


def looks(definition: Definition, steps: Mapping[str, Step], triggers: Mapping[str, Trigger], name_of: NameOf) -> dict[str, Look]:
    """By the step's id, and of the trigger as ``trigger``."""
    named = _within(definition, steps, name_of)
    found = {placed.id: look(steps.get(placed.kind), placed.params, named) for placed in definition.steps}
    if definition.trigger:
        found["trigger"] = look_of_trigger(triggers.get(definition.trigger.kind), definition.trigger.params, named)
    return found


def look(step: Step | None, params: Mapping[str, Any], name_of: NameOf) -> Look:
    """Of one step. One whose plugin is missing has no ways on."""
    if step is None:
        return Look(gettext("This step’s plugin is not installed."))
    read = as_far_as_possible(step.Params, params)
    try:
        return Look(step.summary(read, _always(name_of)), ways_of(step, read), variables_of(step, read))
    except (AttributeError, TypeError, ValueError, LookupError):
        # Whatever a third party's step makes of parameters that are not all there.
        return Look()


def look_of_trigger(trigger: Trigger | None, params: Mapping[str, Any], name_of: NameOf) -> Look:
    """Of the trigger; it has no exits, as one step stands behind it."""
    if trigger is None:
        return Look(gettext("This trigger’s plugin is not installed."))
    read = as_far_as_possible(trigger.Params, params)
    try:
        return Look(trigger.summary(read, _always(name_of)), (), list(trigger.variables(read)))
    except (AttributeError, TypeError, ValueError, LookupError):
        return Look()


def blank(kind: Step | Trigger) -> dict[str, Any]:
    """The parameters of a new step or trigger, as far as they have defaults."""
    read: BaseModel = as_far_as_possible(kind.Params, {})
    return read.model_dump(mode="json")


def ways_of(step: Step, params: Any) -> list[Exit]:
    """The ways on from a step, the common one in the language of whoever looks."""
    return [replace(NEXT, label=gettext(NEXT.label)) if exit_ == NEXT else exit_ for exit_ in step.exits(params)]


def variables_of(step: Step, params: Any) -> list[Variable]:
    """What a step gives to those after it."""
    return list(step.variables(params)) if isinstance(step, Gives) else []


def _within(definition: Definition, steps: Mapping[str, Step], name_of: NameOf) -> NameOf:
    """Names also of the definition's own steps."""

    def named(thing: Thing, id_: Any) -> str | None:
        if thing != "step":
            return name_of(thing, id_)
        placed = definition.step(str(id_))
        if placed is None:
            return None
        return placed.name or (gettext(steps[placed.kind].name) if placed.kind in steps else placed.kind)

    return named


def _always(name_of: NameOf) -> Callable[[Thing, Any], str]:
    return lambda thing, id_: name_of(thing, id_) or gettext(GONE)
