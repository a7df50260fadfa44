"""What entry points brought."""

import argparse

from ismessenger.commands.outcome import Outcome
from ismessenger.plugins import load_plugins

EXPECTED = ()


def show(_args: argparse.Namespace) -> Outcome:
    """List the channels and the packages that could not be loaded."""
    found = load_plugins()
    broken = {plugin.name: f"{plugin.package}: {plugin.error}" for plugin in found.broken}
    return Outcome({"channels": {kind: channel.name for kind, channel in found.channels.items()}, "broken": broken})
