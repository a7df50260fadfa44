"""Text from outside, made fit for the database."""

import re
from typing import TypeVar

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# PostgreSQL takes neither NUL nor half a surrogate pair, in text as in jsonb.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Tree = TypeVar("Tree")


def clean(text: str, limit: int | None = None) -> str:
    """The text with NUL and lone surrogates as U+FFFD, cut to ``limit`` characters."""
    bounded = text if limit is None else text[:limit]
    return _UNSTORABLE.sub(REPLACEMENT, bounded)


def clean_tree(value: Tree) -> Tree:
    """The same for every string (keys too) of a value that came out of JSON."""
    return _clean(value)  # type: ignore[return-value]


def _clean(value: object) -> object:
    match value:
        case str():
            return clean(value)
        case list():
            return [_clean(item) for item in value]
        case dict():
            return {_clean(key): _clean(item) for key, item in value.items()}
        case _:
            return value
