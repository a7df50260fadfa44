import re
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from ismessenger.kit.crypto import Vault
from ismessenger.settings import Settings
from ismessenger.web import errors
from ismessenger.web.middleware import stack
from ismessenger.web.security import SEED_COOKIE, nonce, relax
from tests.serving import served

KEY = "a-key-of-the-tests"


async def _page(request: Request) -> Response:
    return HTMLResponse(f'<meta name="csp-nonce" content="{nonce(request)}">')


async def _plain_page(_request: Request) -> Response:
    return HTMLResponse("static")


async def _text(_request: Request) -> Response:
    return PlainTextResponse("text")


async def _demo(request: Request) -> Response:
    relax(request, {"frame-ancestors": "*", "img-src": "'self' https:", "base-uri": ""})
    return HTMLResponse("demo")


async def _mail(_request: Request) -> Response:
    return HTMLResponse("mail", headers={"Content-Security-Policy": "sandbox", "Cache-Control": "private, max-age=60"})


async def _change(_request: Request) -> Response:
    return JSONResponse({"changed": True})


async def _live(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


async def _refused(socket: WebSocket) -> None:
    await socket.accept()
    raise errors.Forbidden


async def _broken(socket: WebSocket) -> None:
    await socket.accept()
    raise ZeroDivisionError


async def _never(_socket: WebSocket) -> None:
    raise errors.NotFound


async def _never_broken(_socket: WebSocket) -> None:
    raise ZeroDivisionError


CHANGES = ["/session", "/hooks/telegram/x", "/custom/webhook", "/v2/contact", "/widget/messages", "/hooksmith", "/v2x"]
app = Starlette(
    routes=[
        Route("/page", _page),
        Route("/plain", _plain_page),
        Route("/text", _text),
        Route("/demo", _demo),
        Route("/mail", _mail),
        *(Route(path, _change, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]) for path in CHANGES),
        WebSocketRoute("/live", _live),
        WebSocketRoute("/widget/live", _live),
        WebSocketRoute("/refused", _refused),
        WebSocketRoute("/broken", _broken),
        WebSocketRoute("/never", _never),
        WebSocketRoute("/never/broken", _never_broken),
    ]
)


def _app(**settings: Any) -> Starlette:
    settings.setdefault("public_url", "https://inbox.example")
    return Starlette(
        routes=app.routes,
        middleware=stack(Settings(_env_file=None, **settings), Vault([KEY])),
        exception_handlers=errors.handlers(),
    )


def _client(**settings: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(_app(**settings)), base_url="https://inbox.example")


def _policy(answer: httpx.Response) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))


async def test_a_page_runs_only_its_own_scripts_and_styles() -> None:
    async with _client() as client:
        policy = _policy(await client.get("/page"))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'self' 'nonce-[\w+/]{24}'", policy["script-src"])
    assert policy["style-src"] == policy["script-src"]
    assert policy["connect-src"] == "'self' wss://inbox.example"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert not re.search("unsafe|\\*", " ".join(policy.values()))


async def test_the_nonce_stays_from_page_to_page_of_one_browser_and_differs_between_browsers() -> None:
    async with _client() as one, _client() as other:
        first, second, elsewhere = await one.get("/page"), await one.get("/page"), await other.get("/page")
    assert first.text == second.text != elsewhere.text
    assert re.findall('content="(.*)"', first.text)[0] in _policy(first)["script-src"]
    assert _policy(first) == _policy(second)
    assert "set-cookie" not in second.headers
    cookie = first.headers["set-cookie"]
    assert cookie.startswith(SEED_COOKIE)
    assert {"HttpOnly", "SameSite=Lax", "Secure", "Path=/"} <= set(cookie.split("; "))


async def test_the_nonce_cannot_be_read_from_the_cookie() -> None:
    async with _client() as client:
        page = await client.get("/page", headers={"Cookie": f"{SEED_COOKIE}=planted"})
    assert "planted" not in page.text + page.headers["content-security-policy"]
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize("cookie", [b"ismessenger_page=\xff\xfe", b'ismessenger_page="', b"ismessenger_page", b"\x01;;=ismessenger_page=;"])
async def test_a_broken_cookie_still_gives_a_page(cookie: bytes) -> None:
    async with _client() as client:
        page = await client.get("/page", headers=[(b"cookie", cookie)])
    assert page.status_code == 200
    assert re.findall('content="(.*)"', page.text)[0] in _policy(page)["script-src"]


async def test_a_page_without_inline_scripts_sets_no_cookie_of_its_own_accord_twice() -> None:
    async with _client() as client:
        await client.get("/plain")
        assert "set-cookie" not in (await client.get("/plain")).headers


