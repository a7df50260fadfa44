"""What members are told about, and on which surfaces they are told unless they chose otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SURFACES: Final = ("app", "browser", "email", "sound")
"""The notification centre, the browser also while no page is open, a letter to those who are away, a sound in an open page."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``surfaces`` are on by default. What ``folds`` is one line per contact until it is read, however often it happens.

    What is ``shared`` is one line for everybody whom it concerns.
    """

    name: str
    surfaces: frozenset[str]
    folds: bool = False
    shared: bool = False


def _kind(name: str, *surfaces: str, folds: bool = False, shared: bool = False) -> Kind:
    return Kind(name, frozenset(surfaces), folds, shared)


KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        _kind("mention", "app", "browser", "email", "sound"),
        _kind("assigned", "app", "browser", "email", "sound"),
        _kind("message_mine", "app", "browser", "sound", folds=True),
        _kind("message_unassigned", "app", "browser", folds=True, shared=True),
        _kind("snooze_ended", "app", "browser"),
        _kind("send_failed", "app", "browser", "email"),
        _kind("channel_broken", "app", "browser", "email"),
        _kind("job_done", "app", "browser"),
    )
}
MINE: Final = "message_mine"
UNASSIGNED: Final = "message_unassigned"
MESSAGES: Final = (MINE, UNASSIGNED)
"""Those that reading the thread settles."""
