"""A draft made ready to be tried, though parts of it may not be finished."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError

from ismessenger.sdk.step import NEXT, Exit, Fail, Step, Trigger
from ismessenger.sdk.words import marked
from workflows.definition import Definition
from workflows.program import Program

UNREADY: Final = "unready"


class Unready:
    """Stands for a step that is not finished: the run ends there and says so."""

    kind = UNREADY
    name = description = icon = group = ""

    class Params(BaseModel):
        """None."""

    def exits(self, _params: Any) -> Sequence[Exit]:
        """One."""
        return [NEXT]

    def summary(self, _params: Any, _name_of: Any) -> str:
        """Nothing."""
        return ""

    def run(self, _params: Any, _scene: Any) -> Fail:
        """Say so."""
        return Fail(marked("This step is not finished: mend what is marked red in it, then try again."))


def ready(definition: Definition, steps: Mapping[str, Step], triggers: Mapping[str, Trigger]) -> Program:
    """A draft made ready. Steps whose parameters cannot be read fail when they are reached; such a trigger is as good as none."""
    placed = tuple(
        step if _is_finished(step.params, steps.get(step.kind)) else step.model_copy(update={"kind": UNREADY, "params": {}})
        for step in definition.steps
    )
    trigger = definition.trigger
    known = trigger is not None and trigger.kind in triggers and _is_finished(trigger.params, triggers[trigger.kind])
    changes = {"steps": placed, "trigger": trigger if known else None}
    return Program(definition.model_copy(update=changes), {**steps, UNREADY: cast("Step", Unready())}, triggers)


def _is_finished(params: Mapping[str, Any], kind: Step | Trigger | None) -> bool:
    if kind is None:
        return True  # the engine says which plugin is missing
    try:
        kind.Params.model_validate(params)
    except ValidationError:
        return False
    return True
