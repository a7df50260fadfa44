"""Places in JSON: ``$.data.contacts[1].firstName``. A small part of JSONPath: names and numbers, no search."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson

from ismessenger.sdk.step import MAX_VALUE, Value
from ismessenger.sdk.words import gettext

MAX_PATH: Final = 200
MAX_STEPS: Final = 20

_STEP: Final = re.compile(r"\.([^\s.\[\]\"']+)|\[(-?\d{1,9})\]|\[\"([^\"]*)\"\]|\['([^']*)'\]")


class PathInvalid(ValueError):
    """This is no path; the text says how one looks."""


@lru_cache(maxsize=1024)
def parse(path: str) -> tuple[str | int, ...]:
    """The names and numbers of a path. Raises `PathInvalid`."""
    written = path.strip()
    if len(written) > MAX_PATH:
        raise PathInvalid(gettext("A path has at most %(number)s characters.") % {"number": MAX_PATH})
    if not written.startswith("$"):
        raise PathInvalid(gettext("A path begins with a dollar sign: $.data.name"))
    steps: list[str | int] = []
    at = 1
    while at < len(written):
        found = _STEP.match(written, at)
        if found is None:
            raise PathInvalid(gettext("A path is names and numbers: $.data.contacts[1].name"))
        steps.append(int(found[2]) if found[2] is not None else next(part for part in (found[1], found[3], found[4]) if part is not None))
        at = found.end()
    if len(steps) > MAX_STEPS:
        raise PathInvalid(gettext("A path goes at most %(number)s deep.") % {"number": MAX_STEPS})
    return tuple(steps)


def fault(path: str) -> str:
    """What is wrong with a path, in a sentence; empty if nothing is."""
    try:
        parse(path)
    except PathInvalid as error:
        return str(error)
    return ""


def find(json: Any, path: str) -> Any:
    """What stands there; None where nothing does. Raises `PathInvalid`."""
    at = json
    for step in parse(path):
        match step, at:
            case str(), Mapping():
                at = at.get(step)
            case int(), Sequence() if not isinstance(at, (str, bytes)) and -len(at) <= step < len(at):
                at = at[step]
            case _:
                return None
    return at


def value_at(json: Any, path: str) -> Value:
    """The same as a variable holds it: lists and objects as their JSON. Raises `PathInvalid`."""
    match find(json, path):
        case None | bool() | int() | float() as plain:
            return plain
        case str(words):
            return words[:MAX_VALUE]
        case other:
            return orjson.dumps(other).decode()[:MAX_VALUE]
