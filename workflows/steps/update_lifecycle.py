"""Move the contact to a stage of the lifecycle."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from ismessenger.sdk.step import NEXT, Exit, Fault, Next, Outcome, Part, Scene, SetStage, Thing, refers_to, widget
from ismessenger.sdk.words import gettext


class UpdateLifecycle:
    """Sets the stage, or takes the contact out of the lifecycle."""

    kind: ClassVar = "update_lifecycle"
    name: ClassVar = "Update the lifecycle stage"
    description: ClassVar = "Move the contact to a stage of the lifecycle, or out of it."
    icon: ClassVar = "milestone"
    group: ClassVar = "Contact"

    class Params(Part):
        action: Annotated[
            Literal["set", "clear"], Field(title="What to do"), widget(labels={"set": "Set a stage", "clear": "Take the stage away"})
        ] = "set"
        stage_id: Annotated[int | None, Field(title="Stage"), refers_to("stage", when={"action": ["set"]})] = None

    def exits(self, _params: Params) -> Sequence[Exit]:
        """One way on."""
        return (NEXT,)

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """The stage."""
        if params.action == "clear":
            return gettext("No stage")
        return name_of("stage", params.stage_id) if params.stage_id else ""

    def faults(self, params: Params) -> Sequence[Fault]:
        """No stage was chosen."""
        return [Fault(gettext("Choose a stage."), "stage_id")] if params.action == "set" and params.stage_id is None else []

    def run(self, params: Params, _scene: Scene) -> Outcome:
        """Set it."""
        return Next(effects=(SetStage(stage_id=params.stage_id if params.action == "set" else None),))
