"""What lies behind a contact, page by page and newest first: its conversations, the files exchanged with it, what happened to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.conversations.model import Conversation, TimelineEvent
from ismessenger.messages.author import by_member, name_of_author
from ismessenger.messages.model import Attachment, Message
from ismessenger.messages.timeline import Happened
from ismessenger.tenancy.doors import ReadSession

CONVERSATIONS: Final = 10
FILES: Final = 24
EVENTS: Final = 30
PICTURES: Final = ("image", "video")
OTHER_FILES: Final = ("file", "audio")
_SLACK = timedelta(days=7)
"""Messages that arrive late, after an outage of ours or of a provider, stand in the thread before the opening of their conversation."""

Row = TypeVar("Row")
Query = Select[*tuple[Any, ...]]
Position = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one page. ``older`` is where the next one begins, ``None`` at the end."""

    rows: Sequence[Row]
    older: Position | None


@dataclass(frozen=True, slots=True)
class PastConversation:
    """A conversation with the names of who worked on it. ``message_id`` is where it begins in the thread, if it has a message."""

    conversation: Conversation
    closed_by: str | None
    assignee: str | None
    responder: str | None
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A stored file of a message. ``sender`` is the member's name, ``None`` for the contact's own."""

    attachment: Attachment
    at: datetime
    incoming: bool
    sender: str | None


async def past_conversations(db: ReadSession, contact_id: int, before: Position | None = None) -> Page[PastConversation]:
    """Its conversations, the open one first."""
    closer, assignee, responder = aliased(Member), aliased(Member), aliased(Member)
    statement = (
        select(Conversation, col(closer.name), col(assignee.name), col(responder.name), _first_message())
        .outerjoin(closer, col(closer.id) == col(Conversation.closed_by_id))
        .outerjoin(assignee, col(assignee.id) == col(Conversation.last_assignee_id))
        .outerjoin(responder, col(responder.id) == col(Conversation.first_responder_id))
        .where(col(Conversation.contact_id) == contact_id)
    )
    found = await _newest(db, statement, Conversation.opened_at, Conversation.id, before, CONVERSATIONS)
    return _page(found, CONVERSATIONS, lambda row: (row[0].opened_at, row[0].id), lambda row: PastConversation(*row))


def _first_message() -> Any:
    span_end = func.coalesce(Conversation.closed_at, func.now()) + _SLACK
    return (
        select(col(Message.id))
        .where(
            col(Message.contact_id) == col(Conversation.contact_id),
            col(Message.conversation_id) == col(Conversation.id),
            col(Message.sent_at).between(col(Conversation.opened_at) - _SLACK, span_end),
        )
        .order_by(col(Message.sent_at), col(Message.id))
        .limit(1)
        .correlate(Conversation)
        .scalar_subquery()
    )


async def exchanged_files(db: ReadSession, contact_id: int, kinds: Collection[str], before: Position | None = None) -> Page[Exchanged]:
    """Its files of these kinds, as far as they are stored."""
    sender = (Member, col(Message.sender_id), col(Message.source))
    statement = (
        select(Attachment, col(Message.sent_at), col(Message.traffic) == "incoming", name_of_author(*sender))
        .join(Message, col(Message.id) == col(Attachment.message_id))
        .outerjoin(Member, by_member(*sender))
        .where(col(Message.contact_id) == contact_id, col(Attachment.kind).in_(kinds), col(Attachment.state) == "stored")
    )
    found = await _newest(db, statement, Message.sent_at, Attachment.id, before, FILES)
    return _page(found, FILES, lambda row: (row[1], row[0].id), lambda row: Exchanged(*row))


async def events(db: ReadSession, contact_id: int, before: Position | None = None) -> Page[Happened]:
    """What happened to it."""
    actor = (Member, col(TimelineEvent.actor_id), col(TimelineEvent.actor_kind))
    statement = (
        select(TimelineEvent, name_of_author(*actor))
        .outerjoin(Member, by_member(*actor))
        .where(col(TimelineEvent.contact_id) == contact_id)
    )
    found = await _newest(db, statement, TimelineEvent.at, TimelineEvent.id, before, EVENTS)
    return _page(found, EVENTS, lambda row: (row[0].at, row[0].id), lambda row: Happened(*row))


async def _newest(db: ReadSession, statement: Query, at: Any, id_: Any, before: Position | None, limit: int) -> list[Any]:
    """One more row than a page has."""
    if before is not None:
        statement = statement.where(tuple_(col(at), col(id_)) < tuple_(*before))
    return list((await db.execute(statement.order_by(col(at).desc(), col(id_).desc()).limit(limit + 1))).all())


def _page(found: list[Any], limit: int, position: Any, made: Any) -> Page[Any]:
    rows = found[:limit]
    return Page([made(row) for row in rows], position(rows[-1]) if len(found) > limit else None)
