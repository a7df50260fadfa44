"""A WebSocket client that costs its process little: it takes frames apart, answers pings and hands texts over."""

import asyncio
import base64
import secrets
import struct
from collections.abc import Callable
from typing import cast

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
FINAL, MASKED = 0x80, 0x80
SHORT, TWO_BYTES, EIGHT_BYTES = 125, 126, 127

Told = Callable[[bytes], None]


class Socket(asyncio.Protocol):
    """One open connection. ``told`` gets every text; source of the frames' form: RFC 6455, section 5.2."""

    def __init__(self, told: Told | None) -> None:
        self._told = told
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.frames = 0
        self.closed = False

    @classmethod
    async def to(cls, port: int, path: str, cookie: str, told: Told | None = None) -> "Socket":
        """Connect to this machine and shake hands. Raises `ConnectionError`."""
        _transport, socket = await asyncio.get_running_loop().create_connection(lambda: cls(told), "127.0.0.1", port)
        await socket.shake_hands(path, f"127.0.0.1:{port}", cookie)
        return socket

    async def shake_hands(self, path: str, host: str, cookie: str) -> None:
        """Ask for an upgrade. Raises `ConnectionError` if it is refused."""
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self._write(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        await self._open

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """From the loop."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """From the loop."""
        self.closed = True
        if not self._open.done():
            self._open.set_exception(exc or ConnectionResetError("The server hung up."))

    def data_received(self, data: bytes) -> None:
        """From the loop."""
        self._received = self._received + data if self._received else data
        if not self._open.done() and not self._shake_hands():
            return
        at = 0
        while (end := _end_of_frame(self._received, at)) is not None:
            start, stop = end
            self._take(self._received[at] & 0x0F, self._received[start:stop])
            at = stop
        self._received = self._received[at:]

    def _shake_hands(self) -> bool:
        head, mark, rest = self._received.partition(b"\r\n\r\n")
        if not mark:
            return False
        if b" 101 " not in head[:20]:
            self._open.set_exception(ConnectionRefusedError(head[:80].decode("latin-1")))
            return False
        self._received = rest
        self._open.set_result(None)
        return True

    def _take(self, kind: int, payload: bytes) -> None:
        if kind == TEXT:
            self.frames += 1
            if self._told is not None:
                self._told(payload)
        elif kind == PING:
            # A mask of zeros leaves the payload as it is.
            self._write(bytes([FINAL | PONG, MASKED | len(payload)]) + bytes(4) + payload)
        elif kind == CLOSE:
            self.closed = True


def _end_of_frame(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of the frame at this place starts and stops; ``None`` if it is not all there. Servers do not mask."""
    if len(data) < at + 2:
        return None
    size, start = data[at + 1] & 0x7F, at + 2
    if size == TWO_BYTES:
        start += 2
        size = struct.unpack_from(">H", data, at + 2)[0] if len(data) >= start else 0
    elif size == EIGHT_BYTES:
        start += 8
        size = struct.unpack_from(">Q", data, at + 2)[0] if len(data) >= start else 0
    return (start, start + size) if len(data) >= start + size and len(data) >= start else None
