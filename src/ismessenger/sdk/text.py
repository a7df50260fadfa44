"""Cutting text to a provider's length without breaking what belongs together."""

from collections.abc import Callable


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[str]:
    """Cut a text into pieces of at most ``limit`` by ``measure``; see the docstring of the module."""
    raise NotImplementedError


def shorten(text: str, limit: int, measure: Callable[[str], int] = len) -> str:
    """Cut a text at a grapheme border and end it with an ellipsis if it is longer than ``limit``."""
    raise NotImplementedError


def utf16_length(text: str) -> int:
    """The number of UTF-16 code units, in which Telegram counts."""
    return len(text) + sum(1 for character in text if character > "\uffff")
