"""Workspaces, the people in them and the keys to them."""

import argparse
import asyncio

from ismessenger.accounts.members import MemberRefused
from ismessenger.accounts.members import create_member as create_one
from ismessenger.accounts.tokens import create_token as create_key
from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import read_if_file, running
from ismessenger.tenancy.create import WorkspaceRefused, create_workspace
from ismessenger.tenancy.doors import WorkspaceNotFound

EXPECTED = (WorkspaceRefused, MemberRefused, WorkspaceNotFound)


def create(args: argparse.Namespace) -> Outcome:
    """Create a workspace with its owner."""

    async def go() -> Outcome:
        async with running("workspace create") as installation:
            password = read_if_file(args.owner_password)
            made = await create_workspace(
                installation, name=args.name, owner_email=args.owner_email, owner_password=password, home=args.home
            )
            return Outcome({"workspace_id": made.workspace_id, "slug": made.slug})

    return asyncio.run(go())


def create_member(args: argparse.Namespace) -> Outcome:
    """Add a person to a workspace."""

    async def go() -> Outcome:
        async with running("member create") as installation:
            password = read_if_file(args.password)
            member_id = await create_one(installation, args.workspace, email=args.email, password=password, name=args.name, role=args.role)
            return Outcome({"member_id": member_id})

    return asyncio.run(go())


def create_token(args: argparse.Namespace) -> Outcome:
    """Make a key for the developer API; it is shown once."""

    async def go() -> Outcome:
        async with running("token create") as installation:
            return Outcome({"token": await create_key(installation, args.workspace, args.name)})

    return asyncio.run(go())
