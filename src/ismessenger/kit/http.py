"""Requests to the outside, which cannot be turned against the inside.

Whatever a URL looks like and wherever it redirects, the address that a connection is really opened to is checked first, so that
neither notations of an address nor a name that resolves differently a moment later gets around it.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar, DefaultCookiePolicy
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Self

import httpx

from ismessenger.kit.guard import CONNECT_SECONDS, AddressRefused, GuardedTransport, origin
from ismessenger.kit.text import clean
from ismessenger.settings import Settings

MAX_REDIRECTS = 5
USER_AGENT = "IS-Messenger"
DOWNLOAD_SECONDS = 300.0
SPOOL_BYTES = 1 << 20
NAME_LENGTH = 255

# What another origin may know after a redirect; everything else a caller set could be a credential.
_KEPT_HEADERS = frozenset(
    [
        "host",
        "accept",
        "accept-encoding",
        "accept-language",
        "connection",
        "content-length",
        "content-type",
        "transfer-encoding",
        "user-agent",
    ]
)
_ORIGIN = "ismessenger.origin"
_PASSING = (408, 425, 429)

# Both write whole URLs, and a bot token is part of one.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def provider_client(base_url: str | None, *, settings: Settings, timeout: float = 30) -> httpx.AsyncClient:
    """A client for one provider's API. ``timeout`` is in seconds and counts for each read and write. Follows no redirects."""
    return _client(settings, timeout=timeout, base_url=base_url or "", follow_redirects=False)


def outside_client(settings: Settings, *, timeout: float = 30) -> httpx.AsyncClient:
    """A client for addresses that other people wrote. Follows five redirects and takes no credentials to another origin."""
    return _client(settings, timeout=timeout, base_url="", follow_redirects=True)


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was fetched, open at its start; small ones are in memory. ``content_type`` is only what the server claims."""

    file: IO[bytes]
    size: int
    content_type: str | None
    name: str | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.file.close()


class DownloadFailed(Exception):
    """A file could not be fetched; the text says why. ``again`` tells whether it may work later."""

    def __init__(self, words: str, *, again: bool) -> None:
        super().__init__(words)
        self.again = again


async def download(
    client: httpx.AsyncClient, url: str, *, headers: Mapping[str, str] | None = None, max_bytes: int, seconds: float = DOWNLOAD_SECONDS
) -> Download:
    """Fetch a file of at most ``max_bytes`` within ``seconds`` in all. Close what you get. Raises `DownloadFailed`."""
    request = _request(client, url, headers or {})
    file = SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 - handed to the caller
    try:
        async with asyncio.timeout(seconds):
            return await _fetch(client, request, max_bytes, file)
    except (httpx.TransportError, httpx.TooManyRedirects, TimeoutError) as error:
        file.close()
        raise _named(error) from error
    except BaseException:
        file.close()
        raise


def _client(settings: Settings, *, timeout: float, base_url: str, follow_redirects: bool) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=GuardedTransport(trusted=settings.provider_base_urls.values(), allowed=settings.allowed_private_networks),
        base_url=base_url,
        timeout=httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
        follow_redirects=follow_redirects,
        max_redirects=MAX_REDIRECTS,
        headers={"User-Agent": USER_AGENT},
        # One client serves many workspaces: a cookie of one must not reach another's request.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        event_hooks={"request": [_drop_credentials]},
        # A proxy would open the connection in our place, unchecked.
        trust_env=False,
    )


async def _drop_credentials(request: httpx.Request) -> None:
    """Runs before every hop; a redirect carries the extensions of the request that it answers."""
    here = origin(request.url)
    if request.extensions.setdefault(_ORIGIN, here) != here:
        for name in [name for name in request.headers if name.lower() not in _KEPT_HEADERS]:
            del request.headers[name]


def _request(client: httpx.AsyncClient, url: str, headers: Mapping[str, str]) -> httpx.Request:
    try:
        return client.build_request("GET", url, headers={**headers, "Accept-Encoding": "identity"})
    except (httpx.InvalidURL, ValueError) as error:
        raise DownloadFailed("This is not the address of a file.", again=False) from error


async def _fetch(client: httpx.AsyncClient, request: httpx.Request, max_bytes: int, file: IO[bytes]) -> Download:
    response = await client.send(request, stream=True, follow_redirects=True)
    try:
        _check(response, max_bytes)
        size = 0
        async for piece in response.aiter_raw():
            size += len(piece)
            if size > max_bytes:
                raise _too_large(max_bytes)
            file.write(piece)
    finally:
        await response.aclose()
    file.seek(0)
    return Download(file, size, response.headers.get("content-type"), _file_name(response))


def _check(response: httpx.Response, max_bytes: int) -> None:
    if not response.is_success:
        again = response.is_server_error or response.status_code in _PASSING
        raise DownloadFailed(f"The server answered {response.status_code}.", again=again)
    # A few bytes of an encoded body may unpack to gigabytes, and we asked for none.
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise DownloadFailed("The server sent the file in an encoding that was not asked for.", again=False)
    if int(response.headers.get("content-length", "0")) > max_bytes:
        raise _too_large(max_bytes)


def _too_large(max_bytes: int) -> DownloadFailed:
    return DownloadFailed(f"The file is larger than {max_bytes} bytes.", again=False)


def _file_name(response: httpx.Response) -> str | None:
    message = Message()
    message["Content-Disposition"] = response.headers.get("content-disposition", "")
    given = message.get_filename() or response.url.path
    return clean(given.replace("\\", "/").rpartition("/")[2], NAME_LENGTH) or None


def _named(error: httpx.TransportError | httpx.TooManyRedirects | TimeoutError) -> DownloadFailed:
    match error:
        case AddressRefused():
            return DownloadFailed(str(error), again=False)
        case httpx.UnsupportedProtocol():
            return DownloadFailed("This is not the address of a file.", again=False)
        case httpx.TooManyRedirects():
            return DownloadFailed("The server redirects without end.", again=False)
        case TimeoutError() | httpx.TimeoutException():
            return DownloadFailed("The server took too long.", again=True)
        case _:
            return DownloadFailed("The connection to the server failed.", again=True)
