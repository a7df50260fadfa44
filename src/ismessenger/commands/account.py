"""Help for people who cannot sign in any more."""

import argparse
import asyncio

from ismessenger.accounts.change_password import account_with, reset_by_hand
from ismessenger.accounts.links import LinkRefused
from ismessenger.accounts.totp import take_off
from ismessenger.commands.outcome import Outcome
from ismessenger.commands.running import running
from ismessenger.commands.unprepared import UNPREPARED

EXPECTED = (LinkRefused, *UNPREPARED)


def reset(args: argparse.Namespace) -> Outcome:
    """Make a link for a new password; on demand without the second factor."""

    async def go() -> Outcome:
        async with running("account reset") as installation:
            link = await reset_by_hand(installation, args.email)
            account = await account_with(installation, args.email)
            if args.without_second_factor and account is not None:
                await take_off(installation, account)
            return Outcome({"link": link})

    return asyncio.run(go())
