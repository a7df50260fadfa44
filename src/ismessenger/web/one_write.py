"""HTTP connections that send the head of an answer together with its body.

Uvicorn writes each by itself, and uvloop sends what is written at once: two system calls and two packets, a fifth of the work of a
short answer. Another fifth goes into its head, which `ReadyAnswer` puts together once for all who get the same.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.types import Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

LARGE_BYTES = 64 << 10


class OneWrite(HttpToolsProtocol):
    """Uvicorn's own protocol on such a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to serve it."""
        super().connection_made(Gathering(transport))

    def handle_websocket_upgrade(self) -> None:
        """Hand the bare connection over: a WebSocket writes whole frames."""
        if isinstance(self.transport, Gathering):
            self.transport = self.transport.bare
        super().handle_websocket_upgrade()


class ReadyAnswer:
    """An answer of 200 that many requests get."""

    def __init__(self, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        self._headers = [*headers, (b"content-length", b"%d" % len(body))]
        self._body = body
        self._common: list[tuple[bytes, bytes]] | None = None
        self._whole = b""

    async def send(self, send: Send) -> None:
        """Answer a request with it."""
        cycle = getattr(send, "__self__", None)
        if isinstance(cycle, RequestResponseCycle) and _is_plain(cycle):
            cycle.response_started = cycle.response_complete = True
            cycle.transport.write(self._with(cycle.default_headers))
            cycle.message_event.set()
            cycle.on_response()
        else:
            await send({"type": "http.response.start", "status": HTTPStatus.OK.value, "headers": self._headers})
            await send({"type": "http.response.body", "body": self._body})

    def _with(self, common: list[tuple[bytes, bytes]]) -> bytes:
        """The whole of it. Uvicorn makes a new list of the headers of all answers every second, with the date."""
        if common is not self._common:
            lines = [b"HTTP/1.1 200 OK", *(name + b": " + value for name, value in (*common, *self._headers))]
            self._common, self._whole = common, b"\r\n".join([*lines, b"", self._body])
        return self._whole


def _is_plain(cycle: RequestResponseCycle) -> bool:
    """Whether there is nothing to wait for before the answer, and nothing to do after it."""
    return cycle.keep_alive and not (cycle.response_started or cycle.disconnected or cycle.flow.write_paused or cycle.access_log)


class Gathering(asyncio.Transport):
    """Writes what was written in one turn of the loop in one go. It has what Uvicorn asks of a connection; ``bare`` is the real one."""

    __slots__ = ("_call_soon", "_parts", "bare")

    def __init__(self, bare: asyncio.Transport) -> None:
        self.bare = bare
        self._parts: list[bytes] = []
        self._call_soon = asyncio.get_running_loop().call_soon

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send it at the end of this turn; at once if it is much, so that whoever writes faster than is read is held up."""
        if not self._parts:
            self._call_soon(self._send)
        self._parts.append(bytes(data))
        if len(data) > LARGE_BYTES:
            self._send()

    def close(self) -> None:
        """Send what is left, then close."""
        self._send()
        self.bare.close()

    def is_closing(self) -> bool:
        """Whether it is closed, or will be."""
        return self.bare.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self.bare.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Read no more for now."""
        self.bare.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self.bare.resume_reading()

    def _send(self) -> None:
        if self._parts and not self.bare.is_closing():
            self.bare.write(b"".join(self._parts))
        self._parts.clear()
