"""The check of every address that a connection is opened to."""

import asyncio
import socket
import ssl
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import ip_address

import httpcore
import httpx

from ismessenger.kit.addresses import Address, Network, may_reach

CONNECT_SECONDS = 10.0

Origin = tuple[str, str, int | None]


class AddressRefused(httpx.ConnectError):
    """The host has no address that we may reach. An operator may allow networks."""


def origin(url: httpx.URL) -> Origin:
    """Scheme, host and port, with the port that the scheme implies."""
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends to the ``trusted`` origins directly, to all others through the check of addresses."""

    def __init__(self, *, trusted: Iterable[str], allowed: Sequence[Network]) -> None:
        self._trusted = {origin(httpx.URL(url)) for url in trusted}
        self._direct = httpx.AsyncHTTPTransport(verify=_tls(), trust_env=False)
        self._checked = _CheckedTransport(allowed)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        transport = self._direct if origin(request.url) in self._trusted else self._checked
        return await transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
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
