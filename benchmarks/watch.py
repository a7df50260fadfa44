"""Webhooks at a steady rate, and when what they brought is seen on agents' WebSockets."""

import asyncio
import itertools
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.connection import Connection
from benchmarks.socket_client import Socket
from benchmarks.webhooks import TOKEN, custom_body, custom_request

CONTACTS = 200
CONNECTIONS = 16
HANDSHAKES_AT_ONCE = 20
PATIENCE_S = 10.0
_NUMBER = re.compile(rb"%b-(\d{8})" % TOKEN.encode())
_numbers = itertools.count(1)
_sockets: list[Socket] = []
_watchers: list["Watcher"] = []


class Watcher:
    """Remembers when it was first told of each number."""

    def __init__(self) -> None:
        self.seen_at: dict[int, float] = {}

    def told(self, text: bytes) -> None:
        """A text from the server."""
        at = time.perf_counter()
        for found in _NUMBER.finditer(text):
            self.seen_at.setdefault(int(found[1]), at)


async def open_sockets(port: int, cookies: Sequence[str], watch_every: int) -> int:
    """Open a socket per cookie; every so many is watched. Returns how many are open."""
    gate = asyncio.Semaphore(HANDSHAKES_AT_ONCE)

    async def one(number: int, cookie: str) -> Socket:
        watcher = Watcher() if number % watch_every == 0 else None
        if watcher is not None:
            _watchers.append(watcher)
        async with gate:
            return await Socket.to(port, "/live?after=0-0", cookie, watcher.told if watcher else None)

    _sockets.extend(await asyncio.gather(*(one(number, cookie) for number, cookie in enumerate(cookies))))
    return sum(not socket.closed for socket in _sockets)


async def post_and_watch(port: int, path: str, rate: float, seconds: float) -> dict[str, Any]:
    """Post at a rate. Returns the milliseconds from when each was due to when each watched socket showed it, and how many never did."""
    connections: asyncio.Queue[Connection] = asyncio.Queue()
    for _number in range(CONNECTIONS):
        connections.put_nowait(await Connection.to(port))

    async def post(number: int) -> None:
        connection = await connections.get()
        status = await connection.post(custom_request(path, custom_body(number % CONTACTS, number)))
        assert status == 200, f"a webhook was answered {status}"  # noqa: PLR2004 - the answer that counts
        connections.put_nowait(connection)

    due_at = await at_rate(post, rate, seconds)
    deadline = time.monotonic() + PATIENCE_S
    while any(due_at.keys() - watcher.seen_at.keys() for watcher in _watchers) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    while not connections.empty():
        connections.get_nowait().close()
    seen = [(watcher.seen_at[number] - due) * 1000 for watcher in _watchers for number, due in due_at.items() if number in watcher.seen_at]
    return {"milliseconds": seen, "missed": len(due_at) * len(_watchers) - len(seen), "open": sum(not socket.closed for socket in _sockets)}


async def at_rate(act: Callable[[int], Any], rate: float, seconds: float) -> dict[int, float]:
    """Begin a numbered act at a steady rate, however long each takes; returns when each was due."""
    due_at: dict[int, float] = {}
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for count in range(int(rate * seconds)):
            due = began + count / rate
            await asyncio.sleep(due - time.perf_counter())
            due_at[number := next(_numbers)] = due
            group.create_task(act(number))
    return due_at
