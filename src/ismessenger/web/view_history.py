"""What the templates take of a contact's history."""

from dataclasses import dataclass
from datetime import datetime

from ismessenger.web.view import FileView


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationView:
    """A conversation and its metrics. ``first_response`` and ``resolution`` are spans in words, empty while there is none.

    ``message_id`` is where it begins in the thread. ``opened`` and ``closed`` say who did it.
    """

    id: int
    opened_at: datetime
    opened: str
    closed_at: datetime | None = None
    closed: str = ""
    category: str = ""
    summary: str = ""
    assignee: str = ""
    responder: str = ""
    first_response: str = ""
    resolution: str = ""
    incoming: int = 0
    outgoing: int = 0
    message_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangedView:
    """A file of a message, and who sent it."""

    id: int
    file: FileView
    at: datetime
    sender: str
    message_id: int
