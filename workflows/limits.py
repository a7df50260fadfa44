"""How long steps may wait."""

from typing import Final

from ismessenger.sdk.step import Duration, Fault
from ismessenger.sdk.words import gettext

LONGEST: Final = Duration(value=7, unit="days")


def too_long(duration: Duration, field: str) -> list[Fault]:
    """The fault of a length of time above seven days."""
    return [Fault(gettext("Seven days is the longest time."), field)] if duration.minutes > LONGEST.minutes else []
