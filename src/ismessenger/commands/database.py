"""Homes: the databases that hold workspaces."""

import argparse
import asyncio

from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import UNPREPARED, read_if_file, running, tell
from ismessenger.embedded.attach import attached_or_started
from ismessenger.embedded.reach import refuse_unreachable
from ismessenger.settings import asyncpg_url, settings
from ismessenger.tenancy.homes import HomeRefused
from ismessenger.tenancy.homes import add_home as add
from ismessenger.upgrade import migrate_all

EXPECTED = (HomeRefused, *UNPREPARED)


def migrate(_args: argparse.Namespace) -> Outcome:
    """Bring the catalog and every home to this version."""
    with attached_or_started(settings(), purpose="migrate", say=tell) as resolved:
        asyncio.run(refuse_unreachable(resolved))
        asyncio.run(migrate_all(resolved, tell))
    return Outcome({"migrated": True})


def add_home(args: argparse.Namespace) -> Outcome:
    """Prepare a database and make it known."""
    url = _url(args.url)

    async def go() -> None:
        async with running("home add") as installation:
            if installation.settings.database_url is not None:
                await add(installation.settings.database_url.get_secret_value(), installation.vault, args.name, url)

    asyncio.run(go())
    return Outcome({"home": args.name})


def _url(word: str) -> str:
    try:
        return asyncpg_url(read_if_file(word))
    except ValueError as error:
        raise HomeRefused(f"This cannot be a home: {error}.") from error
