import base64
import json
from datetime import UTC, datetime

import pytest

from ismessenger.kit.pagination import CursorInvalid, decode, encode

AT = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)


def test_a_cursor_gives_back_its_keys() -> None:
    cursor = encode(AT, 7, "név", None, True, 1.5)
    assert decode(cursor, datetime, int, str, type(None), bool, float) == (AT, 7, "név", None, True, 1.5)
    assert cursor.isascii()
    assert "=" not in cursor


def test_a_key_may_have_one_of_several_types() -> None:
    wanted = (datetime, type(None))
    assert decode(encode(None, 7), wanted, int) == (None, 7)
    assert decode(encode(AT, 7), wanted, int) == (AT, 7)


def _made(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        "\ud800",
        "\x00",
        "ä",
        "W10=",
        _made([]),
        _made({}),
        _made([AT.isoformat(), 7]),
        _made([{"at": "2026-03-01T12:00:00"}, 7]),
        _made([{"at": "never"}, 7]),
        _made([{"at": AT.isoformat()}, 2**63]),
        _made([{"at": AT.isoformat()}, "7"]),
        _made([{"at": AT.isoformat()}, True]),
        _made([{"at": AT.isoformat()}, [7]]),
        _made([{"at": AT.isoformat()}, 7, 8]),
        base64.urlsafe_b64encode(b"[" * 1400).decode(),
        "A" * 5000,
    ],
)
def test_any_other_cursor_is_refused_with_a_sentence(cursor: str) -> None:
    with pytest.raises(CursorInvalid, match="first page"):
        decode(cursor, datetime, int)


def test_a_string_key_cannot_smuggle_what_the_database_refuses() -> None:
    assert decode(_made(["a\x00", 1]), str, int) == ("a\ufffd", 1)
