"""Workspaces, the people in them and the keys to them."""

import argparse
import asyncio
from datetime import timedelta

from ismessenger.accounts.join import MemberRefused, join_workspace
from ismessenger.accounts.tokens import SCOPES, TokenRefused
from ismessenger.accounts.tokens import create_token as create_key
from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import read_if_file, running
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.workspaces.create import WorkspaceRefused, create_workspace, find_workspace
from ismessenger.workspaces.delete import GRACE, delete_workspace, restore_workspace
from ismessenger.workspaces.purge import purge_workspace

EXPECTED = (WorkspaceRefused, MemberRefused, TokenRefused, *UNPREPARED)


def create(args: argparse.Namespace) -> Outcome:
    """Create a workspace with its owner."""
    password = read_if_file(args.owner_password)
    home = args.home or DEFAULT_HOME

    async def go() -> Outcome:
        async with running("workspace create") as installation:
            made = await create_workspace(installation, name=args.name, owner_email=args.owner_email, owner_password=password, home=home)
            return Outcome({"workspace_id": made.workspace_id, "slug": made.slug})

    return asyncio.run(go())


def delete(args: argparse.Namespace) -> Outcome:
    """Close a workspace; it is purged after the grace, or at once."""

    async def go() -> Outcome:
        async with running("workspace delete") as installation:
            workspace = await find_workspace(installation, args.workspace)
            purge_at = await delete_workspace(installation, workspace.id, grace=timedelta() if args.now else GRACE)
            if not args.now:
                return Outcome({"workspace_id": workspace.id, "purge_at": purge_at.isoformat()})
            return Outcome({"workspace_id": workspace.id, "purged_rows": await purge_workspace(installation, workspace.id)})

    return asyncio.run(go())


def restore(args: argparse.Namespace) -> Outcome:
    """Open a deleted workspace again."""

    async def go() -> Outcome:
        async with running("workspace restore") as installation:
            workspace = await find_workspace(installation, args.workspace)
            await restore_workspace(installation, workspace.id)
            return Outcome({"workspace_id": workspace.id, "restored": True})

    return asyncio.run(go())


def create_member(args: argparse.Namespace) -> Outcome:
    """Add a person to a workspace."""
    password = read_if_file(args.password)

    async def go() -> Outcome:
        async with running("member create") as installation:
            workspace = await find_workspace(installation, args.workspace)
            member = await join_workspace(installation, workspace.id, email=args.email, password=password, name=args.name, role=args.role)
            return Outcome({"member_id": member.id})

    return asyncio.run(go())


def create_token(args: argparse.Namespace) -> Outcome:
    """Make a key for the developer API; it is shown once."""

    async def go() -> Outcome:
        async with running("token create") as installation:
            workspace = await find_workspace(installation, args.workspace)
            return Outcome({"token": await create_key(installation, workspace.id, args.name, scopes=args.scope or SCOPES)})

    return asyncio.run(go())
