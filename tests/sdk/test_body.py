from datetime import UTC, datetime

import pytest

from ismessenger.sdk.body import json_body, json_object, moment, storable
from ismessenger.sdk.channel import BodyInvalid
from ismessenger.sdk.testing import raw_request


def test_json_is_read() -> None:
    assert json_object(raw_request('{"text": "你好 👍", "n": [1, 2.5, null, true]}'.encode())) == {
        "text": "你好 👍",
        "n": [1, 2.5, None, True],
    }


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"NaN", b"[Infinity]", b"1" * 10_000, b"\xef\xbb\xbf{}x", b"<xml/>"]
)
def test_what_is_no_json_is_invalid(body: bytes) -> None:
    with pytest.raises(BodyInvalid, match="not JSON"):
        json_body(raw_request(body))


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"text"'])
def test_what_is_no_object_is_invalid(body: bytes) -> None:
    with pytest.raises(BodyInvalid, match="not a JSON object"):
        json_object(raw_request(body))


def test_what_cannot_be_stored_is_replaced_everywhere() -> None:
    body = rb'{"a\u0000": ["\ud800x", {"b": "\uDFFF\u0000"}], "whole": "\ud83d\udc4d", "words": "\\u0000"}'
    assert json_body(raw_request(body)) == {"a\ufffd": ["\ufffdx", {"b": "\ufffd\ufffd"}], "whole": "👍", "words": "\\u0000"}
    assert storable("a\x00b\udc00c👍") == "a\ufffdb\ufffdc👍"


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    assert json_body(raw_request(b'{"a": "\xff"}')) == {"a": "\ufffd"}


def test_a_unix_time_is_seconds_or_milliseconds() -> None:
    assert moment(1767323045) == moment(1767323045000, per_second=1000) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert moment(1767323045678, per_second=1000).microsecond == 678_000


@pytest.mark.parametrize("value", [None, True, "1767323045", [], 10**30, -(10**30), float("inf"), float("nan")])
def test_what_is_no_time_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError, match="not a Unix time"):
        moment(value)
