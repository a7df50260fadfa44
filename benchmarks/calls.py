"""Calls of incoming webhooks at a rate that does not wait for the server, and what somebody else asks for meanwhile."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from benchmarks.connection import Connection

TICK_S = 0.01
ASK_EVERY_S = 0.05


async def call_hooks(
    port: int, paths: Sequence[str], contacts: Sequence[int], rate: int, seconds: float, connections: int
) -> dict[str, Any]:
    """Post to these addresses in turn, each call naming the next contact: statuses, seconds, and how long another one's request took."""
    # Each in its turn: the server hangs up on one that says nothing for seconds.
    lines: asyncio.Queue[Connection] = asyncio.Queue()
    for _number in range(connections):
        lines.put_nowait(await Connection.to(port))
    requests = map(_request, itertools.cycle(paths), itertools.cycle(contacts))
    answers, waits, calls = Counter[int](), list[float](), list[asyncio.Task[None]]()
    over = asyncio.Event()
    bystander = asyncio.create_task(_stand_by(port, over, waits))

    async def call(line: Connection, request: bytes) -> None:
        answers[await line.post(request)] += 1
        lines.put_nowait(line)

    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        if (ahead := began + number / rate - time.perf_counter()) > TICK_S:
            await asyncio.sleep(ahead)
        calls.append(asyncio.create_task(call(await lines.get(), next(requests))))
    await asyncio.gather(*calls)
    took = time.perf_counter() - began
    over.set()
    await bystander
    while not lines.empty():
        lines.get_nowait().close()
    return {"answers": dict(answers), "seconds": took, "waits": waits}


async def _stand_by(port: int, over: asyncio.Event, waits: list[float]) -> None:
    line = await Connection.to(port)
    while not over.is_set():
        began = time.perf_counter()
        status = await line.post(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert status == HTTPStatus.OK, f"while it was called the process said {status}"
        waits.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(ASK_EVERY_S)
    line.close()


def _request(path: str, contact: int) -> bytes:
    body = b'{"customer": {"id": %d}, "order": {"id": 77, "total": "19.90"}}' % contact
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
