"""Requests to the outside, which cannot be turned against the inside.

Whatever a URL looks like and wherever it redirects, the address that a connection is really opened to is checked first, so that
neither notations of an address nor a name that resolves differently a moment later gets around it.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Iterable, Sequence
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address

import httpcore
import httpx

from ismessenger.kit.addresses import Address, Network, may_reach
from ismessenger.settings import Settings

MAX_REDIRECTS = 5
CONNECT_SECONDS = 10.0
USER_AGENT = "IS-Messenger"

# What another origin may know after a redirect; everything else a caller set could be a credential.
_KEPT_HEADERS = frozenset(
    "host accept accept-encoding accept-language connection content-length content-type transfer-encoding user-agent".split()
)
_ORIGIN = "ismessenger.origin"

# Both write whole URLs, and a bot token is part of one.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class AddressRefused(httpx.ConnectError):
    """The host has no address that we may reach. An operator may allow networks."""


def provider_client(base_url: str | None, *, settings: Settings, timeout: float = 30) -> httpx.AsyncClient:
    """A client for one provider's API. ``timeout`` is in seconds and counts for each read and write. Follows no redirects."""
    return _client(settings, timeout=timeout, base_url=base_url or "", follow_redirects=False)


def outside_client(settings: Settings, *, timeout: float = 30) -> httpx.AsyncClient:
    """A client for addresses that other people wrote. Follows five redirects and takes no credentials to another origin."""
    return _client(settings, timeout=timeout, base_url="", follow_redirects=True)


def _client(settings: Settings, *, timeout: float, base_url: str, follow_redirects: bool) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=_GuardedTransport(settings),
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
    origin = _origin(request.url)
    if request.extensions.setdefault(_ORIGIN, origin) != origin:
        for name in [name for name in request.headers if name.lower() not in _KEPT_HEADERS]:
            del request.headers[name]


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


class _GuardedTransport(httpx.AsyncBaseTransport):
    """Sends to an origin that the operator named directly, to all others through the check of addresses."""

    def __init__(self, settings: Settings) -> None:
        self._named = {_origin(httpx.URL(url)) for url in settings.provider_base_urls.values()}
        self._direct = httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False)
        self._checked = _CheckedTransport(settings.allowed_private_networks)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        transport = self._direct if _origin(request.url) in self._named else self._checked
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._direct.aclose()
        await self._checked.aclose()


class _CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx offers no parameter for the network backend, so its connection pool is replaced by one of ours."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        if type(self._pool) is not httpcore.AsyncConnectionPool:
            raise RuntimeError("This version of httpx keeps its connections elsewhere: addresses would go unchecked.")
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=200,
            max_keepalive_connections=50,
            keepalive_expiry=5,
            network_backend=_CheckedBackend(allowed),
        )


class _CheckedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name once, checks what came out, and connects to exactly that."""

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        clock = asyncio.get_running_loop().time
        deadline = clock() + (CONNECT_SECONDS if timeout is None else timeout)
        addresses = [address for address in await _resolve(host, port, deadline) if may_reach(address, self._allowed)]
        if not addresses:
            raise AddressRefused(f"{host} is an address inside a private network, which requests may not reach.")
        failure: Exception | None = None
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            # Each address gets its share, so that a dead IPv6 route leaves time for IPv4.
            share = max(0.0, deadline - clock()) / left
            try:
                return await self._network.connect_tcp(str(address), port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"No connection to {host}.")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


async def _resolve(host: str, port: int, deadline: float) -> list[Address]:
    try:
        async with asyncio.timeout_at(deadline):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(f"The name {host} could not be looked up in time.") from error
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"The name {host} is not known.") from error
    return [ip_address(address) for address in dict.fromkeys(sockaddr[0] for *_, sockaddr in found)]


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """One context for all clients: loading the authorities takes tens of milliseconds. Honours SSL_CERT_FILE."""
    return httpx.create_ssl_context()
