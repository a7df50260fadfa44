"""Business hours: on each day of the week from when until when."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Annotated, Final

from pydantic import Field

from ismessenger.sdk.step import Part
from workflows.times import zone

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Day(Part):
    """Open hours of one day. What closes at or before it opens closes on the day after."""

    on: Annotated[bool, Field(title="Open")] = True
    opens: Annotated[Clock, Field(title="From")] = "09:00"
    closes: Annotated[Clock, Field(title="To")] = "18:00"


class BusinessHours(Part):
    """A week."""

    monday: Day = Day()
    tuesday: Day = Day()
    wednesday: Day = Day()
    thursday: Day = Day()
    friday: Day = Day()
    saturday: Day = Day(on=False)
    sunday: Day = Day(on=False)

    def days(self) -> Iterator[Day]:
        """From Monday on."""
        for name in WEEKDAYS:
            yield getattr(self, name)


def is_open(hours: BusinessHours, now: datetime, timezone: str) -> bool:
    """Whether it is within the hours, on the clock of the time zone."""
    there = now.astimezone(zone(timezone))
    days = list(hours.days())
    clock = there.time()
    return _since_opening(days[there.weekday()], clock) or _past_midnight(days[(there - timedelta(days=1)).weekday()], clock)


def _since_opening(day: Day, clock: time) -> bool:
    opens, closes = time.fromisoformat(day.opens), time.fromisoformat(day.closes)
    return day.on and opens <= clock and (clock < closes or closes <= opens)


def _past_midnight(yesterday: Day, clock: time) -> bool:
    opens, closes = time.fromisoformat(yesterday.opens), time.fromisoformat(yesterday.closes)
    return yesterday.on and closes <= opens and clock < closes
