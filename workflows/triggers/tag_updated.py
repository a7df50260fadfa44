"""A tag was put on the contact, or taken off."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from ismessenger.sdk.step import Fact, Part, Thing, Value, Variable, refers_to, widget
from ismessenger.sdk.words import gettext
from workflows.wording import line

_ACTIONS: Final = {"tag.added": "added", "tag.removed": "removed"}


class TagUpdated:
    """Begins when one of the chosen tags is added, removed, or either. Details: ``tag_id``, ``name``."""

    kind: ClassVar = "tag_updated"
    name: ClassVar = "Tag updated"
    description: ClassVar = "A tag was put on the contact, or taken off."
    icon: ClassVar = "tag"
    listens: ClassVar[Sequence[str]] = ("tag.added", "tag.removed")

    class Params(Part):
        action: Annotated[
            Literal["added", "removed", "either"],
            Field(title="What happened"),
            widget(labels={"added": "Tag added", "removed": "Tag removed", "either": "Added or removed"}),
        ] = "added"
        tag_ids: Annotated[list[int], Field(title="Tags", description="Without a choice, all.", max_length=50), refers_to("tag")] = []

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """Which tags."""
        names = ", ".join(name_of("tag", tag_id) for tag_id in params.tag_ids) or gettext("Any tag")
        happened = {
            "added": gettext("%(tags)s added"),
            "removed": gettext("%(tags)s removed"),
            "either": gettext("%(tags)s added or removed"),
        }
        return line(happened[params.action] % {"tags": names})

    def variables(self, _params: Params) -> Sequence[Variable]:
        """The tag and what was done with it."""
        return (
            Variable("tag", gettext("Tag")),
            Variable("action", gettext("What happened"), "choice", [("added", gettext("Added")), ("removed", gettext("Removed"))]),
        )

    def match(self, params: Params, fact: Fact) -> Mapping[str, Value] | None:
        """The tag, if it is one of them."""
        action = _ACTIONS.get(fact.kind)
        if action is None or params.action not in {action, "either"}:
            return None
        if params.tag_ids and fact.details.get("tag_id") not in params.tag_ids:
            return None
        return {"tag": fact.details.get("name"), "action": action}
