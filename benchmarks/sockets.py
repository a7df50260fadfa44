"""Agents' WebSockets that cost their process little: frames are searched for marks, not parsed, and webhooks go out at a steady pace."""

import asyncio
import base64
import os
import re
import time
from typing import Any, cast

from benchmarks.connection import Connection
from benchmarks.figures import percentile
from benchmarks.webhooks import TOKEN, messenger_body, signed_request

_MARK = re.compile(rb"%b-(\d{8})" % TOKEN.encode())
CONNECT_AT_ONCE = 50
LAST_S = 3.0


class Socket(asyncio.Protocol):
    """One page of an agent: it only listens, and answers pings."""

    def __init__(self, heard: dict[int, list[float]], opened: "asyncio.Future[bool]") -> None:
        self._heard, self._opened = heard, opened
        self._transport: asyncio.Transport | None = None
        self._seen: set[int] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """From the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """From the loop. A mark that is cut in two by the network shows again: a card and a message carry it both."""
        now = time.time()
        if not self._opened.done():
            self._opened.set_result(data.startswith(b"HTTP/1.1 101"))
        for found in _MARK.finditer(data):
            number = int(found[1])
            if number not in self._seen:
                self._seen.add(number)
                self._heard.setdefault(number, []).append(now)
        if data[:1] == b"\x89" and self._transport is not None:  # a ping. Source: RFC 6455, section 5.5.2
            self._transport.write(b"\x8a\x80\x00\x00\x00\x00")

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


_sockets: list[Socket] = []
_heard: dict[int, list[float]] = {}


async def listen(port: int, cookies: list[str]) -> dict[str, Any]:
    """Open one socket for each cookie and keep it; returns how many were let in."""
    before = len(_sockets)
    for start in range(0, len(cookies), CONNECT_AT_ONCE):
        opened = await asyncio.gather(*(_open(port, cookie) for cookie in cookies[start : start + CONNECT_AT_ONCE]))
        assert all(opened), "a socket was refused"
    return {"open": len(_sockets) - before}


async def _open(port: int, cookie: str) -> bool:
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[bool] = loop.create_future()
    _transport, socket = await loop.create_connection(lambda: Socket(_heard, opened), "127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET /live?after= HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nCookie: ismessenger_session={cookie}\r\n\r\n"
    )
    _transport.write(head.encode())
    _sockets.append(socket)
    return await opened


async def stream(port: int, path: str, per_second: float, seconds: float, first: int, contacts: int) -> dict[str, Any]:
    """Post webhooks at a steady pace and see when each is on the sockets: milliseconds from post to arrival."""
    line = await Connection.to(port)
    posted: dict[int, float] = {}
    began = time.perf_counter()
    for step in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, began + step / per_second - time.perf_counter()))
        number = first + step
        posted[number] = time.time()
        assert await line.post(signed_request(path, messenger_body(step % contacts, number))) == 200  # noqa: PLR2004 - taken
    deadline = time.perf_counter() + LAST_S
    wanted = len(posted) * len(_sockets)
    while sum(len(_heard.get(number, ())) for number in posted) < wanted and time.perf_counter() < deadline:
        await asyncio.sleep(0.02)
    line.close()
    late = [(moment - at) * 1000 for number, at in posted.items() for moment in _heard.get(number, ())]
    return {"p50": percentile(late, 0.5), "p99": percentile(late, 0.99), "arrived": len(late) / wanted}
