"""What a thread shows: messages, comments and events of a contact, merged by time, page by page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from sqlalchemy import BigInteger, Select, and_, case, cast, func, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.channels.model import ConnectedChannel
from ismessenger.conversations.model import TimelineEvent
from ismessenger.messages.author import by_member, name_of_author
from ismessenger.messages.mention import names_of
from ismessenger.messages.model import Attachment, Comment, Delivery, Message, MessageStatus
from ismessenger.tenancy.doors import ReadSession

PAGE = 50
_LAST_ID = 2**63 - 1

Query = Select[*tuple[Any, ...]]

Position = tuple[datetime, int, int]
"""Time, rank and id of an item: what happened at the same moment is ordered by rank, then by id."""

_ACTOR: tuple[Any, ...] = (Member, col(TimelineEvent.actor_id), col(TimelineEvent.actor_kind))
_EVENT_COLUMNS: tuple[Any, ...] = (TimelineEvent, name_of_author(*_ACTOR))


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message that another one answers. ``sender`` is the member's name, ``None`` for the contact's own."""

    id: int
    words: str
    incoming: bool
    sender: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """A message with what is shown beside it. ``reached_at`` is when it got its status; until ``undo_until`` it can be taken back."""

    message: Message
    channel_kind: str
    channel_name: str
    sender: str | None
    reached_at: datetime | None
    attachment: Attachment | None
    quoted: Quoted | None
    version: int
    undo_until: datetime | None = None

    @property
    def position(self) -> Position:
        """Its place in the thread."""
        return self.message.sent_at, 2, self.message.id

    @property
    def contact_id(self) -> int:
        """Whose thread it is in."""
        return self.message.contact_id


@dataclass(frozen=True, slots=True)
class Noted:
    """A comment, its author, and the names of whom it names. ``workflow`` is that of the workflow that wrote it."""

    comment: Comment
    author: Member | None
    version: int
    names: Mapping[int, str]
    workflow: str | None = None

    @property
    def position(self) -> Position:
        """Its place in the thread."""
        return self.comment.created_at, 1, self.comment.id

    @property
    def contact_id(self) -> int:
        """Whose thread it is in."""
        return self.comment.contact_id


@dataclass(frozen=True, slots=True)
class Happened:
    """An event and the name of the member or the workflow that caused it."""

    event: TimelineEvent
    actor: str | None

    @property
    def position(self) -> Position:
        """Its place in the thread."""
        return self.event.at, 0, self.event.id

    @property
    def contact_id(self) -> int:
        """Whose thread it is in."""
        return self.event.contact_id


