"""Opaque cursors for lists that are read in pages by their sort key (keyset paging)."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from ismessenger.kit.text import clean

# What a bigint column takes; beyond it the database would answer with an error of its own.
BIGINT = range(-(2**63), 2**63)
MAX_LENGTH = 2000

Key = int | float | str | bool | datetime | None


class CursorInvalid(ValueError):
    """The cursor was not made by us for this list: answered 400."""

    def __init__(self) -> None:
        super().__init__("This page of the list does not exist. Start again from the first page.")


def encode(*keys: Key) -> str:
    """A cursor that stands behind (or before) the row with these sort keys; URL-safe."""
    parts = [{"at": key.isoformat()} if isinstance(key, datetime) else key for key in keys]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).rstrip(b"=").decode("ascii")


def decode(cursor: str, *types: type | tuple[type, ...]) -> tuple[Any, ...]:
    """The sort keys of a cursor, exactly of the given types: ``decode(cursor, datetime, int)``. Raises `CursorInvalid`."""
    if len(cursor) > MAX_LENGTH:
        raise CursorInvalid
    keys = _parts(cursor)
    if len(keys) != len(types) or not all(_fits(key, kind) for key, kind in zip(keys, types, strict=True)):
        raise CursorInvalid
    return tuple(keys)


def _parts(cursor: str) -> list[object]:
    padded = cursor.replace("-", "+").replace("_", "/") + "=" * (-len(cursor) % 4)
    try:
        parts = json.loads(binascii.a2b_base64(padded.encode("ascii"), strict_mode=True))
        return [_key(part) for part in parts] if isinstance(parts, list) else []
    except (ValueError, RecursionError) as error:
        raise CursorInvalid from error


def _key(part: object) -> object:
    match part:
        case {"at": str(moment)}:
            at = datetime.fromisoformat(moment)
            if at.tzinfo is None:
                raise CursorInvalid
            return at
        case str():
            return clean(part)
        case bool() | int() | float() | None:
            return part
        case _:
            raise CursorInvalid


def _fits(key: object, kind: type | tuple[type, ...]) -> bool:
    wanted = kind if isinstance(kind, tuple) else (kind,)
    return type(key) in wanted and (type(key) is not int or key in BIGINT)
