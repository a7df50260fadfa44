"""What entry points brought."""

import argparse
from collections.abc import Mapping
from typing import Protocol

from ismessenger.commands.outcome import Outcome
from ismessenger.plugins import load_plugins

EXPECTED = ()


class Named(Protocol):
    """What every plugin has."""

    @property
    def name(self) -> str:
        """As people call it."""
        ...


def show(_args: argparse.Namespace) -> Outcome:
    """List what was found, each by its kind, and the packages that could not be loaded."""
    found = load_plugins()
    sorts: dict[str, Mapping[str, Named]] = {
        "channels": found.channels,
        "steps": found.steps,
        "triggers": found.triggers,
        "integrations": found.integrations,
    }
    broken = {plugin.name: f"{plugin.package}: {plugin.error}" for plugin in found.broken}
    return Outcome({**{sort: {kind: plugin.name for kind, plugin in each.items()} for sort, each in sorts.items()}, "broken": broken})
