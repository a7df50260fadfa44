"""Until when a conversation can be snoozed at one click, on the clock of whoever does it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ismessenger.conversations.errors import ConversationRefused
from ismessenger.sdk.words import gettext

MORNING: Final = time(9)
LATER: Final = timedelta(hours=3)
_HALF_HOUR: Final = 30

Name = Literal["later", "tomorrow", "next_week"]


@dataclass(frozen=True, slots=True)
class Preset:
    """One of the choices; ``at`` is on the clock of the zone it was asked for."""

    name: Name
    at: datetime


def presets(now: datetime, zone: ZoneInfo) -> list[Preset]:
    """Later today, as long as three hours from now are today; tomorrow at nine; the first Monday after tomorrow at nine."""
    here = now.astimezone(zone)
    later = _rounded_up((now + LATER).astimezone(zone))
    tomorrow = here.date() + timedelta(days=1)
    monday = tomorrow + timedelta(days=7 - tomorrow.weekday())
    mornings = (Preset("tomorrow", datetime.combine(tomorrow, MORNING, zone)), Preset("next_week", datetime.combine(monday, MORNING, zone)))
    return [*([Preset("later", later)] if later.date() == here.date() else []), *mornings]


def zone_named(*names: str) -> ZoneInfo:
    """The first of these that is a time zone; UTC if none is."""
    for name in names:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def until(typed: str, zone: ZoneInfo) -> datetime:
    """The time that a form names: with its own offset, or on the zone's clock. Raises `ConversationRefused`."""
    try:
        at = datetime.fromisoformat(typed)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ConversationRefused(gettext("Choose a day and a time until which to snooze.")) from error


def _rounded_up(at: datetime) -> datetime:
    past = timedelta(minutes=at.minute % _HALF_HOUR, seconds=at.second, microseconds=at.microsecond)
    return at + timedelta(minutes=_HALF_HOUR) - past if past else at
