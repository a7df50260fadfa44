"""The values of conditions, read as what they are compared with."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ismessenger.conditions.tree import MAX_NUMBER, Duration, Leaf, One
from ismessenger.sdk.words import gettext, marked

# What is left between them can be moved by a day and between time zones.
FIRST_YEAR, LAST_YEAR = 1000, 9000
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_BETWEEN_DIGITS: Final = re.compile(r"[\s().-]")
_GONE: Final = {
    "contactTag": marked("A tag of this condition was deleted."),
    "lifecycle": marked("A lifecycle stage of this condition was deleted."),
    "channel": marked("A channel of this condition is not there any more."),
    "lastInteractedChannel": marked("A channel of this condition is not there any more."),
    "assignee": marked("Somebody named in this condition left the workspace."),
    "team": marked("A team of this condition was deleted."),
    "conversationStatus": marked("A status of this condition is none of open, closed, snoozed and blocked."),
    "assigneeStatus": marked("A status of this condition is none of online, busy, offline and none."),
}


class Broken(ValueError):
    """A condition speaks of something that is not there or cannot be; the text says of what."""


def choices(leaf: Leaf, known: Collection[int | str]) -> Sequence[int | str]:
    """The values, all of which must be known. Raises `Broken`."""
    found = [value for value in leaf.values if isinstance(value, (int, str)) and not isinstance(value, bool) and value in known]
    if len(found) < len(leaf.values):
        raise Broken(gettext(_GONE[leaf.category]))
    return found


def text(value: One) -> str:
    """Words. Raises `Broken`."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Broken(gettext("a text is wanted."))


def option(value: One, type_: str) -> Sequence[str]:
    """The spellings that a text is equal to. Raises `Broken`."""
    words = text(value)
    if type_ == "phone":
        return [words, _BETWEEN_DIGITS.sub("", words)]
    return [words.upper() if type_ == "country" else words]


def number(value: One) -> int | float:
    """A number as fields store it. Raises `Broken`."""
    if isinstance(value, (bool, Duration)):
        raise Broken(gettext("a number is wanted."))
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise Broken(gettext("a number is wanted.")) from None
    if not found.is_finite() or abs(found) > MAX_NUMBER:
        raise Broken(gettext("the number is too large."))
    return int(found) if found == found.to_integral_value() else float(found)


def truth(value: One) -> bool:
    """Ticked or not. Raises `Broken`."""
    match value:
        case bool():
            return value
        case "true" | "false":
            return value == "true"
    raise Broken(gettext("true or false is wanted."))


def time_of_day(value: One) -> str:
    """``HH:MM``. Raises `Broken`."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        return value
    raise Broken(gettext("a time as HH:MM is wanted."))


def day(value: One, timezone: str) -> str:
    """``YYYY-MM-DD``: a day, or the day on which a moment falls there. Raises `Broken`."""
    found = _read(value, timezone)
    return (found.astimezone(zone(timezone)).date() if isinstance(found, datetime) else found).isoformat()


def moment_of(value: One, timezone: str) -> datetime:
    """A moment; of a day its beginning. Raises `Broken`."""
    found = _read(value, timezone)
    return found if isinstance(found, datetime) else _begins(found, timezone)


def moment_after(value: One, timezone: str) -> tuple[datetime, bool]:
    """The same, but of a day its end, which does not belong to it; whether it was a day. Raises `Broken`."""
    found = _read(value, timezone)
    return (found, False) if isinstance(found, datetime) else (_begins(found + timedelta(days=1), timezone), True)


def minutes_ago(value: One, now: datetime) -> datetime:
    """The moment that lies so long back. Raises `Broken`."""
    if not isinstance(value, Duration):
        raise Broken(gettext("a length of time is wanted, in minutes, hours or days."))
    return now - timedelta(minutes=value.minutes)


@lru_cache(maxsize=64)
def zone(timezone: str) -> ZoneInfo:
    """A time zone; UTC for a name that means none."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _begins(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time.min, zone(timezone)).astimezone(UTC)


def _read(value: One, timezone: str) -> date | datetime:
    found = _written(value)
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise Broken(gettext("a date as YYYY-MM-DD is wanted."))
    if not isinstance(found, datetime):
        return found
    return (found if found.tzinfo else found.replace(tzinfo=zone(timezone))).astimezone(UTC)


def _written(value: One) -> date | datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value) if _DATE.fullmatch(value) else datetime.fromisoformat(value)
    except ValueError:
        return None
