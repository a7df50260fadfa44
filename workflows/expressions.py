"""Variables in what people write: ``{{$contact.firstname | "there"}}``, or ``$contact.firstname`` as it is typed in workflows.

    {{$contact.firstname | "there"}}                a value, or "there" where there is none
    {{$contact.firstname | title | "there"}}        what comes behind a bar is done in order
    {{$due | plus(3, "days") | date("d MMM yyyy")}}

A name is looked up and nothing else: there are no attributes, calls or loops. A value that looks like a variable stays as it is. What no
lookup knows stays as it was written. Sizes are bounded: `MAX_INPUT`, `MAX_OUTPUT`, and `MAX_VALUE` for each value.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ismessenger.sdk.step import MAX_VALUE, Value
from workflows.filters import FILTERS, Setting

MAX_INPUT: Final = 10_000
MAX_OUTPUT: Final = 20_000
MAX_NAME: Final = 100
MAX_FILTERS: Final = 10

Lookup = Callable[[str], Value]
"""Gives the value of a variable by its name in lower case, None where it is empty. Raises ``KeyError`` for what is no variable."""

_VARIABLE: Final = re.compile(
    rf"\{{\{{\s{{0,20}}\$(?P<name>[^{{}}|\n]{{0,{MAX_NAME}}})(?:\|(?P<rest>[^{{}}\n]{{0,400}}))?\}}\}}"
    r"|(?<!\$)\$(?P<bare>[^\W\d]\w{0,60}(?:\.\w{1,60}){0,3})"
)
_PART: Final = re.compile(
    r"\s{0,20}(?:"
    r"\"(?P<double>[^\"]*)\"|“(?P<curly>[^”]*)”|'(?P<single>[^']*)'"
    r"|(?P<filter>[a-z]{1,20})\s{0,20}(?:\((?P<given>(?:[^()\"']|\"[^\"]*\"|'[^']*')*)\))?"
    r")\s{0,20}(?:\||$)"
)
_GIVEN: Final = re.compile(r"\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<comma>,)|(?P<bare>[^,\"']+)")
_QUOTES: Final = "\"'“”"
_ALSO: Final[Mapping[str, str]] = {
    f"{whose}.{name}": f"{whose}.{name.replace('_', '')}"
    for whose in ("contact", "assignee", "member")
    for name in ("first_name", "last_name")
}


@dataclass(frozen=True, slots=True)
class Named:
    """A variable in a text. ``sure`` is one in braces: what is typed without them may be a sum of money."""

    name: str
    sure: bool


def fill(text: str, lookup: Lookup, *, timezone: str = "UTC", locale: str = "en") -> str:
    """The text with values in place of its variables. What has no value, nor a fallback, becomes nothing."""
    if "$" not in text:
        return text[:MAX_OUTPUT]
    setting = Setting(timezone, locale)
    return _VARIABLE.sub(lambda found: _put(found, lookup, setting), text[:MAX_INPUT])[:MAX_OUTPUT]


def filled_by_piece(text: str, filled: Callable[[str], str], escape: Callable[[str], str]) -> str:
    """The same where values must be written otherwise than the words around them: in an address, say. ``filled`` is the scene's."""
    return _VARIABLE.sub(lambda found: escape(filled(found[0])), text[:MAX_INPUT])[:MAX_OUTPUT]


def named_in(text: str) -> list[Named]:
    """The variables that a text names, each once."""
    return list(dict.fromkeys(_named(found) for found in _VARIABLE.finditer(text[:MAX_INPUT])))


def unknown_in(text: str, known: Container[str]) -> list[str]:
    """The names in a text that no variable has. ``$USD`` is money."""
    return [
        named.name
        for named in named_in(text)
        if not any(canonical(name) in known for name in _candidates(named)) and (named.sure or not named.name.isupper())
    ]


def faults_in(text: str) -> list[str]:
    """What is wrong with what stands behind bars, in sentences."""
    found: dict[str, None] = {}
    for variable in _VARIABLE.finditer(text[:MAX_INPUT]):
        for part in _parts(variable["rest"] or ""):
            if part.filter and (fault := FILTERS[part.filter].fault(part.given)):
                found[f"{variable[0]}: {fault}"] = None
    return list(found)


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing behind a bar: a filter with what is given to it, or words to put where there is nothing."""

    filter: str = ""
    given: tuple[str, ...] = ()
    fallback: str = ""


def _put(found: re.Match[str], lookup: Lookup, setting: Setting) -> str:
    if found["bare"] is not None:
        return _bare(found["bare"], lookup)
    try:
        value = lookup(canonical(found["name"]))
    except KeyError:
        return found[0]
    words = shown(value)
    for step in _parts(found["rest"] or ""):
        if step.filter:
            words = FILTERS[step.filter].apply(words, step.given, setting)[:MAX_VALUE]
        elif not words.strip():
            words = step.fallback
    return words


def _bare(written: str, lookup: Lookup) -> str:
    for name in _candidates(Named(written, sure=False)):
        try:
            return shown(lookup(canonical(name))) + written[len(name) :]
        except KeyError:
            continue
    return f"${written}"


def _candidates(named: Named) -> Iterator[str]:
    """The name; of one without braces also shorter ones: behind it may stand a full stop or the underscore of Markdown."""
    written = named.name
    yield written
    if named.sure:
        return
    for end in range(len(written) - 1, 0, -1):
        if written[end] in "._" and written[:end].strip("._"):
            yield written[:end]


def canonical(written: str) -> str:
    """A name as it is looked up: in lower case, however it was written."""
    name = written.strip().lower()
    return _ALSO.get(name, name)


def shown(value: Value) -> str:
    """A value in words."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer() and abs(value) < 2**53:
            return str(int(value))
        case _:
            return str(value)[:MAX_VALUE]


def _named(found: re.Match[str]) -> Named:
    if found["bare"] is not None:
        return Named(found["bare"], sure=False)
    return Named(canonical(found["name"]), sure=True)


@lru_cache(maxsize=4096)
def _parts(rest: str) -> Sequence[_Step]:
    """What stands behind the bars. What is neither in quotes nor a filter is a fallback, to the end."""
    steps: list[_Step] = []
    at = 0
    while at < len(rest) and len(steps) < MAX_FILTERS:
        found = _PART.match(rest, at)
        if found is None or (found["filter"] and found["filter"] not in FILTERS):
            return [*steps, _Step(fallback=rest[at:].strip().strip(_QUOTES))]
        if found["filter"]:
            steps.append(_filter(found["filter"], tuple(_given(found["given"] or ""))))
        else:
            steps.append(_Step(fallback=found["double"] or found["curly"] or found["single"] or ""))
        at = found.end()
    return steps


def _filter(name: str, given: tuple[str, ...]) -> _Step:
    return _Step(fallback=given[0]) if name == "default" and given else _Step(name, given)


def _given(written: str) -> Iterator[str]:
    """What stands between parentheses, parted by commas."""
    if not written.strip():
        return
    one = ""
    for found in _GIVEN.finditer(written):
        if found["comma"]:
            yield one
            one = ""
        else:
            one += found["double"] or found["single"] or (found["bare"] or "").strip()
    yield one
