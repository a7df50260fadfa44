"""Messages, what became of them, and the comments between them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, belongs_to, json, moment, ref


class Message(WorkspaceRow, table=True):
    """One incoming or outgoing item. ``sent_at`` is the provider's time and orders the thread, ``created_at`` when we learnt of it.

    ``body`` is a `sdk.content.Content` as JSON, ``words`` what a person reads in it. ``status`` is received for incoming ones, else
    queued, sending, sent, failed, delivered or read; ``unconfirmed_at`` is set while nobody knows whether the provider took it.
    ``client_id`` is ours: it makes a repeated request one message and comes back in a provider's echo.
    """

    __tablename__ = "message"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        belongs_to("channel", "channel_id"),
        Index(
            "message_external_key",
            "workspace_id",
            "channel_id",
            "external_id",
            unique=True,
            postgresql_where=text("external_id IS NOT NULL"),
        ),
        Index("message_client_key", "workspace_id", "client_id", unique=True, postgresql_where=text("client_id IS NOT NULL")),
        Index("message_thread_idx", "workspace_id", "contact_id", "sent_at", "id"),
        Index(
            "message_unread_idx",
            "workspace_id",
            "contact_channel_id",
            "sent_at",
            postgresql_where=text("traffic = 'outgoing' AND status IN ('sending', 'sent', 'failed', 'delivered')"),
        ),
        Index(
            "message_search_idx",
            text("search_lexemes(workspace_id, id, words)"),
            postgresql_using="gin",
            postgresql_where=text("words <> ''"),
            postgresql_with={"gin_pending_list_limit": "256"},
        ),
    )
    contact_id: int = ref()
    channel_id: int = ref()
    contact_channel_id: int | None = Field(default=None, sa_type=BigInteger)
    conversation_id: int | None = Field(default=None, sa_type=BigInteger)
    traffic: str
    kind: str
    body: dict[str, Any] = json()
    words: str = Field(default="", sa_type=Text)
    source: str = "contact"
    sender_id: int | None = Field(default=None, sa_type=BigInteger)
    external_id: str | None = None
    client_id: str | None = None
    reply_to_external: str | None = None
    tag: str | None = None
    status: str = "received"
    status_reason: str | None = Field(default=None, sa_type=Text)
    unconfirmed_at: datetime | None = moment(nullable=True)
    edited_at: datetime | None = moment(nullable=True)
    reactions: dict[str, str] = json()
    sent_at: datetime = moment(default_factory=now)
    created_at: datetime = moment(default_factory=now)


class MessageStatus(WorkspaceRow, table=True):
    """One entry of a message's append-only list of statuses."""

    __tablename__ = "message_status"
    __table_args__ = (belongs_to("message", "message_id"), Index("message_status_message_idx", "workspace_id", "message_id", "id"))
    message_id: int = ref()
    value: str
    at: datetime = moment(default_factory=now)
    reason: str | None = Field(default=None, sa_type=Text)


class EarlyStatus(WorkspaceRow, table=True):
    """A receipt that came before its message; used up when the message gets its external id, dropped after a week."""

    __tablename__ = "early_status"
    __table_args__ = (belongs_to("channel", "channel_id"), Index("early_status_external_idx", "workspace_id", "channel_id", "external_id"))
    channel_id: int = ref()
    external_id: str
    value: str
    at: datetime = moment()
    reason: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = moment(default_factory=now)


class Attachment(WorkspaceRow, table=True):
    """The file of a message. ``state`` is pending (to be fetched at ``due_at``), stored (under ``path``) or failed with a reason."""

    __tablename__ = "attachment"
    __table_args__ = (
        belongs_to("message", "message_id"),
        Index("attachment_message_idx", "workspace_id", "message_id"),
        Index("attachment_due_idx", "due_at", postgresql_where=text("state = 'pending'")),
    )
    message_id: int = ref()
    channel_id: int = Field(sa_type=BigInteger)
    kind: str
    source: dict[str, Any] = json()
    path: str | None = None
    file_name: str | None = None
    mime: str | None = None
    size: int | None = Field(default=None, sa_type=BigInteger)
    state: str = "pending"
    reason: str | None = Field(default=None, sa_type=Text)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    due_at: datetime = moment(default_factory=now)


