"""Only other workflows begin it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from ismessenger.sdk.step import Fact, Fault, Part, Thing, Value, Variable, widget
from ismessenger.sdk.words import gettext
from workflows.names import VariableName
from workflows.wording import line

MAX_INPUTS: Final = 20


class Expected(Part):
    """A variable that whoever begins the workflow hands over."""

    name: Annotated[VariableName, Field(title="Variable")] = ""
    label: Annotated[str, Field(title="Description", max_length=100)] = ""


class Manual:
    """Begins when a step of another workflow says so, with what that step hands over."""

    kind: ClassVar = "manual"
    name: ClassVar = "Manual trigger"
    description: ClassVar = "Begins only where another workflow triggers it."
    icon: ClassVar = "play"
    listens: ClassVar[Sequence[str]] = ()

    class Params(Part):
        inputs: Annotated[
            list[Expected],
            Field(title="Values handed over", description="What the other workflow hands over under these names.", max_length=MAX_INPUTS),
            widget(item="value"),
        ] = []

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """What it expects."""
        return line(", ".join(f"${given.name}" for given in params.inputs if given.name))

    def faults(self, params: Params) -> Sequence[Fault]:
        """Values without a name."""
        return [
            Fault(gettext("Give the variable a name."), f"inputs.{place}.name")
            for place, given in enumerate(params.inputs)
            if not given.name
        ]

    def variables(self, params: Params) -> Sequence[Variable]:
        """What is handed over."""
        return [Variable(given.name, given.label or given.name) for given in params.inputs if given.name]

    def match(self, _params: Params, _fact: Fact) -> Mapping[str, Value] | None:
        """No fact begins it."""
        return None
