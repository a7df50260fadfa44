"""The installation a command works on, with its servers up."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from ismessenger.commands.outcome import WordsRefused
from ismessenger.embedded.attach import attached, attached_or_started, environment_of, wanting
from ismessenger.embedded.reach import refuse_unreachable
from ismessenger.installation import Installation, open_installation
from ismessenger.settings import Settings, settings
from ismessenger.tending import TOLD_LATER
from ismessenger.upgrade import prepare_all, refuse_unprepared


@asynccontextmanager
async def running(purpose: str) -> AsyncIterator[Installation]:
    """Open the installation; start its own servers if nobody runs them, and then bring their database to this version."""
    given = settings()
    with attached_or_started(given, purpose=purpose, say=tell) as resolved:
        await refuse_unreachable(resolved, embedded=given.database_url is None)
        if wanting(given):
            await prepare_all(resolved)
        else:
            await refuse_unprepared(resolved)
        async with open_installation(resolved, pool_size=2) as installation:
            yield installation


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Whoever is told to stop within the block clears up first, as after Ctrl-C."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def process_settings() -> Settings:
    """Settings of a process that stays, with every URL filled in, also for whoever asks ``settings()`` later."""
    if os.environ.pop(TOLD_LATER, ""):
        _hear()
    os.environ.update(environment_of(attached(settings())))
    settings.cache_clear()
    asyncio.run(_refuse_unready(settings()))
    return settings()


def _hear() -> None:
    """Wait until `up` has the servers and tells where they are: see `Child.tell`."""
    line = sys.stdin.readline()
    if not line:
        raise SystemExit(0)  # it came to nothing
    os.environ.update(json.loads(line))


async def _refuse_unready(ready: Settings) -> None:
    await refuse_unreachable(ready.model_copy(update={"redis_url": None}))  # which may come later
    await refuse_unprepared(ready)


def tell(line: str) -> None:
    """Show progress beside the outcome, which is alone on standard output."""
    print(line, file=sys.stderr)


def read_if_file(value: str) -> str:
    """The value, or the content of the file it names as ``@file``."""
    if not value.startswith("@"):
        return value
    try:
        return Path(value[1:]).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WordsRefused(f"{value[1:]} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}.") from error
