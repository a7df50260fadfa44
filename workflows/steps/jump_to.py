"""Go on at another step."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ismessenger.sdk.step import Exit, Fault, Jump, Outcome, Part, Scene, Thing, refers_to
from ismessenger.sdk.words import gettext, ngettext


class JumpTo:
    """Jumps to an earlier or later step, so often at most; after that the workflow goes on behind this one."""

    kind: ClassVar = "jump_to"
    name: ClassVar = "Jump to"
    description: ClassVar = "Go on at another step, ten times at most."
    icon: ClassVar = "corner-up-right"
    group: ClassVar = "Logic"

    class Params(Part):
        target: Annotated[str | None, Field(title="Step", max_length=32), refers_to("step")] = None
        most: Annotated[
            int,
            Field(title="Jumps at most", description="After so many jumps the contact goes on behind this step.", ge=1, le=10),
        ] = 3

    def exits(self, _params: Params) -> Sequence[Exit]:
        """The way on once all jumps are done."""
        return (Exit("next", gettext("After the last jump")),)

    def summary(self, params: Params, name_of: Callable[[Thing, Any], str]) -> str:
        """Where to, how often."""
        if params.target is None:
            return ""
        words = ngettext("%(step)s, once at most", "%(step)s, %(num)s times at most", params.most)
        return words % {"step": name_of("step", params.target), "num": params.most}

    def faults(self, params: Params) -> Sequence[Fault]:
        """No step was chosen."""
        return [] if params.target else [Fault(gettext("Choose the step to jump to."), "target")]

    def run(self, params: Params, _scene: Scene) -> Outcome:
        """The engine counts."""
        return Jump(params.target or "", params.most)
