from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ismessenger.kit.crypto import Vault
from ismessenger.kit.pagination import decode
from ismessenger.settings import Settings
from ismessenger.web import errors
from ismessenger.web.body import json_body
from ismessenger.web.middleware import stack
from tests.serving import served

PREFIXES = ["", "/v2", "/custom", "/hooks", "/widget"]


async def _raise(request: Request) -> Response:
    match request.query_params["what"]:
        case "bug":
            raise ZeroDivisionError("secret detail")
        case "cursor":
            decode("nonsense", int)
        case "gone":
            raise ClientDisconnect
        case "late":
            return StreamingResponse(_breaks())
        case name:
            raise getattr(errors, name)
    return Response()


async def _breaks() -> AsyncIterator[bytes]:
    yield b"begun"
    raise ZeroDivisionError


async def _json(request: Request) -> Response:
    return JSONResponse(await json_body(request))


def _app(render: errors.RenderError | None = None) -> Starlette:
    return Starlette(
        routes=[Route(prefix + "/raise", _raise) for prefix in PREFIXES] + [Route("/v2/json", _json, methods=["POST"])],
        middleware=stack(Settings(_env_file=None), Vault(["a-key-of-the-tests"]), render_error=render),
        exception_handlers=errors.handlers(render),
    )


def _client(render: errors.RenderError | None = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(_app(render)), base_url="http://testserver")


@pytest.mark.parametrize(("kind", "status"), [(kind.__name__, kind.status) for kind in errors.Refused.__subclasses__()], ids=str)
async def test_each_refusal_has_its_status_and_a_sentence(kind: str, status: int) -> None:
    async with _client() as client:
        answer = await client.get("/v2/raise", params={"what": kind})
    assert answer.status_code == status
    assert answer.json()["code"] == status
    assert answer.json()["message"].endswith(".")


@pytest.mark.parametrize(
    ("path", "accept", "shape"),
    [
        ("/v2/raise", "*/*", {"code": 404, "message": errors.NotFound.words}),
        ("/custom/raise", "*/*", {"error": {"message": errors.NotFound.words}}),
        ("/hooks/raise", "text/html", {"error": {"message": errors.NotFound.words}}),
        ("/widget/raise", "text/html", {"error": {"message": errors.NotFound.words}}),
        ("/raise", "application/json", {"error": {"message": errors.NotFound.words}}),
    ],
)
async def test_programs_get_json_in_the_shape_of_their_interface(path: str, accept: str, shape: dict[str, Any]) -> None:
    async with _client() as client:
        answer = await client.get(path, params={"what": "NotFound"}, headers={"Accept": accept})
    assert answer.json() == shape


async def test_people_get_the_page_of_the_hook() -> None:
    def render(request: Request, status: int, words: str) -> Response:
        return HTMLResponse(f"<main>{request.url.path} {status} {words}</main>", status)

    async with _client(render) as client:
        answer = await client.get("/raise?what=Forbidden", headers={"Accept": "text/html,application/xhtml+xml"})
        nowhere = await client.get("/nowhere")
    assert answer.text == f"<main>/raise 403 {errors.Forbidden.words}</main>"
    assert nowhere.text == f"<main>/nowhere 404 {errors.NotFound.words}</main>"


async def test_a_broken_error_page_does_not_hide_the_sentence() -> None:
    def render(_request: Request, _status: int, _words: str) -> Response:
        raise KeyError("template")

    async with _client(render) as client:
        answer = await client.get("/raise?what=Forbidden")
    assert answer.status_code == 403
    assert errors.Forbidden.words in answer.text


async def test_the_built_in_page_escapes_its_words() -> None:
    async with _client() as client:
        answer = await client.post("/v2/json", content="<script>", headers={"Accept": "text/html"})
        assert answer.json()["code"] == 400
    response = errors._page({"type": "http"}, 400, "<script>", None)
    assert b"<script>" not in response.body


async def test_too_many_says_when_to_come_back() -> None:
    assert errors.TooMany(retry_after=0.2).headers == {"Retry-After": "1"}
    assert errors.TooMany(retry_after=11.2).headers == {"Retry-After": "12"}
    async with _client() as client:
        assert (await client.get("/v2/raise?what=TooMany")).headers["retry-after"] == "1"


@pytest.mark.parametrize("path", ["/raise", "/v2/raise", "/custom/raise"])
async def test_a_bug_is_a_500_that_tells_its_number_and_nothing_else(path: str) -> None:
    with structlog.testing.capture_logs() as lines:
        async with _client() as client:
            answer = await client.get(path, params={"what": "bug"})
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert "secret detail" not in answer.text
    assert "ZeroDivision" not in answer.text
    (line,) = [line for line in lines if line["event"] == "request failed"]
    assert line["log_level"] == "error"


async def test_a_client_that_leaves_is_nobodys_mistake() -> None:
    with structlog.testing.capture_logs() as lines:
        async with _client() as client:
            with pytest.raises(AssertionError):  # no answer reaches anybody, which the transport of the test notes
                await client.get("/raise?what=gone")
    assert [line["event"] for line in lines if line["log_level"] == "error"] == []


async def test_an_answer_that_breaks_off_is_cut_and_not_mistaken_for_a_whole_one() -> None:
    with structlog.testing.capture_logs() as lines:
        async with served(_app()) as port, httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(f"http://127.0.0.1:{port}/raise?what=late")
    assert "request failed" in [line["event"] for line in lines]


async def test_a_cursor_that_is_not_ours_is_a_bad_request() -> None:
    async with _client() as client:
        answer = await client.get("/v2/raise?what=cursor")
    assert (answer.status_code, answer.json()["message"]) == (400, "This page of the list does not exist. Start again from the first page.")


async def test_a_method_that_is_not_served_is_a_405_in_the_same_shape() -> None:
    async with _client() as client:
        answer = await client.delete("/v2/raise")
    assert answer.status_code == 405
    assert answer.json() == {"code": 405, "message": errors.MethodNotAllowed.words}
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "cannot be read"),
        (b"{", "cannot be read"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": -Infinity}', "Infinity is not a number"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "deeply"),
        (b"[" * 700 + b"]" * 700, "deeply"),
        (b'{"a": ' + b"1" * 5000 + b"}", "cannot be read"),
        (b"\x00", "cannot be read"),
    ],
)
async def test_json_that_cannot_be_read_is_a_bad_request_with_its_reason(body: bytes, words: str) -> None:
    async with _client() as client:
        answer = await client.post("/v2/json", content=body)
    assert answer.status_code == 400
    assert words in answer.json()["message"]


async def test_json_arrives_fit_for_the_database() -> None:
    async with _client() as client:
        answer = await client.post("/v2/json", content=b'{"a\\u0000": "\\ud800"}')
    assert answer.json() == {"a\ufffd": "\ufffd"}
