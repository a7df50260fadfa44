"""What runs carry and did, as the JSON that is stored."""

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from ismessenger.kit.text import clean_tree


def as_json(value: Any) -> str:
    """Models as the values of their fields; without zero characters, which PostgreSQL does not store."""
    words = orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()
    if "\\u0000" in words:
        words = orjson.dumps(clean_tree(orjson.loads(words))).decode()
    return words


def _plain(value: object) -> object:
    match value:
        case BaseModel():
            return vars(value)
        case Mapping():
            return dict(value)
        case _:
            return str(value)
