"""Homes: the databases that hold workspaces."""

import argparse
import asyncio

from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import read_if_file, running, tell
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.embedded.attach import attached_or_started
from ismessenger.embedded.reach import refuse_unreachable
from ismessenger.settings import Settings, asyncpg_url, settings
from ismessenger.tenancy.errors import DatabaseNewer
from ismessenger.tenancy.homes import HomeRefused
from ismessenger.tenancy.homes import add_home as add
from ismessenger.tenancy.roll_out import HomeMigrated, UnknownHome
from ismessenger.upgrade import migrate_all

EXPECTED = (HomeRefused, UnknownHome, *UNPREPARED)


def migrate(args: argparse.Namespace) -> Outcome:
    """Bring the catalog and every home to this version; not well if one could not be."""

    async def go(resolved: Settings) -> list[HomeMigrated]:
        # Another home that is away is reported, and does not hold up the rest.
        await refuse_unreachable(resolved.model_copy(update={"homes": {}}))
        return await migrate_all(resolved, tell, args.canary)

    with attached_or_started(settings(), purpose="migrate", say=tell) as resolved:
        done = asyncio.run(go(resolved))
    only = done[0]
    if isinstance(only.error, DatabaseNewer):
        raise only.error
    well = all(home.error is None and home.state != "waiting" for home in done)
    return Outcome({"migrated": well, "homes": {home.home: home.values() for home in done}}, well=well)


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
