from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ismessenger.sdk.step import Duration
from workflows.hours import BusinessHours, Day, is_open
from workflows.times import after, in_words, is_zone, zone

moments = st.integers(0, 10 * 365 * 24 * 60).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kuala_Lumpur", "Australia/Lord_Howe", "nowhere"])


@pytest.mark.behaviour(35)
@given(moments, zones)
@settings(max_examples=100, deadline=None)
def test_around_the_clock_is_always_open_and_closed_days_never(now: datetime, timezone: str) -> None:
    whole, never = Day(opens="00:00", closes="00:00"), Day(on=False)
    names = BusinessHours.model_fields
    assert is_open(BusinessHours(**dict.fromkeys(names, whole)), now, timezone)
    assert not is_open(BusinessHours(**dict.fromkeys(names, never)), now, timezone)


@pytest.mark.behaviour(35)
@given(moments, zones, st.integers(0, 23), st.integers(0, 23))
@settings(max_examples=200, deadline=None)
def test_hours_every_day_are_a_question_of_the_clock_there(now: datetime, timezone: str, opens: int, closes: int) -> None:
    day = Day(opens=f"{opens:02}:00", closes=f"{closes:02}:00")
    hour = now.astimezone(zone(timezone)).hour
    within = opens <= hour < closes if opens < closes else hour >= opens or hour < closes
    assert is_open(BusinessHours(**dict.fromkeys(BusinessHours.model_fields, day)), now, timezone) == within


@given(moments, zones, st.integers(1, 7))
@settings(max_examples=100, deadline=None)
def test_days_end_at_the_same_time_of_day(now: datetime, timezone: str, days: int) -> None:
    there = now.astimezone(zone(timezone))
    then = after(now, Duration(value=days, unit="days"), timezone).astimezone(zone(timezone))
    assert then.date() == there.date() + timedelta(days=days)
    # In the hour that is left out in spring there is no such time of day.
    assert then.time() == there.time() or then.utcoffset() != there.utcoffset()


@given(moments, zones, st.integers(1, 10_000))
@settings(max_examples=100, deadline=None)
def test_hours_and_minutes_are_as_long_as_they_are(now: datetime, timezone: str, many: int) -> None:
    assert after(now, Duration(value=many, unit="minutes"), timezone) - now == timedelta(minutes=many)
    assert after(now, Duration(value=many, unit="hours"), timezone) - now == timedelta(hours=many)


def test_lengths_of_time_in_words() -> None:
    assert in_words(Duration(value=1, unit="hours")) == "1 hour"
    assert in_words(Duration(value=3, unit="days")) == "3 days"


def test_time_zones_that_there_are() -> None:
    assert is_zone("UTC")
    assert is_zone("Asia/Kuala_Lumpur")
    assert not any(is_zone(name) for name in ("", "nowhere", "../etc/passwd", "Europe/", "/"))
