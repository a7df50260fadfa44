"""Processes of the tests, none of which outlives them: also those end whose tests were killed, as far as the system can (Linux)."""

import signal

from ismessenger.embedded.process import launcher


def bound(*command: str) -> list[str]:
    """The words by which a program (its whole path first) runs that is killed when this process ends. Start it from the main thread."""
    return [*launcher(None, signal.SIGKILL), *command]
