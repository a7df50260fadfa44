import asyncio
import gzip
import logging
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ismessenger.sdk.channel import Rejected, SendFailed, Throttled, Unavailable, Unconfirmed
from ismessenger.sdk.http import ANSWER_LIMIT_BYTES, call, json_of, retry_after
from ismessenger.sdk.testing import Answer, answering, refusing
from tests.standins.server import Behaviour, StandIn

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def told(answer: Answer, **kwargs: Any) -> httpx.Response:
    async with answering(answer) as server, httpx.AsyncClient(base_url=server.url, timeout=10) as http:
        return await call(http, "POST", "/message", **kwargs)


async def test_a_good_answer_comes_back_whole() -> None:
    async with StandIn() as server, httpx.AsyncClient(base_url=server.url) as http:
        answer = await call(http, "POST", "/send", json={"text": "你好"}, headers={"x-key": "1"}, params={"a": "b"})
        (request,) = server.requests
    assert (answer.status_code, json_of(answer)) == (200, {})
    assert (request.method, request.path, request.query, request.headers["x-key"]) == ("POST", "/send", {"a": "b"}, "1")
    assert request.json() == {"text": "你好"}


@pytest.mark.parametrize("status", [204, 302, 400, 401, 404, 410])
async def test_what_the_adapter_must_judge_is_returned(status: int) -> None:
    assert (await told(Answer(status, b""))).status_code == status


@pytest.mark.parametrize(
    ("status", "failure"), [(429, Throttled), (500, Unconfirmed), (502, Unconfirmed), (503, Unavailable), (504, Unconfirmed)]
)
async def test_what_is_the_same_for_all_providers_is_raised(status: int, failure: type[SendFailed]) -> None:
    with pytest.raises(failure):
        await told(Answer(status))


async def test_the_providers_own_reading_comes_first() -> None:
    def explain(answer: httpx.Response) -> SendFailed | None:
        code = json_of(answer).get("code")
        return Rejected(str(code), "No such number.") if code else None

    with pytest.raises(Rejected, match="No such number") as failure:
        await told(Answer(500, {"code": 7}), explain=explain)
    assert failure.value.code == "7"
    with pytest.raises(Throttled):
        await told(Answer(429, {}), explain=explain)
    assert (await told(Answer(200, {"code": 7}), explain=explain)).status_code == 200


async def test_a_refused_connection_is_unavailable() -> None:
    with refusing() as url:
        async with httpx.AsyncClient(base_url=url) as http:
            with pytest.raises(Unavailable):
                await call(http, "POST", "/")


async def test_an_unknown_host_is_unavailable() -> None:
    async with httpx.AsyncClient(base_url="http://nowhere.invalid") as http:
        with pytest.raises(Unavailable):
            await call(http, "POST", "/")


async def test_silence_and_cut_answers_are_unconfirmed() -> None:
    impatient = httpx.Timeout(60, read=0.2)
    async with answering(Answer(manner="silent")) as server, httpx.AsyncClient(base_url=server.url, timeout=impatient) as http:
        with pytest.raises(Unconfirmed):
            await call(http, "POST", "/")
    with pytest.raises(Unconfirmed):
        await told(Answer(200, {"a": "b"}, manner="cut"))
    with pytest.raises(Unconfirmed):
        await told(Answer(200, b"no gzip", {"Content-Encoding": "gzip"}))


async def test_a_full_pool_is_unavailable() -> None:
    timeout = httpx.Timeout(10, pool=0.1)
    async with StandIn() as server, httpx.AsyncClient(base_url=server.url, timeout=timeout, limits=httpx.Limits(max_connections=1)) as http:
        server.behave(Behaviour("late", count=1, seconds=30))
        occupying = asyncio.create_task(call(http, "POST", "/"))
        await server.received(1)
        with pytest.raises(Unavailable):
            await call(http, "POST", "/")
        occupying.cancel()


async def test_a_guard_against_private_addresses_says_why() -> None:
    class AddressRefused(httpx.ConnectError):
        """What a guarding client raises."""

    class Guard(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise AddressRefused("10.0.0.1 is in a private network.")

    async with httpx.AsyncClient(transport=Guard()) as http:
        with pytest.raises(Rejected, match=r"10\.0\.0\.1 is in a private network"):
            await call(http, "POST", "https://a.example/")


@pytest.mark.parametrize("body", [{"text": "\ud800"}, {"number": float("nan")}])
async def test_what_cannot_be_written_as_json_is_rejected(body: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        await told(Answer(), json=body)


@pytest.mark.parametrize("url", ["ftp://a.example/", "https://a.example:99999/", "https://a\x00b/", "nowhere"])
async def test_what_is_no_address_is_rejected(url: str) -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(Rejected):
            await call(http, "POST", url)


async def test_an_endless_answer_is_not_read() -> None:
    whole = await told(Answer(200, b"x" * ANSWER_LIMIT_BYTES))
    assert len(whole.content) == ANSWER_LIMIT_BYTES
    with pytest.raises(Unconfirmed):
        await told(Answer(200, b"x" * (ANSWER_LIMIT_BYTES + 1)))
    with pytest.raises(Unconfirmed):
        await told(Answer(200, gzip.compress(b"x" * 50_000_000), {"Content-Encoding": "gzip"}))


@pytest.mark.parametrize(("name", "squeeze"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_compressed_answer_is_read(name: str, squeeze: Any) -> None:
    assert json_of(await told(Answer(200, squeeze(b'{"a": 1}'), {"Content-Encoding": name}))) == {"a": 1}


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000, b"1" * 10_000])
async def test_what_is_no_json_is_none(body: bytes) -> None:
    assert json_of(await told(Answer(200, body))) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("Fri, 02 Jan 2026 03:05:05 GMT", 60),
        ("Fri, 02 Jan 2026 03:05:05 -0000", 60),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٧", None),
        ("1" * 400, None),
        ("Fri, 99 Jan 2026 03:05:05 GMT", None),
        ("Fri, 02 Jan 99999 03:05:05 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: int | None) -> None:
    answer = httpx.Response(429, headers=[(b"retry-after", header.encode())])
    assert retry_after(answer, now=NOW) == (None if seconds is None else timedelta(seconds=seconds))


async def test_the_log_shows_no_path_because_tokens_may_be_part_of_it(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, logger=name)
    async with answering(Answer(404)) as server, httpx.AsyncClient(base_url=server.url) as http:
        await call(http, "POST", "/bot123:secret/sendMessage")
    assert server.url in caplog.text
    assert "secret" not in caplog.text
