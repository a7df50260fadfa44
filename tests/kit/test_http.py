import logging
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ismessenger.kit.guard import AddressRefused
from ismessenger.kit.http import outside_client, provider_client
from ismessenger.settings import Settings
from tests.serving import served

LOOPBACK = ip_network("127.0.0.0/8")


async def _echo(request: Request) -> Response:
    server = request.scope["server"][0].removeprefix("::ffff:")
    return JSONResponse({"headers": dict(request.headers), "server": server, "method": request.method})


async def _to(request: Request) -> Response:
    return RedirectResponse(request.query_params["url"], int(request.query_params.get("status", "307")))


async def _cookie(_request: Request) -> Response:
    response = Response()
    response.set_cookie("session", "of-another-workspace")
    return response


async def _loop(request: Request) -> Response:
    left = int(request.path_params["left"])
    return RedirectResponse(f"/loop/{left - 1}") if left else Response("end")


inside = Starlette(
    routes=[
        Route("/", _echo, methods=["GET", "POST"]),
        Route("/to", _to),
        Route("/cookie", _cookie),
        Route("/loop/{left}", _loop),
        Route("/bot123:secret/getMe", _echo),
    ]
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def port() -> AsyncIterator[int]:
    async with served(inside, "::") as port:
        yield port


def _settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


# Every host here is this machine; without the guard the server answers.
REACHES_THIS_MACHINE = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0x0.0x0.0x1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "１２７.０.０.１",
    "127。0。0。1",
    "①②⑦.⓪.⓪.①",
    "user:password@127.0.0.1",
    "example.org@127.0.0.1",
]


@pytest.mark.parametrize("host", REACHES_THIS_MACHINE)
async def test_no_notation_of_this_machine_is_reached(port: int, host: str) -> None:
    async with outside_client(_settings()) as client:
        with pytest.raises((httpx.ConnectError, httpx.InvalidURL)):
            await client.get(f"http://{host}:{port}/")


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "017700000001", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_the_notations_do_name_this_machine(port: int, host: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as unguarded:
        assert (await unguarded.get(f"http://{host}:{port}/")).is_success
    async with outside_client(_settings()) as client:
        with pytest.raises(AddressRefused, match="private network"):
            await client.get(f"http://{host}:{port}/")


@pytest.mark.parametrize(
    "host",
    ["10.0.0.1", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "224.0.0.1", "100.64.0.1"],
)
async def test_other_closed_networks_are_refused_without_a_connection(host: str) -> None:
    async with outside_client(_settings()) as client, provider_client(f"http://{host}", settings=_settings()) as provider:
        with pytest.raises(AddressRefused):
            await client.get(f"http://{host}/")
        with pytest.raises(AddressRefused):
            await provider.get("/")


async def test_an_operator_allows_a_network(port: int) -> None:
    async with outside_client(_settings(allowed_private_networks=[LOOPBACK])) as client:
        assert (await client.get(f"http://2130706433:{port}/")).is_success
        with pytest.raises(AddressRefused):
            await client.get(f"http://[::1]:{port}/")


async def test_the_origin_an_operator_set_is_reached_and_no_neighbour_of_it(port: int) -> None:
    settings = _settings(provider_base_urls={"telegram": f"http://127.0.0.1:{port}/api"})
    async with provider_client(f"http://127.0.0.1:{port}/api", settings=settings) as provider:
        assert (await provider.get("/nothing")).status_code == 404
    async with outside_client(settings) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).is_success
        for other in (
            f"http://localhost:{port}/",
            f"http://127.0.0.2:{port}/",
            f"http://127.0.0.1:{port + 1}/",
            f"https://127.0.0.1:{port}/",
        ):
            with pytest.raises(AddressRefused):
                await client.get(other)


async def test_every_hop_of_a_redirect_is_checked(port: int) -> None:
    allowed = _settings(allowed_private_networks=[ip_network("127.0.0.1/32")])
    async with outside_client(allowed) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/to?url=http://127.0.0.1:{port}/")).is_success
        for target in (f"http://127.0.0.2:{port}/", f"http://[::1]:{port}/", "http://169.254.169.254/latest/meta-data/", "//10.0.0.1/"):
            with pytest.raises(AddressRefused):
                await client.get(f"http://127.0.0.1:{port}/to", params={"url": target})


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:6379/_FLUSHALL"])
async def test_only_http_is_spoken(port: int, target: str) -> None:
    async with outside_client(_settings(allowed_private_networks=[LOOPBACK])) as client:
        with pytest.raises(httpx.UnsupportedProtocol):
            await client.get(target)
        with pytest.raises(httpx.UnsupportedProtocol):
            await client.get(f"http://127.0.0.1:{port}/to", params={"url": target})


