"""Begin another workflow with this contact."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Final

from pydantic import Field

from ismessenger.sdk.step import MAX_VALUE, NEXT, Exit, Fault, Next, Outcome, Part, Scene, Start, Thing, refers_to, widget
from ismessenger.sdk.words import gettext
from workflows.names import VariableName

MAX_PASSED: Final = 20


class Passed(Part):
    """A variable that the other workflow gets."""

    name: Annotated[VariableName, Field(title="Variable")] = ""
    value: Annotated[str, Field(title="Value", max_length=2000), widget("text")] = ""


class TriggerWorkflow:
    """Begins another workflow; this one goes on to its end."""

    kind: ClassVar = "trigger_workflow"
    name: ClassVar = "Trigger another workflow"
    description: ClassVar = "Begin another published workflow with this contact and hand it values."
    icon: ClassVar = "workflow"
    group: ClassVar = "Logic"

    class Params(Part):
        workflow_id: Annotated[int | None, Field(title="Workflow"), refers_to("workflow")] = None
        variables: Annotated[
            list[Passed],
            Field(title="Values to hand over", description="The other workflow has them as variables.", max_length=MAX_PASSED),
            widget(item="value"),
        ] = []

    def exits(self, _params: Params) -> Sequence[Exit]:
        """One way on."""
        return (NEXT,)

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """Which one."""
        return name_of("workflow", params.workflow_id) if params.workflow_id else ""

    def faults(self, params: Params) -> Sequence[Fault]:
        """No workflow, or values without a name."""
        found = [] if params.workflow_id else [Fault(gettext("Choose the workflow to begin."), "workflow_id")]
        for place, passed in enumerate(params.variables):
            if not passed.name:
                found.append(Fault(gettext("Give the variable a name."), f"variables.{place}.name"))
        return found

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Begin it."""
        variables = {passed.name: scene.filled(passed.value)[:MAX_VALUE] for passed in params.variables if passed.name}
        return Next(effects=(Start(workflow_id=params.workflow_id or 0, variables=variables),))
