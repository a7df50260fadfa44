"""Time zones that people can choose."""

from functools import lru_cache
from zoneinfo import available_timezones

_AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """UTC, then the names of places, by name; without the names that are kept for old programs."""
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in _AREAS))


def is_zone(name: str) -> bool:
    """Whether this names a time zone."""
    return name in zones() or name in available_timezones()
