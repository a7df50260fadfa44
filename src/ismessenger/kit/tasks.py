"""Ending tasks."""

import asyncio
from typing import Any

PATIENCE_SECONDS = 1.0


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they have ended; what they raise is dropped.

    One that goes on all the same is cancelled again: before Python 3.12 ``asyncio.wait_for``, which libraries use, loses a cancellation
    that comes in the very moment in which what it waits for is done.
    """
    while going := [task for task in tasks if not task.done()]:
        for task in going:
            task.cancel()
        await asyncio.wait(going, timeout=PATIENCE_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
