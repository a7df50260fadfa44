"""Requests with variables in them: what goes into an address or a body is written so that it stays a value there."""

import re
from collections.abc import Callable, Mapping
from html import escape as escape_markup
from typing import Any, Final, Literal
from urllib.parse import quote

import orjson

from ismessenger.sdk.integration import around_secrets
from ismessenger.sdk.step import Scene
from ismessenger.sdk.words import gettext
from workflows.expressions import filled_by_piece

ContentType = Literal["json", "form", "text", "xml"]
CONTENT_TYPES: Final[dict[ContentType, str]] = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
    "xml": "application/xml",
}

MAX_DIGITS: Final = 15
MAX_DEPTH: Final = 60

# A text without an end is one to the end: no other place is tried, and the time grows with the length only.
_LOOSE: Final = re.compile(
    r"(?P<quoted>\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z))|(?P<variable>\{\{\s{0,20}[$s][^{}\n]{0,500}\}\}|\$[^\W\d][\w.]{0,200})", re.DOTALL
)
_MARK: Final = "\ue000"
_DOTS: Final = re.compile(r"[^?#]*/(?:\.|%2e){1,2}(?:[/?#]|\Z)", re.IGNORECASE)
_AUTHORITY: Final = re.compile(r"\s*(?:https?://)?([^/?#]*)", re.IGNORECASE)
_VARIABLE: Final = re.compile(r"\{\{\s*\$|\$\w")


class RequestInvalid(ValueError):
    """No request can be made of this; the text says so in a sentence."""


def address(url: str, scene: Scene) -> str:
    """The address; values are encoded, unless the whole of its beginning is one. Raises `RequestInvalid`."""
    written = url.strip()
    first = re.match(r"\{\{\s*\$[^{}\n]*\}\}|\$[\w.]*\w", written)
    start, rest = (first[0], written[first.end() :]) if first else ("", written)
    found = around_secrets(start, scene.filled).strip() + _escaped(rest, scene, lambda value: quote(value, safe=""))
    if _DOTS.match(found):
        # A server takes them for a step up, however they are written.
        raise RequestInvalid(gettext("A part of the address has nothing but dots, which would lead elsewhere."))
    return found


def host_is_chosen(url: str) -> bool:
    """Whether a variable says, or has a part in saying, which server is asked."""
    authority = _AUTHORITY.match(url)
    return authority is not None and _VARIABLE.search(authority[1].rpartition("@")[2]) is not None


def header(value: str, scene: Scene) -> str:
    """The value of a header, on one line."""
    return " ".join(around_secrets(value, scene.filled).split())


def body(written: str, content_type: ContentType, scene: Scene) -> str:
    """The body as it goes out. Raises `RequestInvalid`."""
    match content_type:
        case "json":
            return _json(written, scene)
        case "form":
            return _escaped(written, scene, lambda value: quote(value, safe=""))
        case "xml":
            return _escaped(written, scene, escape_markup)
        case "text":
            return around_secrets(written, scene.filled)


def json_fault(written: str) -> str:
    """Why a body with variables is no JSON; empty if it is, or is empty."""
    if not written.strip():
        return ""
    try:
        _parsed(written)
    except RequestInvalid as error:
        return str(error)
    return ""


def _escaped(written: str, scene: Scene, escape: Callable[[str], str]) -> str:
    return around_secrets(written, lambda words: filled_by_piece(words, scene.filled, escape))


def _json(written: str, scene: Scene) -> str:
    if not written.strip():
        return ""
    parsed, loose = _parsed(written)
    return orjson.dumps(_put(parsed, loose, scene)).decode()


def _parsed(written: str) -> tuple[Any, Mapping[str, str]]:
    """The JSON, and the variables that stand in it without quotation marks, by the marks in their places. Raises `RequestInvalid`."""
    loose: dict[str, str] = {}

    def marked(found: re.Match[str]) -> str:
        if found["quoted"] is not None:
            return found[0].replace(_MARK, "")
        mark = f"{_MARK}{len(loose)}"
        loose[mark] = found[0]
        return f'"{mark}"'

    try:
        parsed = orjson.loads(_LOOSE.sub(marked, written))
    except orjson.JSONDecodeError as error:
        raise RequestInvalid(gettext("The body is no JSON: %(why)s, line %(line)s.") % {"why": error.msg, "line": error.lineno}) from None
    if _is_deep(parsed):
        raise RequestInvalid(gettext("The body is JSON that is nested more than %(number)s deep.") % {"number": MAX_DEPTH})
    return parsed, loose


def _is_deep(json: Any) -> bool:
    level = [json]
    for _depth in range(MAX_DEPTH + 1):
        level = [inner for each in level if isinstance(each, (dict, list)) for inner in (each.values() if isinstance(each, dict) else each)]
    return bool(level)


def _put(json: Any, loose: Mapping[str, str], scene: Scene) -> Any:
    match json:
        case str() if json in loose:
            return _plain(around_secrets(loose[json], scene.filled))
        case str():
            return around_secrets(json, scene.filled)
        case dict():
            return {name: _put(value, loose, scene) for name, value in json.items()}
        case list():
            return [_put(value, loose, scene) for value in json]
        case _:
            return json


def _plain(words: str) -> Any:
    """A value without quotation marks: a number or a truth where it looks like one, else words; nothing where there is none."""
    if not words.strip():
        return None
    if words in {"yes", "no"}:
        return words == "yes"
    if len(words) > MAX_DIGITS:
        return words  # numbers beyond that lose digits
    try:
        found = orjson.loads(words)
    except orjson.JSONDecodeError:
        return words
    return found if isinstance(found, (int, float, bool)) else words
