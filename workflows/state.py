"""Where a run stands: JSON between two signals."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from ismessenger.sdk.step import MAX_VALUE, Awaited, Value
from ismessenger.sdk.words import gettext

MAX_VARIABLES: Final = 200
MAX_OUTPUT: Final = 16 * 1024
MAX_BYTES: Final = 64 * 1024
MAX_NUMBER: Final = 2**53

Standing = Literal["new", "waiting", "done", "failed", "ended"]
"""``done``: it came to an end of its way. ``failed``: a step could not go on. ``ended``: somebody's hand, or the workflow, ended it."""


class StateTooLarge(ValueError):
    """A run remembers more than it may; the text says so to whoever built the workflow."""


class Waiting(BaseModel):
    """What a run waits for. ``until`` is when its time is up; ``shown`` says it in words."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    for_: tuple[Awaited, ...]
    until: datetime | None = None
    shown: str = ""
    memory: dict[str, Any] = {}


class State(BaseModel):
    """A run between two signals. ``entries`` counts how often steps were entered: it names each entry for ever.

    ``at_once`` of them were entered at the moment ``since``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    standing: Standing = "new"
    step: str | None = None
    since: datetime | None = None
    entries: int = 0
    at_once: int = 0
    variables: dict[str, Value] = {}
    jumps: dict[str, Annotated[int, Field(ge=0)]] = {}
    waiting: Waiting | None = None

    @property
    def over(self) -> bool:
        """Whether nothing happens any more."""
        return self.standing in {"done", "failed", "ended"}


def with_variables(state: State, given: dict[str, Value]) -> State:
    """The state with these variables set; long texts are cut. Raises `StateTooLarge`."""
    if not given:
        return state
    variables = {**state.variables, **{name: _kept(value) for name, value in given.items()}}
    if len(variables) > MAX_VARIABLES:
        raise StateTooLarge(gettext("A run has at most %(most)s variables.") % {"most": MAX_VARIABLES})
    return bounded(state.model_copy(update={"variables": variables}))


def _kept(value: Value) -> Value:
    """The value as it can be stored: no endless texts, no NUL characters, no numbers beyond those that JSON carries exactly."""
    match value:
        case str():
            return value[:MAX_VALUE].replace("\x00", "").encode("utf-8", "ignore").decode()
        case bool() | None:
            return value
        case float() if not math.isfinite(value):
            return None
        case int() if abs(value) > MAX_NUMBER:
            return str(value)[:MAX_VALUE]
        case _:
            return value


def bounded(state: State) -> State:
    """The state, if it is not too large to be kept. Raises `StateTooLarge`."""
    if len(orjson.dumps(state.model_dump(mode="json"))) > MAX_BYTES:
        raise StateTooLarge(gettext("A run remembers at most %(most)s KiB.") % {"most": MAX_BYTES // 1024})
    return state


def shortened(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a step tells the history, if it is not too much; else how it begins."""
    try:
        told = orjson.dumps(output)
    except TypeError:
        return {"shortened": repr(output)[:MAX_OUTPUT].replace("\x00", "")}
    if len(told) > MAX_OUTPUT:
        return {"shortened": told[:MAX_OUTPUT].decode("utf-8", "ignore").replace("\\u0000", "")}
    return {str(name): _without_nul(value) for name, value in output.items()} if b"\\u0000" in told else output


def _without_nul(json: Any) -> Any:
    match json:
        case str():
            return json.replace("\x00", "")
        case Mapping():
            return {str(name).replace("\x00", ""): _without_nul(value) for name, value in json.items()}
        case list() | tuple():
            return [_without_nul(value) for value in json]
        case _:
            return json
