"""The demo shop."""

import argparse
import asyncio

from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import running
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.demo.seed import seed_demo

EXPECTED = UNPREPARED


def seed(_args: argparse.Namespace) -> Outcome:
    """Create the demo shop."""

    async def go() -> Outcome:
        async with running("seed demo") as installation:
            return Outcome({"demo": await seed_demo(installation.settings)})

    return asyncio.run(go())
