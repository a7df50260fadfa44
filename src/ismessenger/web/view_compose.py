"""What the composer's templates take: drafts, replies that go out later, and what comes back to be written on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """What the member has begun to write; ``version`` is 0 if it is nothing."""

    text: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftsView:
    """The member's drafts to one contact."""

    reply: DraftView = field(default_factory=DraftView)
    comment: DraftView = field(default_factory=DraftView)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file that was uploaded and not sent yet."""

    id: int
    name: str
    mime: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledView:
    """A reply that goes out at ``due_at``, or could not for a ``reason``."""

    id: int
    due_at: datetime
    text: str
    writer: str
    channel_kind: str = ""
    channel_name: str = ""
    state: Literal["waiting", "failed"] = "waiting"
    reason: str = ""
    files: Sequence[KeptFile] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledList:
    """What is to be sent to a contact, the next one first."""

    contact_id: int
    items: Sequence[ScheduledView] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedView:
    """Words and files that come back to the composer. ``quoted`` are the words of the message that they answer, by ``reply_to``."""

    contact_id: int
    text: str
    files: Sequence[KeptFile] = ()
    reply_to: int | None = None
    quoted: str = ""
