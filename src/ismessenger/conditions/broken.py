"""What no longer holds together in a condition. One with anything broken in it matches nobody."""

from datetime import UTC, datetime

from ismessenger.conditions.operands import Broken
from ismessenger.conditions.resolve import resolve
from ismessenger.conditions.tree import Group, Leaf
from ismessenger.conditions.vocabulary import Vocabulary


def broken(group: Group, vocabulary: Vocabulary) -> list[str]:
    """A sentence for every leaf that speaks of something that is not there, each once."""
    return list(dict.fromkeys(words for leaf in group.leaves() if (words := fault(leaf, vocabulary))))


def fault(leaf: Leaf, vocabulary: Vocabulary) -> str:
    """What is wrong with one leaf; empty if nothing is."""
    try:
        resolve(leaf, vocabulary, _SOME_TIME)
    except Broken as error:
        return str(error)
    return ""


_SOME_TIME = datetime(2026, 1, 1, tzinfo=UTC)
