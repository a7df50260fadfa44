"""A field of the contact changed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ismessenger.sdk.step import Fact, Fault, Part, Thing, Value, Variable, refers_to
from ismessenger.sdk.words import gettext
from workflows.wording import line


class FieldUpdated:
    """Begins when one of the chosen fields changes. Each field is a fact of its own. Details: ``key``, ``name``, ``old``, ``new``."""

    kind: ClassVar = "field_updated"
    name: ClassVar = "Field updated"
    description: ClassVar = "A field of the contact got another value."
    icon: ClassVar = "text-cursor-input"
    listens: ClassVar[Sequence[str]] = ("contact.updated",)

    class Params(Part):
        fields: Annotated[list[str], Field(title="Fields", max_length=50), refers_to("field")] = []

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """Which fields."""
        return line(", ".join(name_of("field", key) for key in params.fields))

    def faults(self, params: Params) -> Sequence[Fault]:
        """No field was chosen."""
        return [] if params.fields else [Fault(gettext("Choose at least one field."), "fields")]

    def variables(self, _params: Params) -> Sequence[Variable]:
        """The field with its values."""
        return (
            Variable("field", gettext("Field")),
            Variable("old_value", gettext("Old value")),
            Variable("new_value", gettext("New value")),
        )

    def match(self, params: Params, fact: Fact) -> Mapping[str, Value] | None:
        """The change, if it is of one of them."""
        if fact.kind not in self.listens or fact.details.get("key") not in params.fields:
            return None
        return {"field": fact.details.get("name"), "old_value": fact.details.get("old"), "new_value": fact.details.get("new")}
