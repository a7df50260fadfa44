"""What a rehearsal of a draft is between two requests, and what it says of each step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from ismessenger.automation.person import Person
from ismessenger.automation.surroundings import Surroundings
from ismessenger.conditions.vocabulary import KnownVariable
from ismessenger.sdk.step import Assign
from workflows.engine import Trace
from workflows.program import Program
from workflows.state import State

Hand = Literal["reply", "assignment", "closing"]
Asks = Literal["", "call", "assign"]
_TIMES: Final = ("created_at", "last_incoming_at", "blocked_at")
_person: Final = TypeAdapter(Person)


class Kept(BaseModel):
    """A rehearsal between two requests. ``ahead`` is how many seconds its clock is ahead of ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    run: State
    person: dict[str, Any]
    ahead: float = 0
    asks: Literal["", "call", "assign"] = ""

    def whom(self) -> Person:
        """The contact as it is now in the rehearsal."""
        person = _person.validate_python(self.person)
        for name in _TIMES:
            if isinstance(at := person.columns[name], str):
                person.columns[name] = datetime.fromisoformat(at)
        return person


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition that a step, or the trigger, asked: whether it held, and which of its leaves did, in their order."""

    condition: Mapping[str, Any]
    held: bool
    leaves: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """One thing that the run did at a step: what it asked, which texts it filled in, why effects were refused by their place."""

    trace: Trace
    asked: tuple[Asked, ...] = ()
    filled: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message that would have gone out. ``failed`` says why it did not."""

    step_id: str
    text: str
    subject: str
    file_ids: Sequence[int]
    choices: Sequence[str]
    content: Mapping[str, Any] | None
    channel_id: int | None
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a signal did. ``heard`` is False where nothing waited for it; ``trigger`` what became of the trigger's condition."""

    kept: Kept
    person: Person
    passed: Sequence[Passed] = ()
    said: Sequence[Bubble] = ()
    heard: bool = True
    trigger: Asked | None = None
    pool: Assign | None = None


@dataclass(frozen=True, slots=True)
class Stand:
    """What a rehearsal takes place in: the draft ready to run, the workspace around, and whether messages go through."""

    program: Program
    around: Surroundings
    variables: Mapping[str, KnownVariable]
    sending_fails: str = ""


def keep(run: State, person: Person, ahead: float, asks: Asks = "") -> Kept:
    """What the browser is given to keep."""
    return Kept.model_validate({"run": run, "person": _person.dump_python(person, mode="json"), "ahead": ahead, "asks": asks})
