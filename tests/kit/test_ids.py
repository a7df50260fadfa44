import re
from datetime import UTC, datetime, timedelta

from ismessenger.kit import clock, ids


def test_tokens_are_url_safe_and_never_repeat() -> None:
    tokens = {ids.new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(re.fullmatch(r"[\w-]{43}", token) for token in tokens)


def test_a_route_has_only_lower_case_letters_and_digits() -> None:
    routes = {ids.new_route() for _ in range(200)}
    assert len(routes) == 200
    assert all(re.fullmatch(r"[a-z2-7]{24}", route) for route in routes)


def test_uuids_sort_by_the_time_they_were_made() -> None:
    with clock.stopped(datetime(2026, 3, 1, tzinfo=UTC)) as stopped:
        made = [ids.new_uuid()]
        for _ in range(50):
            stopped.advance(timedelta(milliseconds=1))
            made.append(ids.new_uuid())
    assert made == sorted(made)
    assert {uuid.version for uuid in made} == {7}
    assert {uuid.variant for uuid in made} == {"specified in RFC 4122"}
