"""Work that waits."""

import argparse
import asyncio

from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import running
from ismessenger.jobs.drain import drain as wait_for_work

EXPECTED = ()


def drain(args: argparse.Namespace) -> Outcome:
    """Wait until no inbound event and no due delivery is left; not well if some are."""

    async def go() -> Outcome:
        async with running("drain") as installation:
            left = await wait_for_work(installation, timeout=args.timeout)
            return Outcome(left.values(), well=left.done)

    return asyncio.run(go())
