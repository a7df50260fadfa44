"""What a check found, and what it looks at."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ismessenger.settings import Settings
from ismessenger.tenancy.state import HomeState

Grade = Literal["fine", "warning", "broken"]


@dataclass(frozen=True)
class Finding:
    """``words`` say what is so, ``mend`` what to do about it."""

    grade: Grade
    words: str
    mend: str = ""


@dataclass
class Place:
    """The installation as far as it is known. ``homes`` are the databases that answer, with what they are like."""

    settings: Settings
    homes: dict[str, str] = field(default_factory=dict)
    states: dict[str, HomeState] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """One question. Those with ``needs_servers`` are asked when databases and Redis are up."""

    name: str
    ask: Callable[[Place], Awaitable[Sequence[Finding]]]
    needs_servers: bool = True


def fine(words: str) -> Finding:
    """Nothing to do."""
    return Finding("fine", words)


def warning(words: str, mend: str) -> Finding:
    """It works, and may hurt some day."""
    return Finding("warning", words, mend)


def broken(words: str, mend: str) -> Finding:
    """Something does not work."""
    return Finding("broken", words, mend)
