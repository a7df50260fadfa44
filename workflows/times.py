"""Times as people mean them: on the clock of a time zone, also where it is changed in spring and autumn."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ismessenger.sdk.step import Duration
from ismessenger.sdk.words import ngettext


@lru_cache(maxsize=256)
def zone(timezone: str) -> ZoneInfo:
    """A time zone; UTC for a name that means none."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def is_zone(timezone: str) -> bool:
    """Whether there is such a time zone."""
    return timezone == "UTC" or zone(timezone).key != "UTC"


def after(now: datetime, duration: Duration, timezone: str) -> datetime:
    """So long after now, in UTC. Days end at the same time of day there; minutes and hours are as long as they are."""
    if duration.unit != "days":
        return now.astimezone(UTC) + timedelta(minutes=duration.minutes)
    return (now.astimezone(zone(timezone)) + timedelta(days=duration.value)).astimezone(UTC)


def in_words(duration: Duration) -> str:
    """``3 days``, ``1 hour``."""
    forms = {
        "minutes": ngettext("%(num)s minute", "%(num)s minutes", duration.value),
        "hours": ngettext("%(num)s hour", "%(num)s hours", duration.value),
        "days": ngettext("%(num)s day", "%(num)s days", duration.value),
    }
    return forms[duration.unit] % {"num": duration.value}
