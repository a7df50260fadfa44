"""Everything on one machine."""

import argparse

from ismessenger import up as supervisor
from ismessenger.commands.unprepared import UNPREPARED
from ismessenger.settings import settings

EXPECTED = UNPREPARED


def start(args: argparse.Namespace) -> None:
    """Start the servers, web and worker and stay until told to stop."""
    supervisor.up(settings(), demo=not args.no_demo)
