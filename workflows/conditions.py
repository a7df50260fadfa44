"""How many questions a stored condition asks. What they mean is not known here."""

from collections.abc import Mapping
from typing import Any, Final

MAX_CONDITIONS: Final = 10
_JOINERS: Final = ("$and", "$or")


def leaves(condition: Any) -> int:
    """The number of its questions."""
    if not isinstance(condition, Mapping):
        return 0
    inner = [items for joiner in _JOINERS if isinstance(items := condition.get(joiner), (list, tuple))]
    if inner:
        return sum(leaves(item) for items in inner for item in items)
    return 1 if condition else 0


def asks(condition: Any) -> bool:
    """Whether it asks anything at all."""
    return leaves(condition) > 0
