"""A tiny HTTP server that gives every request the same answer, to see what an adapter sends and how it takes the answer."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says. ``body`` is JSON unless it is bytes; ``manner`` "silent" never answers, "cut" stops in the middle."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Literal["whole", "cut", "silent"] = "whole"

    def encode(self) -> bytes:
        """The bytes on the wire."""
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close", **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        whole = f"HTTP/1.1 {self.status} Told\r\n{head}\r\n".encode() + body
        return whole[:-1] if self.manner == "cut" else whole


@dataclass(frozen=True, slots=True)
class Request:
    """What an adapter sent. Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Told:
    """The server while it runs: its URL on a free loopback port, and what it was sent."""

    url: str
    requests: list[Request] = field(default_factory=list)


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[Told]:
    """A server that gives this answer until the context closes."""
    requests: list[Request] = []
    conversations: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_converse(reader, writer, answer, requests))
        conversations.add(task)
        task.add_done_callback(conversations.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield Told(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests)
    finally:
        server.close()
        for task in list(conversations):
            task.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        await server.wait_closed()


@contextmanager
def refusing() -> Iterator[str]:
    """The URL of a port that is held, so that nobody else takes it, and on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer, requests: list[Request]) -> None:
    try:
        requests.append(await _read(reader))
        if answer.manner == "silent":
            await reader.read()  # until the other side gives up
            return
        writer.write(answer.encode())
        await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        return
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        return Request(method, path, headers, await _chunks(reader))
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body
