"""Schemas of parameters in the language of whoever reads: what is declared in English is translated on its way to the page."""

from collections.abc import Mapping
from typing import Any, Final

from ismessenger.sdk.words import gettext

_WORDS: Final = frozenset({"title", "description", "placeholder", "item", "empty"})
_BY_NAME: Final = frozenset({"properties", "$defs"})
"""Below these every key is a name that somebody chose, not one of the schema's own."""


def in_words(schema: Any) -> Any:
    """The schema with its words translated; values stay."""
    if isinstance(schema, list):
        return [in_words(each) for each in schema]
    return {key: _said(key, value) for key, value in schema.items()} if isinstance(schema, Mapping) else schema


def _said(key: str, value: Any) -> Any:
    if key in _BY_NAME:
        return {name: in_words(each) for name, each in value.items()}
    if key == "labels":
        return {name: gettext(each) for name, each in value.items()}
    if key in _WORDS and isinstance(value, str):
        return gettext(value)
    return value if key in {"default", "enum", "const", "examples"} else in_words(value)
