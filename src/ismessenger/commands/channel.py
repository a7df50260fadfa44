"""Channels of a workspace."""

import argparse
import asyncio

from ismessenger.channels.connect import ChannelRefused
from ismessenger.channels.connect import connect as connect_one
from ismessenger.commands.outcome import Outcome, WordsRefused
from ismessenger.commands.running import read_if_file, running
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.workspaces.create import WorkspaceRefused, find_workspace

EXPECTED = (ChannelRefused, WorkspaceRefused, *UNPREPARED)


def connect(args: argparse.Namespace) -> Outcome:
    """Connect a channel; what the other side must be told comes back with it."""
    values = dict(map(_pair, args.set))

    async def go() -> Outcome:
        async with running("channel connect") as installation:
            workspace = await find_workspace(installation, args.workspace)
            made = await connect_one(installation, workspace.id, args.kind, name=args.name, values=values, check=not args.skip_check)
            return Outcome({"channel_id": made.channel_id, "webhook_url": made.webhook_url, **made.values})

    return asyncio.run(go())


def _pair(word: str) -> tuple[str, str]:
    key, equals, value = word.partition("=")
    if not equals or not key:
        raise WordsRefused(f"--set wants key=value, not {word!r}.")
    return key, read_if_file(value)
