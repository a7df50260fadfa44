"""One workspace as a file."""

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path

from ismessenger.commands.backup import asked_passphrase
from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import ending_in_order, running, tell
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.files.store import StoreUnavailable
from ismessenger.kit.bundle import BundleRefused
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.workspaces.create import WorkspaceRefused, find_workspace
from ismessenger.workspaces.export import export_workspace
from ismessenger.workspaces.take_in import import_workspace
from ismessenger.workspaces.transfer import TransferRefused

EXPECTED = (TransferRefused, BundleRefused, WorkspaceRefused, StoreUnavailable, *UNPREPARED)


def write(args: argparse.Namespace) -> Outcome:
    """Export a workspace."""
    passphrase = None if args.without_secrets else asked_passphrase(args.passphrase, again=True)

    async def go() -> Outcome:
        async with running("workspace export") as installation:
            workspace = await find_workspace(installation, args.workspace)
            exported = await export_workspace(installation, workspace, Path(args.file), passphrase)
            return Outcome({"file": args.file, **asdict(exported)})

    with ending_in_order():
        outcome = asyncio.run(go())
    if args.without_secrets:
        tell("Credentials of channels stayed behind: where this is imported, the channels have to be connected again.")
    return outcome


def read(args: argparse.Namespace) -> Outcome:
    """Import a workspace."""
    passphrase = None if args.without_secrets else asked_passphrase(args.passphrase)

    async def go() -> Outcome:
        async with running("workspace import") as installation:
            home = args.home or DEFAULT_HOME
            return Outcome(asdict(await import_workspace(installation, Path(args.file), passphrase, name=args.name, home=home)))

    with ending_in_order():
        return asyncio.run(go())
