import asyncio
import gzip
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from ismessenger.kit.http import DownloadFailed, download, outside_client
from ismessenger.settings import Settings
from tests.serving import served

BODY = bytes(range(256)) * 8192
never = asyncio.Event()


async def _file(_request: Request) -> Response:
    return Response(BODY, media_type="image/png", headers={"Content-Disposition": "attachment; filename*=UTF-8''h%C3%A4user.png"})


async def _named(request: Request) -> Response:
    return Response(b"x", headers={"Content-Disposition": request.query_params["as"]})


async def _chunked(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield BODY[:65536]

    return StreamingResponse(pieces())


async def _bomb(_request: Request) -> Response:
    return Response(gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"})


async def _hang(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        await never.wait()

    return StreamingResponse(pieces())


async def _cut(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"

    return StreamingResponse(pieces(), headers={"Content-Length": "10"})


async def _status(request: Request) -> Response:
    return Response(status_code=int(request.path_params["code"]))


async def _away(request: Request) -> Response:
    return RedirectResponse("http://10.0.0.1/picture.jpg")


app = Starlette(
    routes=[
        Route("/files/photo.png", _file),
        Route("/named", _named),
        Route("/chunked", _chunked),
        Route("/bomb", _bomb),
        Route("/hang", _hang),
        Route("/cut", _cut),
        Route("/status/{code}", _status),
        Route("/away", _away),
    ]
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def base() -> AsyncIterator[str]:
    async with served(app) as port:
        yield f"http://127.0.0.1:{port}"
        never.set()


settings = Settings(_env_file=None, allowed_private_networks=[ip_network("127.0.0.0/8")])


async def test_a_file_is_fetched_whole(base: str) -> None:
    async with outside_client(settings) as client:
        with await download(client, f"{base}/files/photo.png", max_bytes=len(BODY)) as file:
            assert file.file.read() == BODY
            assert (file.size, file.content_type, file.name) == (len(BODY), "image/png", "häuser.png")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("attachment", "named"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\windows\\\\a.txt"', "a.txt"),
        ("attachment; filename*=UTF-8''%00%FF.txt", "\ufffd\ufffd.txt"),
        ("attachment; filename*=nonsense''%41.txt", "A.txt"),
        ('attachment; filename="' + "a" * 1000 + '"', "a" * 255),
    ],
)
async def test_the_name_of_a_file_is_only_a_name(base: str, disposition: str, name: str) -> None:
    async with outside_client(settings) as client:
        with await download(client, f"{base}/named?as={disposition.replace('%', '%25').replace(';', '%3B')}", max_bytes=10) as file:
            assert file.name == name


@pytest.mark.parametrize(
    ("path", "words", "again"),
    [
        ("/files/photo.png", "larger than", False),
        ("/chunked", "larger than", False),
        ("/bomb", "encoding", False),
        ("/cut", "connection", True),
        ("/hang", "too long", True),
        ("/away", "private network", False),
        ("/status/404", "404", False),
        ("/status/403", "403", False),
        ("/status/429", "429", True),
        ("/status/503", "503", True),
    ],
)
async def test_what_cannot_be_fetched_says_why_and_whether_to_try_again(base: str, path: str, words: str, again: bool) -> None:
    async with outside_client(settings) as client:
        with pytest.raises(DownloadFailed, match=words) as failure:
            await download(client, base + path, max_bytes=len(BODY) - 1, seconds=1 if path == "/hang" else 30)
    assert failure.value.again is again


@pytest.mark.parametrize("url", ["", "nonsense", "file:///etc/passwd", "http://", "http://\x00/", "http://[::1", "http://\ud800/"])
async def test_what_is_no_address_is_a_lasting_failure(url: str) -> None:
    async with outside_client(settings) as client:
        with pytest.raises(DownloadFailed) as failure:
            await download(client, url, max_bytes=10)
    assert not failure.value.again


async def test_a_refused_connection_may_work_later(base: str) -> None:
    async with outside_client(settings) as client:
        with pytest.raises(DownloadFailed) as failure:
            await download(client, "http://127.0.0.1:1/", max_bytes=10)
    assert failure.value.again
