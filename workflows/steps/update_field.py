"""Set a field of the contact."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ismessenger.sdk.step import Exit, Fail, Fault, Heard, Next, Outcome, Part, Result, Scene, SetField, Thing, Wait, refers_to, widget
from ismessenger.sdk.words import gettext
from workflows.wording import line


class UpdateField:
    """Writes a value, or what a variable holds, into a field."""

    kind: ClassVar = "update_field"
    name: ClassVar = "Update a field"
    description: ClassVar = "Set a field of the contact, or empty it."
    icon: ClassVar = "text-cursor-input"
    group: ClassVar = "Contact"

    class Params(Part):
        field: Annotated[str | None, Field(title="Field"), refers_to("field")] = None
        clear: Annotated[bool, Field(title="Empty the field")] = False
        value: Annotated[
            str,
            Field(
                title="Value",
                description="Words or variables. A variable without a value leaves the field as it is.",
                max_length=2000,
            ),
            widget("words", when={"clear": [False]}),
        ] = ""
        failure_branch: Annotated[
            bool,
            Field(title="Failure branch", description="Go another way if the field does not take the value. Else the workflow goes on."),
            widget(advanced=True),
        ] = False

    def exits(self, params: Params) -> Sequence[Exit]:
        """Success and failure, or one way on."""
        return (
            (Exit("next", gettext("Success")), Exit("failure", gettext("Failure"), "failure"))
            if params.failure_branch
            else (Exit("next", gettext("Next")),)
        )

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """Which field becomes what."""
        if params.field is None:
            return ""
        name = name_of("field", params.field)
        return gettext("Empty %(field)s") % {"field": name} if params.clear else line(f"{name}: {params.value}")

    def faults(self, params: Params) -> Sequence[Fault]:
        """No field, or nothing to put there."""
        found = [] if params.field else [Fault(gettext("Choose a field."), "field")]
        if not (params.clear or params.value.strip()):
            found.append(Fault(gettext("Say what the field is to hold, or that it is to be emptied."), "value"))
        return found

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Set it; whether the field takes the value comes as a result."""
        value = None if params.clear else scene.filled(params.value).strip()
        if value == "":
            return Next(output={"unchanged": gettext("There was no value to put there.")})
        return Wait(
            ("result",),
            effects=(SetField(field=params.field or "", value=value),),
            memory={"value": value},
            shown=gettext("the field to be set"),
        )

    def resume(self, params: Params, scene: Scene, heard: Heard) -> Outcome:
        """Go on, or another way."""
        if isinstance(heard, Result) and not heard.ok:
            return Fail(heard.reason, "failure" if params.failure_branch else "next")
        return Next(output={"value": scene.memory.get("value")})
