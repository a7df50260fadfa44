"""As many webhooks as a server takes."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from benchmarks.connection import Connection
from benchmarks.webhooks import messenger_body, signed_request

BODIES = 30_000
CONTACTS = 2_000
_requests: dict[str, Iterator[bytes]] = {}


async def blast(port: int, path: str, seconds: float, connections: int) -> dict[str, Any]:
    """Post different signed bodies on all connections for a while: how many were answered with which status, in how many seconds."""
    if path not in _requests:
        _requests[path] = itertools.cycle([signed_request(path, messenger_body(number % CONTACTS, number)) for number in range(BODIES)])
    requests, answers = _requests[path], Counter[int]()
    lines = [await Connection.to(port) for _number in range(connections)]
    began = time.perf_counter()
    deadline = began + seconds

    async def keep_posting(line: Connection) -> None:
        while time.perf_counter() < deadline:
            answers[await line.post(next(requests))] += 1

    await asyncio.gather(*(keep_posting(line) for line in lines))
    took = time.perf_counter() - began
    for line in lines:
        line.close()
    return {"answers": dict(answers), "seconds": took}