async def test_every_answer_carries_the_other_headers() -> None:
    async with _client() as client:
        for path in ("/page", "/text", "/nowhere"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "same-origin"
            assert headers["cross-origin-opener-policy"] == "same-origin"
            assert "geolocation=()" in headers["permissions-policy"]
            assert headers["strict-transport-security"] == "max-age=31536000"
            assert headers["content-security-policy"]


async def test_without_https_the_browser_is_not_told_to_insist_on_it() -> None:
    async with _client(public_url="http://10.0.0.5:8080") as client:
        page = await client.get("/page")
    assert "strict-transport-security" not in page.headers
    assert "Secure" not in page.headers["set-cookie"]
    assert "ws://10.0.0.5:8080" in _policy(page)["connect-src"]


async def test_what_is_no_page_may_load_nothing() -> None:
    async with _client() as client:
        answer = await client.get("/text")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "set-cookie" not in answer.headers


async def test_a_page_is_not_kept_after_signing_out() -> None:
    async with _client() as client:
        assert (await client.get("/page")).headers["cache-control"] == "private, no-cache"
        assert (await client.get("/mail")).headers["cache-control"] == "private, max-age=60"


async def test_a_route_relaxes_its_own_policy_and_no_other() -> None:
    async with _client() as client:
        demo, mail, page = await client.get("/demo"), await client.get("/mail"), await client.get("/page")
    assert _policy(demo)["frame-ancestors"] == "*"
    assert _policy(demo)["img-src"] == "'self' https:"
    assert "base-uri" not in _policy(demo)
    assert "'nonce-" in _policy(demo)["script-src"]
    assert mail.headers["content-security-policy"] == "sandbox"
    assert _policy(page)["frame-ancestors"] == "'none'"


OURS = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://inbox.example"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://inbox.example"},
    {"Origin": "http://internal.example:8080", "Host": "internal.example:8080"},
    {"Origin": "HTTPS://Inbox.Example", "Host": "inbox.example"},
]
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://inbox.example"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://inbox.example"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://inbox.example.evil.example"},
    {"Origin": "https://inbox.example:444"},
    {"Origin": "https://[::1"},
    {"Origin": "https://inbox.example@evil.example"},
]


@pytest.mark.parametrize("headers", OURS, ids=str)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_our_own_pages_and_programs_may_change_things(method: str, headers: dict[str, str]) -> None:
    async with _client() as client:
        assert (await client.request(method, "/session", headers=headers)).status_code == 200


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", ["/session", "/hooksmith", "/v2x"])
async def test_another_sites_page_may_not(path: str, headers: dict[str, str]) -> None:
    async with _client() as client:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            answer = await client.request(method, path, headers=headers)
            assert answer.status_code == 403
            assert "another site" in answer.text
        assert (await client.get(path, headers=headers)).status_code == 200


@pytest.mark.parametrize("path", ["/hooks/telegram/x", "/custom/webhook", "/v2/contact", "/widget/messages"])
async def test_what_is_proved_by_token_or_signature_may_come_from_anywhere(path: str) -> None:
    async with _client() as client:
        assert (await client.post(path, headers={"Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"})).status_code == 200


async def test_a_websocket_opens_only_for_our_own_pages() -> None:
    async with served(_app()) as port:
        for origin in (None, Origin("https://inbox.example"), Origin(f"http://127.0.0.1:{port}")):
            async with connect(f"ws://127.0.0.1:{port}/live", origin=origin, proxy=None) as socket:
                assert await socket.recv() == "hello"
        async with connect(f"ws://127.0.0.1:{port}/widget/live", origin=Origin("https://shop.example"), proxy=None) as socket:
            assert await socket.recv() == "hello"
        with pytest.raises(InvalidStatus) as refusal:
            await connect(f"ws://127.0.0.1:{port}/live", origin=Origin("https://evil.example"), proxy=None)
    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize(("path", "code"), [("/refused", 1008), ("/broken", 1011)])
async def test_a_websocket_that_fails_later_is_closed(path: str, code: int) -> None:
    async with served(_app()) as port, connect(f"ws://127.0.0.1:{port}{path}", proxy=None) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


@pytest.mark.parametrize(("path", "status"), [("/never", 404), ("/never/broken", 500), ("/nowhere", 404)])
async def test_a_websocket_that_is_not_opened_gets_the_reason(path: str, status: int) -> None:
    async with served(_app()) as port:
        with pytest.raises(InvalidStatus) as refusal:
            await connect(f"ws://127.0.0.1:{port}{path}", proxy=None)
    assert refusal.value.response.status_code in {status, 403 if path == "/nowhere" else status}
