"""Wait for some time."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from ismessenger.sdk.step import NEXT, Duration, Exit, Fault, Heard, Next, Outcome, Part, Scene, Thing, widget
from ismessenger.sdk.step import Wait as Suspend
from workflows.limits import too_long
from workflows.times import after, in_words


class Wait:
    """Waits up to seven days. Days end at the same time of day on the workspace's clock."""

    kind: ClassVar = "wait"
    name: ClassVar = "Wait"
    description: ClassVar = "Wait for minutes, hours or days before going on."
    icon: ClassVar = "hourglass"
    group: ClassVar = "Logic"

    class Params(Part):
        duration: Annotated[Duration, Field(title="How long", description="At most seven days."), widget("duration", days=7)] = Duration(
            value=1, unit="hours"
        )

    def exits(self, _params: Params) -> Sequence[Exit]:
        """One way on."""
        return (NEXT,)

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """How long."""
        return in_words(params.duration)

    def faults(self, params: Params) -> Sequence[Fault]:
        """Longer than seven days."""
        return too_long(params.duration, "duration")

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Until then."""
        return Suspend(("time",), until=after(scene.now, params.duration, scene.timezone), shown=in_words(params.duration))

    def resume(self, _params: Params, _scene: Scene, _heard: Heard) -> Outcome:
        """Its time has come."""
        return Next()