Item = Said | Noted | Happened


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a thread, oldest first.

    ``older`` is where the stretch before it ends, ``None`` at the thread's beginning; ``newer`` where the one after it begins, ``None`` at
    its end.
    """

    items: Sequence[Item]
    older: Position | None
    newer: Position | None = None


async def timeline(db: ReadSession, contact_id: int, *, before: Position | None = None, limit: int = PAGE) -> Page:
    """The newest items of a thread, or those before a position."""
    found = await _found(db, contact_id, partial(_before, before=before, limit=limit))
    page = found[-limit:]
    return Page(page, page[0].position if len(found) > limit else None)


async def timeline_after(db: ReadSession, contact_id: int, after: Position, *, limit: int = PAGE) -> Page:
    """The items that follow a position."""
    found = await _found(db, contact_id, partial(_after, after=after, limit=limit))
    page = found[:limit]
    return Page(page, None, page[-1].position if len(found) > limit else None)


async def timeline_around(db: ReadSession, contact_id: int, at: Position, *, limit: int = PAGE) -> Page:
    """The items around a position: those before it, what stands there, and those that follow."""
    moment, rank, id_ = at
    later = await timeline_after(db, contact_id, (moment, rank, id_ - 1), limit=limit)
    sooner = await timeline(db, contact_id, before=at, limit=limit // 2)
    # A thread that ends soon is shown as when it is opened: with a whole page before its end.
    missing = limit - len(later.items)
    if missing > limit // 2:
        sooner = await timeline(db, contact_id, before=at, limit=missing)
    return Page([*sooner.items, *later.items], sooner.older, later.newer)


async def position_of_message(db: ReadSession, contact_id: int, message_id: int) -> Position | None:
    """Where a message of this contact stands in the thread."""
    statement = select(col(Message.sent_at)).where(col(Message.id) == message_id, col(Message.contact_id) == contact_id)
    at = (await db.execute(statement)).scalar_one_or_none()
    return None if at is None else (at, 2, message_id)


async def position_of_comment(db: ReadSession, contact_id: int, comment_id: int) -> Position | None:
    """Where a comment of this contact stands in the thread."""
    statement = select(col(Comment.created_at)).where(col(Comment.id) == comment_id, col(Comment.contact_id) == contact_id)
    at = (await db.execute(statement)).scalar_one_or_none()
    return None if at is None else (at, 1, comment_id)


async def _found(db: ReadSession, contact_id: int, cut: Callable[[Query, type[Any], str, int], Query]) -> list[Item]:
    """Items of each kind, as ``cut`` takes them, merged."""
    found: list[Item] = [
        *await _said(db, cut(_messages().where(col(Message.contact_id) == contact_id), Message, "sent_at", 2)),
        *await _noted(db, cut(_comments().where(col(Comment.contact_id) == contact_id), Comment, "created_at", 1)),
        *await _happened(db, cut(_events().where(col(TimelineEvent.contact_id) == contact_id), TimelineEvent, "at", 0)),
    ]
    return sorted(found, key=lambda item: item.position)


async def messages_by_id(db: ReadSession, ids: Iterable[int]) -> Sequence[Said]:
    """These messages, in the order of their threads."""
    return sorted(await _said(db, _messages().where(col(Message.id).in_(ids))), key=lambda item: item.position)


async def comments_by_id(db: ReadSession, ids: Iterable[int]) -> Sequence[Noted]:
    """These comments, in the order of their threads."""
    return sorted(await _noted(db, _comments().where(col(Comment.id).in_(ids))), key=lambda item: item.position)


async def events_by_id(db: ReadSession, ids: Iterable[int]) -> Sequence[Happened]:
    """These events, in the order of their threads."""
    return sorted(await _happened(db, _events().where(col(TimelineEvent.id).in_(ids))), key=lambda item: item.position)


def _before(statement: Query, table: type[Any], time: str, rank: int, before: Position | None, limit: int) -> Query:
    """One more than ``limit`` rows of one kind that stand before a position, newest first."""
    at, id_ = col(getattr(table, time)), col(table.id)
    if before is not None:
        moment, other_rank, other_id = before
        last_id = other_id if rank == other_rank else _LAST_ID if rank < other_rank else 0
        statement = statement.where(tuple_(at, id_) < tuple_(moment, last_id))
    return statement.order_by(at.desc(), id_.desc()).limit(limit + 1)


def _after(statement: Query, table: type[Any], time: str, rank: int, after: Position, limit: int) -> Query:
    """One more than ``limit`` rows of one kind that follow a position, oldest first."""
    at, id_ = col(getattr(table, time)), col(table.id)
    moment, other_rank, other_id = after
    last_id = other_id if rank == other_rank else 0 if rank > other_rank else _LAST_ID
    return statement.where(tuple_(at, id_) > tuple_(moment, last_id)).order_by(at, id_).limit(limit + 1)


def _version() -> Any:
    return cast(func.extract("epoch", func.now()) * 1_000_000, BigInteger)


# Making a statement costs more than running it: each is made once, and only its conditions are added anew.
@cache
def _messages() -> Query:
    sender, quoted, quoter = aliased(Member), aliased(Message), aliased(Member)
    reached = select(func.max(MessageStatus.at)).where(
        col(MessageStatus.message_id) == col(Message.id), col(MessageStatus.value) == col(Message.status)
    )
    # Only what waits can be taken back: of all others the deliveries are not read.
    held = select(col(Delivery.due_at)).where(
        col(Delivery.message_id) == col(Message.id), col(Delivery.state) == "due", col(Delivery.undo).is_not(None)
    )
    first_file = select(func.min(Attachment.id)).where(col(Attachment.message_id) == col(Message.id)).correlate(Message).scalar_subquery()
    answers = and_(
        col(Message.reply_to_external).is_not(None),
        col(quoted.channel_id) == col(Message.channel_id),
        col(quoted.external_id) == col(Message.reply_to_external),
        col(quoted.contact_id) == col(Message.contact_id),
    )
    return (
        select(
            Message,
            col(ConnectedChannel.kind),
            col(ConnectedChannel.name),
            name_of_author(sender, col(Message.sender_id), col(Message.source)),
            reached.correlate(Message).scalar_subquery(),
            Attachment,
            col(quoted.id),
            func.left(quoted.words, 300),
            col(quoted.traffic) == "incoming",
            name_of_author(quoter, col(quoted.sender_id), col(quoted.source)),
            case((col(Message.status) == "queued", held.correlate(Message).scalar_subquery())),
            _version(),
        )
        .join(ConnectedChannel, col(ConnectedChannel.id) == col(Message.channel_id))
        .outerjoin(sender, by_member(sender, col(Message.sender_id), col(Message.source)))
        .outerjoin(Attachment, col(Attachment.id) == first_file)
        .outerjoin(quoted, answers)
        .outerjoin(quoter, by_member(quoter, col(quoted.sender_id), col(quoted.source)))
    )


async def _said(db: ReadSession, statement: Query) -> list[Said]:
    said = []
    for message, kind, name, sender, reached, file, quoted_id, words, incoming, quoter, held, version in (
        await db.execute(statement)
    ).all():
        quoted = Quoted(quoted_id, words, incoming, quoter) if quoted_id is not None else None
        said.append(Said(message, kind, name, sender, reached, file, quoted, version, held))
    return said


@cache
def _comments() -> Query:
    author = (Member, col(Comment.author_id), col(Comment.author_kind))
    return select(Comment, Member, _version(), name_of_author(*author)).outerjoin(Member, by_member(*author))


async def _noted(db: ReadSession, statement: Query) -> list[Noted]:
    rows = (await db.execute(statement)).all()
    names = await names_of(db, (member_id for comment, *_others in rows for member_id in comment.mentioned_ids))
    return [Noted(comment, author, version, names, None if author else name) for comment, author, version, name in rows]


def _events() -> Select[Any]:
    joined: Select[Any] = select(*_EVENT_COLUMNS).outerjoin(Member, by_member(*_ACTOR))
    return joined


async def _happened(db: ReadSession, statement: Query) -> list[Happened]:
    return [Happened(event, name) for event, name in (await db.execute(statement)).all()]
