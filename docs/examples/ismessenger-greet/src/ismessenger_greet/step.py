"""Greet by the time of day."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

from pydantic import Field

from ismessenger.sdk.step import (
    Exit,
    Fail,
    Fault,
    Heard,
    Next,
    Outcome,
    Outgoing,
    Part,
    Result,
    Scene,
    Send,
    Thing,
    Variable,
    Wait,
    widget,
)

NOON, EVENING = 12, 18


class Greet:
    """Says good morning, good afternoon or good evening, and keeps which it was."""

    kind: ClassVar = "greet"
    name: ClassVar = "Greet"
    description: ClassVar = "Say good morning, good afternoon or good evening."
    icon: ClassVar = "hand"
    group: ClassVar = "Messages"

    class Params(Part):
        words: Annotated[
            str,
            Field(title="Words behind it", description="Variables may stand in them.", max_length=200),
            widget("text", placeholder="$contact.firstname!"),
        ] = ""
        failure_branch: Annotated[bool, Field(title="Failure branch"), widget(advanced=True)] = False

    def exits(self, params: Params) -> Sequence[Exit]:
        """Success and failure, or one way on."""
        return (Exit("next", "Success"), Exit("failure", "Failure", "failure")) if params.failure_branch else (Exit("next", "Next"),)

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """What it says in the morning."""
        return f"Good morning {params.words}".strip()

    def variables(self, _params: Params) -> Sequence[Variable]:
        """Which part of the day it was."""
        parts = ("morning", "afternoon", "evening")
        return (Variable("part_of_day", "Part of the day", "choice", [(part, part) for part in parts]),)

    def faults(self, params: Params) -> Sequence[Fault]:
        """A greeting that greets twice."""
        twice = params.words.lower().startswith("good ")
        return [Fault("It says “Good morning” by itself. Write only what comes behind that.", "words")] if twice else []

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Send it; what became of it comes as a result."""
        part = part_of_day(scene)
        send = Send(message=Outgoing(text=f"Good {part} {scene.filled(params.words)}".strip()), until_sent=params.failure_branch)
        return Wait(("result",), effects=(send,), memory={"part": part}, shown="the greeting to be sent")

    def resume(self, params: Params, scene: Scene, heard: Heard) -> Outcome:
        """Go on, or another way."""
        if isinstance(heard, Result) and not heard.ok:
            return Fail(heard.reason, "failure" if params.failure_branch else "next")
        return Next(variables={"part_of_day": scene.memory["part"]})


def part_of_day(scene: Scene) -> str:
    """On the workspace's clock. The time comes from the scene: a step reads no clock."""
    hour = scene.now.astimezone(ZoneInfo(scene.timezone)).hour
    if hour < NOON:
        return "morning"
    return "afternoon" if hour < EVENING else "evening"
