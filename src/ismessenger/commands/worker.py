"""A worker process, and waiting for the work of all of them."""

import argparse
import asyncio

from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import process_settings, running
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.jobs.drain import drain as wait_for_work
from ismessenger.jobs.worker import run_worker
from ismessenger.kit import logs

EXPECTED = UNPREPARED


def work(_args: argparse.Namespace) -> None:
    """Work the lanes and the schedule."""
    settings = process_settings()
    logs.configure(settings)
    asyncio.run(run_worker(settings))


def drain(args: argparse.Namespace) -> Outcome:
    """Wait until no inbound event and no due delivery is left; not well if some are."""

    async def go() -> Outcome:
        async with running("drain") as installation:
            left = await wait_for_work(installation, seconds=args.timeout)
            return Outcome(left.values(), well=left.done)

    return asyncio.run(go())
