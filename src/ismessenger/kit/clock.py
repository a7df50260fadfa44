"""The time of this process. Everybody asks here, so that a test can stop or move it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source()


class Stopped:
    """A clock that moves only when told to. ``advance`` moves it, ``set`` puts it."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def __call__(self) -> datetime:
        """The moment at which it stands."""
        return self.at

    def set(self, at: datetime) -> None:
        """Put the clock to another moment."""
        self.at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward and return its new time."""
        self.at += by
        return self.at


@contextmanager
def stopped(at: datetime | None = None) -> Iterator[Stopped]:
    """Stop the clock of the whole process (all tasks and threads) for a test."""
    clock = Stopped(at or _system())
    with replaced(clock):
        yield clock


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Let the clock run, but ahead (or behind) by a fixed amount, for a test."""
    with replaced(lambda: _system() + by):
        yield


@contextmanager
def replaced(source: Callable[[], datetime]) -> Iterator[None]:
    """Take the time from ``source`` until the block ends."""
    global _source  # noqa: PLW0603 - the one deliberate hook; a context variable would not reach other tasks and threads
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
