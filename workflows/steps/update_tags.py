"""Put tags on the contact, or take them off."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from ismessenger.sdk.step import NEXT, Exit, Fault, Next, Outcome, Part, Scene, Tags, Thing, refers_to, widget
from ismessenger.sdk.words import gettext
from workflows.wording import line

MAX_TAGS: Final = 10
MAX_NAME: Final = 255


class UpdateTags:
    """Adds or removes tags; one that is not there yet is made."""

    kind: ClassVar = "update_tags"
    name: ClassVar = "Update tags"
    description: ClassVar = "Put tags on the contact, or take them off."
    icon: ClassVar = "tag"
    group: ClassVar = "Contact"

    class Params(Part):
        action: Annotated[
            Literal["add", "remove"], Field(title="What to do"), widget(labels={"add": "Add tags", "remove": "Remove tags"})
        ] = "add"
        tag_ids: Annotated[list[int], Field(title="Tags", max_length=MAX_TAGS), refers_to("tag", create="new_tags")] = []
        new_tags: Annotated[
            list[Annotated[str, Field(max_length=200)]],
            Field(title="Tags by name", description="Names, also with variables. One that is not there yet is made.", max_length=MAX_TAGS),
            widget("text", item="tag"),
        ] = []

    def exits(self, _params: Params) -> Sequence[Exit]:
        """One way on."""
        return (NEXT,)

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """What is done to which."""
        names = [*(name_of("tag", tag_id) for tag_id in params.tag_ids), *params.new_tags]
        words = gettext("Add %(tags)s") if params.action == "add" else gettext("Remove %(tags)s")
        return line(words % {"tags": ", ".join(names)}) if names else ""

    def faults(self, params: Params) -> Sequence[Fault]:
        """No tag at all."""
        named = [name for name in params.new_tags if name.strip()]
        return [] if params.tag_ids or named else [Fault(gettext("Choose at least one tag."), "tag_ids")]

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Tags by name are looked for first."""
        names = list(dict.fromkeys(name for written in params.new_tags if (name := _name(scene.filled(written)))))
        found = {name: scene.tag_named(name) for name in names}
        known = [*params.tag_ids, *(tag_id for tag_id in found.values() if tag_id is not None and tag_id not in params.tag_ids)]
        if params.action == "remove":
            return Next(effects=(Tags(remove=known),) if known else ())
        create = [name for name, tag_id in found.items() if tag_id is None]
        return Next(effects=(Tags(add=known, create=create),) if known or create else ())


def _name(written: str) -> str:
    return " ".join(written.split())[:MAX_NAME].strip()
