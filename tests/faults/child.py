"""One of our processes with some of its constants changed, so that a test need not wait for minutes.

``python -m tests.faults.child worker ismessenger.messages.deliver:LEASE=1.5`` runs the worker with leases of 1.5 seconds.
"""

import importlib
import sys
from collections.abc import Sequence
from datetime import timedelta

from ismessenger.cli import main


def change(wanted: str) -> None:
    """Set ``module:CONSTANT=seconds``. The constant must be there already, a `timedelta` or a number."""
    place, _, seconds = wanted.partition("=")
    module, _, name = place.partition(":")
    found = importlib.import_module(module)
    before = getattr(found, name)
    setattr(found, name, timedelta(seconds=float(seconds)) if isinstance(before, timedelta) else type(before)(seconds))


def run(words: Sequence[str]) -> int:
    command, *changes = words
    for wanted in changes:
        change(wanted)
    return main([command])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
