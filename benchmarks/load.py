"""The second process: ``python -m benchmarks.load`` reads an order a line and writes an answer a line, until its input ends."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import uvloop

from benchmarks.blast import blast
from benchmarks.calls import call_hooks
from benchmarks.doorbell import commit_and_publish
from benchmarks.watch import open_sockets, post_and_watch

ORDERS: dict[str, Callable[..., Awaitable[Any]]] = {
    order.__name__: order for order in (blast, call_hooks, commit_and_publish, open_sockets, post_and_watch)
}

LONGEST_ORDER_BYTES = 1 << 20


async def main() -> None:
    """Work through the orders."""
    reader = asyncio.StreamReader(limit=LONGEST_ORDER_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = orjson.loads(line)
        outcome = await ORDERS[order.pop("what")](**order)
        sys.stdout.buffer.write(orjson.dumps(outcome, option=orjson.OPT_NON_STR_KEYS) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(main())
