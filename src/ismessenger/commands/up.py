"""Everything on one machine."""

import argparse

from ismessenger import up as supervisor
from ismessenger.settings import settings
from ismessenger.tenancy.errors import DatabaseNewer

EXPECTED = (DatabaseNewer,)


def start(args: argparse.Namespace) -> None:
    """Start the servers, web and worker and stay until told to stop."""
    supervisor.up(settings(), demo=not args.no_demo)