async def test_five_redirects_are_followed_and_not_a_sixth(port: int) -> None:
    async with outside_client(_settings(allowed_private_networks=[LOOPBACK])) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/loop/5")).text == "end"
        with pytest.raises(httpx.TooManyRedirects):
            await client.get(f"http://127.0.0.1:{port}/loop/6")


async def test_a_provider_client_follows_no_redirect(port: int) -> None:
    async with provider_client(f"http://127.0.0.1:{port}", settings=_settings(allowed_private_networks=[LOOPBACK])) as provider:
        assert (await provider.get("/loop/1")).status_code == 307


CREDENTIALS = {"Authorization": "Bearer secret", "X-Api-Key": "secret", "Cookie": "a=secret", "Token": "secret"}


async def test_credentials_go_along_within_the_origin(port: int) -> None:
    async with outside_client(_settings(allowed_private_networks=[LOOPBACK])) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/to", params={"url": "/"}, headers={"X-Api-Key": "secret"})
    assert answer.json()["headers"]["x-api-key"] == "secret"


async def test_credentials_stay_behind_when_a_redirect_leaves_the_origin(port: int) -> None:
    async with outside_client(_settings(allowed_private_networks=[LOOPBACK])) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/to", params={"url": f"http://127.0.0.2:{port}/"}, headers=CREDENTIALS)
        back = f"http://127.0.0.2:{port}/to?url=http://127.0.0.1:{port}/"
        returned = await client.get(f"http://127.0.0.1:{port}/to", params={"url": back}, headers=CREDENTIALS)
    for response in (answer, returned):
        assert "secret" not in response.text
        assert set(response.json()["headers"]) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert answer.json()["server"] == "127.0.0.2"


async def test_cookies_are_not_kept_between_requests(port: int) -> None:
    async with outside_client(_settings(allowed_private_networks=[LOOPBACK])) as client:
        assert "set-cookie" in (await client.get(f"http://127.0.0.1:{port}/cookie")).headers
        assert "cookie" not in (await client.get(f"http://127.0.0.1:{port}/")).json()["headers"]


class Resolver:
    """Stands in for the machine's name server: each question gets the next answer, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.questions: list[str] = []

    def __call__(self, host: str, port: int, *_: object, **__: object) -> list[tuple[int, int, int, str, tuple[Any, ...]]]:
        try:
            socket.inet_pton(socket.AF_INET, host)
            answer = [host]
        except OSError:
            self.questions.append(host)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (ip, port, 0, 0))
            if ":" in ip
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
            for ip in answer
        ]


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_used(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(["127.0.0.2"], ["127.0.0.3"])
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    async with outside_client(_settings(allowed_private_networks=[ip_network("127.0.0.2/32")])) as client:
        answer = await client.get(f"http://rebind.example:{port}/", headers={"Connection": "close"})
        assert answer.json()["server"] == "127.0.0.2"
        assert answer.json()["headers"]["host"] == f"rebind.example:{port}"
        assert resolver.questions == ["rebind.example"]
        with pytest.raises(AddressRefused):
            await client.get(f"http://rebind.example:{port}/")


async def test_of_several_addresses_only_open_ones_are_tried(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(["127.0.0.1", "::1", "127.0.0.2"]))
    async with outside_client(_settings(allowed_private_networks=[ip_network("127.0.0.2/32")])) as client:
        assert (await client.get(f"http://mixed.example:{port}/")).json()["server"] == "127.0.0.2"


async def test_a_dead_address_leaves_time_for_the_next(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.9", 0)) as closed:
        dead = closed.getsockname()[1]
    monkeypatch.setattr(socket, "getaddrinfo", Resolver(["127.0.0.9", "127.0.0.2"]))
    async with outside_client(_settings(allowed_private_networks=[LOOPBACK])) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"http://two.example:{dead}/")
    async with served(inside, "127.0.0.2") as only_there, outside_client(_settings(allowed_private_networks=[LOOPBACK])) as client:
        assert (await client.get(f"http://two.example:{only_there}/")).is_success


@pytest.mark.parametrize("host", ["no-such-name.invalid", "a" * 64 + ".example", "..", "a..b"])
async def test_a_name_that_does_not_exist_is_a_failed_connection(host: str) -> None:
    async with outside_client(_settings()) as client:
        with pytest.raises((httpx.ConnectError, httpx.InvalidURL)):
            await client.get(f"http://{host}/")


async def test_addresses_with_tokens_are_never_logged(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with provider_client(f"http://127.0.0.1:{port}", settings=_settings(allowed_private_networks=[LOOPBACK])) as provider:
        assert (await provider.get("/bot123:secret/getMe")).is_success
    assert "secret" not in str([record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")])
