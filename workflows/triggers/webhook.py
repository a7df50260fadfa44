"""Another system calls an address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from ismessenger.sdk.step import CALLED, Fact, Fault, Json, Part, Thing, Value, Variable, widget
from ismessenger.sdk.words import gettext, marked
from workflows import paths
from workflows.names import VariableName

MAX_MAPPED: Final = 20
MAX_IDENTIFIER: Final = 320
Identifier = Literal["contact_id", "phone", "email"]

_IDENTIFIERS: Final[dict[Identifier, str]] = {
    "contact_id": marked("Contact ID"),
    "phone": marked("Phone number"),
    "email": marked("E-mail address"),
}


class Mapped(Part):
    """A value of what was sent that becomes a variable."""

    path: Annotated[str, Field(title="Path", max_length=paths.MAX_PATH), widget(placeholder="$.order.id")] = ""
    variable: Annotated[VariableName, Field(title="Variable")] = ""


class Webhook:
    """Begins when JSON is posted to its address, for the contact whom that JSON names."""

    kind: ClassVar = "webhook"
    name: ClassVar = "Incoming webhook"
    description: ClassVar = "Another system posts JSON to an address of this workflow."
    icon: ClassVar = "webhook"
    listens: ClassVar[Sequence[str]] = ()

    class Params(Part):
        identifier: Annotated[Identifier, Field(title="The contact is named by"), widget(labels=_IDENTIFIERS)] = "phone"
        path: Annotated[
            str,
            Field(title="Where it stands", description="Its path in the JSON that is sent.", max_length=paths.MAX_PATH),
            widget("path", placeholder="$.customer.phone"),
        ] = ""
        mapping: Annotated[
            list[Mapped],
            Field(title="Values as variables", description="What stands at a path becomes a variable.", max_length=MAX_MAPPED),
            widget("mapping", item="value"),
        ] = []

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """How the contact is found."""
        words = gettext("%(what)s at %(path)s") % {"what": gettext(_IDENTIFIERS[params.identifier]), "path": params.path}
        return words if params.path else ""

    def faults(self, params: Params) -> Sequence[Fault]:
        """Paths and names that are missing or are none."""
        found = [Fault(words, "path")] if (words := _path_fault(params.path)) else []
        seen: set[str] = set()
        for place, mapped in enumerate(params.mapping):
            if words := _path_fault(mapped.path):
                found.append(Fault(words, f"mapping.{place}.path"))
            if not mapped.variable:
                found.append(Fault(gettext("Give the variable a name."), f"mapping.{place}.variable"))
            elif mapped.variable in seen:
                found.append(
                    Fault(gettext("There is a variable $%(name)s already.") % {"name": mapped.variable}, f"mapping.{place}.variable")
                )
            seen.add(mapped.variable)
        return found

    def variables(self, params: Params) -> Sequence[Variable]:
        """The mapped values."""
        return [Variable(mapped.variable, mapped.path) for mapped in params.mapping if mapped.variable]

    def match(self, params: Params, fact: Fact) -> Mapping[str, Value] | None:
        """What the body of a call holds; a place that is not there gives nothing."""
        if fact.kind != CALLED:
            return None
        body = fact.details.get("body")
        return {
            mapped.variable: paths.value_at(body, mapped.path)
            for mapped in params.mapping
            if mapped.variable and not paths.fault(mapped.path)
        }

    def who(self, params: Params, body: Json) -> tuple[Identifier, str]:
        """By what the body names the contact. Raises ``ValueError`` with a sentence for whoever calls."""
        found = paths.find(body, params.path)
        if isinstance(found, bool) or not isinstance(found, (str, int)) or not str(found).strip():
            raise ValueError(f"There is no {_IDENTIFIERS[params.identifier].lower()} at {params.path}.")
        written = str(found).strip()
        if len(written) > MAX_IDENTIFIER or "\x00" in written:
            raise ValueError(f"What stands at {params.path} is no {_IDENTIFIERS[params.identifier].lower()}.")
        return params.identifier, written


def _path_fault(path: str) -> str:
    return paths.fault(path) if path.strip() else gettext("Say where it stands, such as $.customer.phone.")