class Comment(WorkspaceRow, table=True):
    """An internal note in the thread, at most 1,000 characters. ``text`` names members as ``{{@user.7}}``."""

    __tablename__ = "comment"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        Index("comment_contact_idx", "workspace_id", "contact_id", "created_at", "id"),
        Index(
            "comment_search_idx",
            text("search_lexemes(workspace_id, id, text)"),
            postgresql_using="gin",
            postgresql_where=text("text <> ''"),
            postgresql_with={"gin_pending_list_limit": "256"},
        ),
        UniqueConstraint("workspace_id", "client_id"),
    )
    contact_id: int = ref()
    author_kind: str = "user"
    author_id: int | None = Field(default=None, sa_type=BigInteger)
    text: str = Field(sa_type=Text)
    client_id: str | None = None
    mentioned_ids: list[int] = Field(
        default_factory=list, sa_type=ARRAY(BigInteger), nullable=False, sa_column_kwargs={"server_default": "{}"}
    )
    created_at: datetime = moment(default_factory=now)


class Delivery(WorkspaceRow, table=True):
    """The durable order to send one message. ``state`` is due, leased, unconfirmed, done or failed.

    At most one row per identity is leased, which keeps a contact's messages in order while contacts go in parallel.
    ``undo`` holds, until it is claimed, what the last message of a reply takes to be taken back (see `messages.recall`).
    """

    __tablename__ = "delivery"
    __table_args__ = (
        belongs_to("message", "message_id"),
        Index("delivery_message_key", "workspace_id", "message_id", unique=True),
        Index("delivery_one_leased_key", "workspace_id", "contact_channel_id", unique=True, postgresql_where=text("state = 'leased'")),
        Index("delivery_due_idx", "lane", "workspace_id", "channel_id", "due_at", "id", postgresql_where=text("state = 'due'")),
        Index("delivery_order_idx", "workspace_id", "contact_channel_id", "id", postgresql_where=text("state IN ('due', 'leased')")),
    )
    message_id: int = ref()
    channel_id: int = Field(sa_type=BigInteger)
    contact_channel_id: int = Field(sa_type=BigInteger)
    lane: str = "replies"
    state: str = "due"
    due_at: datetime = moment(default_factory=now)
    lease_until: datetime | None = moment(nullable=True)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    undo: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    created_at: datetime = moment(default_factory=now)


class Snippet(WorkspaceRow, table=True):
    """Words that are written often. ``slug`` follows the slash; without ``owner_id`` it is everybody's.

    ``text`` may hold variables; ``file_ids`` are files of the library, ``topics`` words that group snippets.
    """

    __tablename__ = "snippet"
    __table_args__ = (
        Index("snippet_shared_key", "workspace_id", text("lower(slug)"), unique=True, postgresql_where=text("owner_id IS NULL")),
        Index(
            "snippet_own_key", "workspace_id", "owner_id", text("lower(slug)"), unique=True, postgresql_where=text("owner_id IS NOT NULL")
        ),
        belongs_to("member", "owner_id"),
    )
    owner_id: int | None = ref(nullable=True)
    name: str
    slug: str
    text: str = Field(sa_type=Text)
    topics: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)
    file_ids: list[int] = Field(default_factory=list, sa_type=ARRAY(BigInteger), nullable=False)
    created_by_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = moment(default_factory=now)
    updated_at: datetime = moment(default_factory=now)


class DraftText(WorkspaceRow, table=True):
    """What a member has begun to write to a contact: ``kind`` is reply or comment. ``version`` grows with every change."""

    __tablename__ = "draft"
    __table_args__ = (
        UniqueConstraint("workspace_id", "member_id", "contact_id", "kind"),
        belongs_to("member", "member_id"),
        belongs_to("contact", "contact_id"),
        Index("draft_contact_idx", "workspace_id", "contact_id"),
    )
    member_id: int = ref()
    contact_id: int = ref()
    kind: str = "reply"
    text: str = Field(sa_type=Text)
    version: int = Field(default=0, sa_type=BigInteger)
    updated_at: datetime = moment(default_factory=now)


class ScheduledMessage(WorkspaceRow, table=True):
    """A reply that goes out later: its wake-up sends it as ``member_id`` would by hand at that time.

    ``state`` is waiting, sent, cancelled, or failed with ``reason``. ``file_ids`` are uploads; ``client_id`` makes sending it twice one
    message.
    """

    __tablename__ = "scheduled_message"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        UniqueConstraint("workspace_id", "client_id"),
        Index("scheduled_message_contact_idx", "workspace_id", "contact_id", "due_at"),
    )
    contact_id: int = ref()
    member_id: int = Field(sa_type=BigInteger)
    channel_id: int | None = Field(default=None, sa_type=BigInteger)
    text: str = Field(default="", sa_type=Text)
    file_ids: list[int] = Field(default_factory=list, sa_type=ARRAY(BigInteger), nullable=False)
    reply_to: int | None = Field(default=None, sa_type=BigInteger)
    tag: str | None = None
    client_id: str
    due_at: datetime = moment()
    state: str = "waiting"
    reason: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = moment(default_factory=now)
