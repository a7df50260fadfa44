"""Recorded webhooks as files, the events that they stand for as JSON, and what becomes of them in hostile hands.

``fixtures/NAME.json`` is a body as the provider sends it, or ``{"headers": {…}, "query": "…", "body": …}`` where the body is JSON or, as
a string, anything else. ``fixtures/NAME.expected.json`` is the list of events, each as `dump_event` writes it.
"""

import copy
import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel

from ismessenger.sdk.channel import ContactChanged, Ignored, InboundEvent, StatusChanged, Unreadable

_LONGEST_ID = 255
_WRAPPED = {"headers", "query", "body"}

# One of each kind that a field may wrongly hold.
_WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    0.5,
    10**30,
    "",
    "text",
    "9" * 300,
    "\x00",
    "\ud800",
    [],
    [None],
    ["text"],
    {},
    {"id": []},
    {"type": 1},
)
_UNSTORABLE = "a\x00b\ud800c"


@dataclasses.dataclass(frozen=True, slots=True)
class Fixture:
    """One recorded webhook."""

    path: Path
    body: bytes
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    query: str = ""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads both forms of file."""
        raw = path.read_bytes()
        content = json.loads(raw)
        if not isinstance(content, dict) or "body" not in content or not content.keys() <= _WRAPPED:
            return cls(path, raw)
        body = content["body"]
        encoded = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        return cls(path, encoded.encode(), content.get("headers", {}), content.get("query", ""))

    @property
    def expected_path(self) -> Path:
        """The file beside it that holds its events."""
        return self.path.with_suffix(".expected.json")


def fixtures_in(folder: Path) -> list[Fixture]:
    """All recorded webhooks of a folder, by name."""
    return [Fixture.read(path) for path in sorted(folder.glob("*.json")) if not path.name.endswith(".expected.json")]


def dump_event(event: InboundEvent) -> dict[str, Any]:
    """An event as JSON that stays the same over versions: its type by name, times in ISO form, and only what differs from the default."""
    return {"event": type(event).__name__, **_fields(event)}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value) if not _is_default(value, field)}


def _is_default(value: Any, field: "dataclasses.Field[Any]") -> bool:
    present = getattr(value, field.name)
    if field.default_factory is not dataclasses.MISSING:
        return bool(present == field.default_factory())
    return field.default is not dataclasses.MISSING and present == field.default


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if dataclasses.is_dataclass(value):
        return _fields(value)
    return dict(value) if isinstance(value, Mapping) else value


def complaint(event: InboundEvent) -> str | None:
    """Why the core could not store an event, or ``None`` if all is well."""
    text = json.dumps(dump_event(event), ensure_ascii=False)
    if "\\u0000" in text.replace("\\\\", "") or any("\ud800" <= character <= "\udfff" for character in text):
        return "It holds text that cannot be stored: NUL or half of a surrogate pair."
    if isinstance(event, Ignored | Unreadable):
        return None if event.reason.strip() else "It gives no reason."
    times = [getattr(event, field.name) for field in dataclasses.fields(event) if isinstance(getattr(event, field.name), datetime)]
    if not times or any(time.utcoffset() is None for time in times):
        return "It has no time, or one without a zone."
    return _complaint_about_ids(event)


def _complaint_about_ids(event: InboundEvent) -> str | None:
    ids = {name: getattr(event, name) for name in ("identifier", "external_id", "our_id", "reply_to") if hasattr(event, name)}
    for name, value in ids.items():
        if value is not None and (not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID):
            return f"Its {name} is no text of 1 to {_LONGEST_ID} characters."
    if isinstance(event, StatusChanged):
        named = event.external_id or event.our_id or (event.identifier and event.watermark)
        return None if named else "It names no message: it needs external_id, our_id, or identifier and watermark."
    required = ["identifier"] if isinstance(event, ContactChanged) else ["identifier", "external_id"]
    return next((f"Its {name} is missing." for name in required if ids[name] is None), None)


def spoiled(body: bytes) -> Iterator[tuple[str, bytes]]:
    """A JSON body with one node after the other taken away or replaced by something of another kind; each with a description."""
    original = json.loads(body)
    for path in _paths(original):
        where = "/".join(map(str, path)) or "the whole body"
        for wrong in _WRONG:
            yield f"{where} = {wrong!r}"[:120], json.dumps(_with(original, path, wrong)).encode()
        if path:
            yield f"{where} missing", json.dumps(_without(original, path)).encode()


def with_unstorable_texts(body: bytes) -> Iterator[tuple[str, bytes]]:
    """A JSON body with one text after the other made of what PostgreSQL cannot store."""
    original = json.loads(body)
    for path in _paths(original):
        if isinstance(_at(original, path), str):
            yield "/".join(map(str, path)), json.dumps(_with(original, path, _UNSTORABLE)).encode()


_Path = tuple[str | int, ...]


def _paths(node: Any, path: _Path = ()) -> Iterator[_Path]:
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from _paths(child, (*path, key))


def _at(node: Any, path: _Path) -> Any:
    for key in path:
        node = node[key]
    return node


def _with(original: Any, path: _Path, value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(original)
    _at(changed, path[:-1])[path[-1]] = value
    return changed


def _without(original: Any, path: _Path) -> Any:
    changed = copy.deepcopy(original)
    del _at(changed, path[:-1])[path[-1]]
    return changed
