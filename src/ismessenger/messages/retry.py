"""What becomes of a message that did not go out: the one place that decides whether, when and how often it is tried again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ismessenger.sdk.channel import (
    ContactGone,
    CredentialsInvalid,
    Rejected,
    SendFailed,
    Throttled,
    Unavailable,
    Unconfirmed,
    WindowClosed,
)

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 300, 900, 1800, 3600))
LONGEST_WAIT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``again`` after ``after``, ``failed`` for good, or ``unconfirmed``: nobody knows. ``words`` are for the agent."""

    what: Literal["again", "failed", "unconfirmed"]
    words: str
    after: timedelta = timedelta()
    pauses_channel: bool = False
    breaks_channel: bool = False
    loses_contact: bool = False


def judge(error: SendFailed, *, attempt: int, idempotent: bool) -> Verdict:
    """Decide after the ``attempt``-th try (counted from 1). ``idempotent``: the provider takes an idempotency key."""
    words = str(error)
    match error:
        case Throttled():
            wait = min(max(error.retry_after or timedelta(), _back_off(attempt)), LONGEST_WAIT)
            return Verdict("again", words, wait, pauses_channel=True) if attempt <= len(BACK_OFF) else Verdict("failed", words)
        case Unavailable():
            return Verdict("again", words, _back_off(attempt)) if attempt <= len(BACK_OFF) else Verdict("failed", words)
        case Unconfirmed():
            if not idempotent:
                return Verdict("unconfirmed", words)
            return Verdict("again", words, _back_off(attempt)) if attempt <= len(BACK_OFF) else Verdict("unconfirmed", words)
        case CredentialsInvalid():
            return Verdict("failed", words, breaks_channel=True)
        case ContactGone():
            return Verdict("failed", words, loses_contact=True)
        case Rejected() | WindowClosed():
            return Verdict("failed", words)
        case _:
            return Verdict("failed", words)


def _back_off(attempt: int) -> timedelta:
    return BACK_OFF[min(attempt, len(BACK_OFF)) - 1]
