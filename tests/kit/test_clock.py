from datetime import UTC, datetime, timedelta, timezone

import pytest

from ismessenger.kit import clock

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_now_is_aware_and_in_utc() -> None:
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_stopped_clock_moves_only_when_told() -> None:
    with clock.stopped(NOON) as stopped:
        assert clock.now() == clock.now() == NOON
        stopped.advance(timedelta(hours=2))
        assert clock.now() == NOON + timedelta(hours=2)
        stopped.set(datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=1))))
        assert clock.now() == NOON - timedelta(hours=1)
    assert clock.now() > NOON


def test_a_shifted_clock_goes_on_running() -> None:
    with clock.shifted(timedelta(days=1)):
        first = clock.now()
        assert first - datetime.now(UTC) > timedelta(hours=23)
        while clock.now() == first:
            pass


def test_the_clock_is_put_back_after_a_failure() -> None:
    with pytest.raises(KeyError), clock.stopped(NOON):
        raise KeyError
    assert clock.now() != NOON
