"""The kept rows of a file in stretches, read and checked."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from ismessenger.background.job import JobFailed, Running
from ismessenger.files.store import FileMissing
from ismessenger.imports.order import Order
from ismessenger.imports.read_rows import Read, Reader
from ismessenger.imports.rejects import lines_of
from ismessenger.sdk.words import gettext, marked

SLICE: Final = 500
GONE: Final = marked("The uploaded file is not there any more. Upload it again.")


async def stretches_of(running: Running, order: Order, reader: Reader, start: int) -> AsyncGenerator[tuple[list[Read], int], None]:
    """Rows in slices, each with the byte behind it. The next slice is read while the one before is written."""
    gathered: list[bytes] = []
    at = last = start
    ready: asyncio.Future[list[Read]] | None = None
    async with aclosing(lines_of(running.installation.files, order.file, start)) as lines:
        try:
            async for line, end in lines:
                gathered.append(line)
                if len(gathered) == SLICE:
                    coming = asyncio.ensure_future(asyncio.to_thread(reader.read, gathered))
                    if ready is not None:
                        yield await ready, at
                    ready, at, gathered = coming, end, []
                last = end
        except FileMissing as error:
            raise JobFailed(gettext(GONE)) from error
    if ready is not None:
        yield await ready, at
    if gathered:
        yield await asyncio.to_thread(reader.read, gathered), last
