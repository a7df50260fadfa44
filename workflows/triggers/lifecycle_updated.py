"""The contact came into another stage."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ismessenger.sdk.step import Fact, Part, Thing, Value, Variable, refers_to, widget
from ismessenger.sdk.words import gettext
from workflows.wording import line


class LifecycleUpdated:
    """Begins when the contact comes into one of the chosen stages. Details: ``from``, ``to``, ``from_name``, ``to_name``."""

    kind: ClassVar = "lifecycle_updated"
    name: ClassVar = "Lifecycle updated"
    description: ClassVar = "The contact came into another stage of the lifecycle."
    icon: ClassVar = "milestone"
    listens: ClassVar[Sequence[str]] = ("lifecycle.updated",)

    class Params(Part):
        stage_ids: Annotated[
            list[int], Field(title="New stage", description="Without a choice, any.", max_length=50), refers_to("stage")
        ] = []
        leaving: Annotated[
            bool, Field(title="Also when the stage is taken away", description="Then there is no new stage."), widget(advanced=True)
        ] = False

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """Which stages."""
        return line(", ".join(name_of("stage", stage_id) for stage_id in params.stage_ids) or gettext("Any stage"))

    def variables(self, _params: Params) -> Sequence[Variable]:
        """The stages' names."""
        return (Variable("old_stage", gettext("Old stage")), Variable("new_stage", gettext("New stage")))

    def match(self, params: Params, fact: Fact) -> Mapping[str, Value] | None:
        """The stages, if the new one is wanted."""
        if fact.kind not in self.listens:
            return None
        stage_id = fact.details.get("to")
        wanted = params.leaving if stage_id is None else not params.stage_ids or stage_id in params.stage_ids
        return {"old_stage": fact.details.get("from_name"), "new_stage": fact.details.get("to_name")} if wanted else None
