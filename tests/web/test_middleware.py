import asyncio
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ismessenger.kit.crypto import Vault
from ismessenger.kit.metrics import registry
from ismessenger.settings import Settings
from ismessenger.web import errors
from ismessenger.web.middleware import ACCESS, MIB, area, stack
from tests.serving import served


async def _body(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _show(request: Request) -> Response:
    return JSONResponse(
        {"path": request.url.path, "query": dict(request.query_params), "id": request.state.request_id, "form": dict(await request.form())}
    )


PATHS = ["/body", "/uploads", "/hooks/{kind}/{route}", "/uploadsx"]
app = Starlette(
    routes=[Route(path, _body, methods=["GET", "POST"]) for path in PATHS] + [Route("/show/{name:path}", _show, methods=["GET", "POST"])],
    middleware=stack(Settings(_env_file=None), Vault(["a-key-of-the-tests"]), body_limits={"/uploads": 3 * MIB, "/hooks": 1024}),
    exception_handlers=errors.handlers(),
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def port() -> AsyncIterator[int]:
    async with served(app) as port:
        yield port


def _client(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False)


async def _pieces(size: int) -> AsyncIterator[bytes]:
    for at in range(0, size, 65536):
        yield b"x" * min(65536, size - at)


@pytest.mark.parametrize(
    ("path", "limit", "size"),
    [("/body", MIB, "1 MiB"), ("/uploads", 3 * MIB, "3 MiB"), ("/uploadsx", MIB, "1 MiB"), ("/hooks/telegram/route", 1024, "1 KiB")],
)
async def test_a_body_has_the_limit_of_its_prefix(port: int, path: str, limit: int, size: str) -> None:
    async with _client(port) as client:
        assert (await client.post(path, content=b"x" * limit)).text == str(limit)
        assert (await client.post(path, content=_pieces(limit))).text == str(limit)
        assert (await client.post(path, content=_pieces(limit + 1))).status_code == 413
        refused = await client.post(path, content=b"x" * (limit + 1))
    assert refused.status_code == 413
    assert f"This is larger than the {size} that the server takes here." in refused.text


async def test_a_caller_of_far_too_much_is_cut_off(port: int) -> None:
    answer = await _talk(port, b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")


async def _talk(port: int, request: bytes) -> bytes:
    """Everything the server answers until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(60):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


HOST = b"Host: a\r\nConnection: close\r\n"
MALFORMED = {
    "bad escape of UTF-8 in the path": b"GET /show/%ff HTTP/1.1\r\n" + HOST + b"\r\n",
    "lone surrogate in the path": b"GET /show/%ed%a0%80 HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the path": b"GET /show/a%00b HTTP/1.1\r\n" + HOST + b"\r\n",
    "raw bytes in the path": b"GET /show/\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n",
    "bad escape of UTF-8 in the query": b"GET /show/a?q=%ff HTTP/1.1\r\n" + HOST + b"\r\n",
    "NUL in the query": b"GET /show/a?q=%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    "raw bytes in the query": b"GET /show/a?q=\xff HTTP/1.1\r\n" + HOST + b"\r\n",
    "headers of 100 KB": b"GET /show/a HTTP/1.1\r\n" + HOST + b"X-Long: " + b"x" * 100_000 + b"\r\n\r\n",
    "two thousand headers": b"GET /show/a HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 40) for n in range(2000)) + b"\r\n",
    "host that is none": b"GET /show/a HTTP/1.1\r\nHost: [::1\r\nConnection: close\r\n\r\n",
    "host with a path": b"GET /show/a HTTP/1.1\r\nHost: a/b?c\r\nConnection: close\r\n\r\n",
    "host with raw bytes": b"GET /show/a HTTP/1.1\r\nHost: \xff\r\nConnection: close\r\n\r\n",
    "length that is no number": b"POST /body HTTP/1.1\r\n" + HOST + b"Content-Length: ten\r\n\r\n",
    "length without end": b"POST /body HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n",
    "negative length": b"POST /body HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
    "chunk that is no number": b"POST /body HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    "method unknown": b"BREW /show/a HTTP/1.1\r\n" + HOST + b"\r\n",
    "form without boundary": b"POST /show/a HTTP/1.1\r\n" + HOST + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc",
    "form that is cut": b"POST /show/a HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 12\r\n\r\n--x\r\n\x00ab: c",
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_malformed_request_is_the_callers_mistake(port: int, name: str) -> None:
    with structlog.testing.capture_logs() as lines:
        answer = await _talk(port, MALFORMED[name])
    assert answer[:10] in {b"HTTP/1.1 4", b""}
    assert [line for line in lines if line["log_level"] == "error"] == []


@pytest.mark.parametrize("host", ["a", "a.example:8080", "127.0.0.1:80", "[::1]:8080", "xn--hxajbheg2az3al.example"])
async def test_an_ordinary_host_is_taken(port: int, host: str) -> None:
    async with _client(port) as client:
        assert (await client.get("/show/häuser?q=größe", headers={"Host": host})).json()["query"] == {"q": "größe"}


async def test_a_webhook_may_have_a_query_in_an_old_character_set(port: int) -> None:
    assert (await _talk(port, b"GET /hooks/sms/route?text=gr%F6sse HTTP/1.1\r\n" + HOST + b"\r\n")).startswith(b"HTTP/1.1 200")


async def test_every_request_has_a_number_of_its_own(port: int) -> None:
    async with _client(port) as client:
        one, other, nowhere = await client.get("/show/a"), await client.get("/show/a"), await client.get("/nowhere")
    assert one.json()["id"] == one.headers["x-request-id"] != other.headers["x-request-id"]
    assert len(nowhere.headers["x-request-id"]) == 16


async def test_the_access_log_tells_what_happened_without_tokens(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, ACCESS)
    with structlog.testing.capture_logs() as lines:
        async with _client(port) as client:
            await client.get("/show/AbCdEfGhIjKlMnOpQrStUvWx/picture?secret=1")
            await client.get("/hooks/telegram/abcdefghijklmnopqrst2345", params={"token": "s"})
            await client.post("/hooks/telegram/abcdefghijklmnopqrst2345", content=b"x" * 1025)
    seen = [line for line in lines if line["event"] == "request"]
    assert [(line["path"], line["status"]) for line in seen] == [("/show/***/picture", 200), ("/hooks/telegram/***", 413)]
    assert seen[0]["method"] == "GET"
    assert seen[0]["client"] == "127.0.0.1"
    assert "secret" not in json.dumps(seen)


async def test_requests_are_counted_by_endpoint_and_not_by_path(port: int) -> None:
    labels = {"endpoint": f"{__name__}._show", "method": "GET", "status": "200"}
    before = registry.get_sample_value("ismessenger_request_seconds_count", labels) or 0
    async with _client(port) as client:
        for path in ("/show/one", "/show/two"):
            await client.get(path)
    assert registry.get_sample_value("ismessenger_request_seconds_count", labels) == before + 2


@pytest.mark.parametrize(
    ("path", "first"), [("/v2", "v2"), ("/v2/", "v2"), ("/v2/a", "v2"), ("/v2x", "v2x"), ("/", ""), ("", ""), ("//v2", ""), ("/a/v2", "a")]
)
def test_the_area_of_a_path_is_its_first_part(path: str, first: str) -> None:
    assert area(path) == first
