"""Conversations with their metrics, the events of a contact's timeline, saved inboxes, closing categories, and what is to happen later."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, belongs_to, json, moment, ref


class Conversation(WorkspaceRow, table=True):
    """A span between opened and closed. A contact has at most one open: the partial unique index sees to it.

    ``category`` repeats the name of the closing category ``category_id`` as it was when the conversation was closed.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        Index("conversation_one_open_key", "workspace_id", "contact_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("conversation_contact_idx", "workspace_id", "contact_id", "opened_at"),
    )
    contact_id: int = ref()
    opened_at: datetime = moment(default_factory=now)
    opened_source: str = "contact"
    opened_by_id: int | None = Field(default=None, sa_type=BigInteger)
    opened_channel_id: int | None = Field(default=None, sa_type=BigInteger)
    contact_type: str = "new"
    closed_at: datetime | None = moment(nullable=True)
    closed_source: str | None = None
    closed_by_id: int | None = Field(default=None, sa_type=BigInteger)
    category_id: int | None = Field(default=None, sa_type=BigInteger)
    category: str | None = None
    summary: str | None = None
    first_assignee_id: int | None = Field(default=None, sa_type=BigInteger)
    first_assigned_at: datetime | None = moment(nullable=True)
    last_assignee_id: int | None = Field(default=None, sa_type=BigInteger)
    last_assigned_at: datetime | None = moment(nullable=True)
    assignment_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    first_response_at: datetime | None = moment(nullable=True)
    first_responder_id: int | None = Field(default=None, sa_type=BigInteger)
    response_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    response_seconds_total: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    waiting_since: datetime | None = moment(nullable=True)
    incoming_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    outgoing_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})


class TimelineEvent(WorkspaceRow, table=True):
    """Something that happened to a contact, shown in the thread. ``kind`` is a past fact such as ``conversation.closed``.

    ``actor_kind`` is contact, user, api, workflow, channel or system; ``actor_id`` a member for user.
    """

    __tablename__ = "event"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        Index("event_contact_idx", "workspace_id", "contact_id", "at", "id"),
        # Where a contact went that was merged into another one.
        Index("event_merged_idx", "workspace_id", text("(details ->> 'merged')"), postgresql_where=text("kind = 'contact.merged'")),
    )
    contact_id: int = ref()
    conversation_id: int | None = Field(default=None, sa_type=BigInteger)
    kind: str
    actor_kind: str = "system"
    actor_id: int | None = Field(default=None, sa_type=BigInteger)
    details: dict[str, Any] = json()
    at: datetime = moment(default_factory=now)


class ClosingCategory(WorkspaceRow, table=True):
    """What a conversation was about, to choose from when it is closed."""

    __tablename__ = "closing_category"
    __table_args__ = (Index("closing_category_name_key", "workspace_id", text("lower(name)"), unique=True),)
    name: str
    description: str = ""
    position: int = 0
    created_at: datetime = moment(default_factory=now)


class CustomInbox(WorkspaceRow, table=True):
    """A saved filter in the sidebar of the inbox. ``condition`` is a tree of `conditions.tree` as JSON, with ids inside.

    ``sharing`` is private, public, or shared with the members ``member_ids`` and the teams ``team_ids``. Only ``owner_id`` changes it;
    it is nobody's once its owner was removed.
    """

    __tablename__ = "custom_inbox"
    __table_args__ = (
        belongs_to("member", "owner_id"),
        Index("custom_inbox_owner_idx", "workspace_id", "owner_id"),
    )
    owner_id: int = ref()
    name: str
    description: str = ""
    emoji: str = ""
    condition: dict[str, Any] = json()
    sharing: str = "private"
    member_ids: list[int] = Field(default_factory=list, sa_type=ARRAY(BigInteger), nullable=False)
    team_ids: list[int] = Field(default_factory=list, sa_type=ARRAY(BigInteger), nullable=False)
    created_at: datetime = moment(default_factory=now)
    updated_at: datetime = moment(default_factory=now)


class Wakeup(WorkspaceRow, table=True):
    """Something that is to happen to a contact at ``due_at``.

    ``kind`` is ``snooze`` (it ends), ``auto_close`` (of the conversation), ``send`` (a message that was scheduled) or ``workflow`` (the
    time of a run is up). There is at most one of a kind for each contact and subject; ``subject_id`` is what it is about, or 0.
    """

    __tablename__ = "wakeup"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        UniqueConstraint("workspace_id", "contact_id", "kind", "subject_id"),
        Index("wakeup_due_idx", "due_at"),
    )
    kind: str
    contact_id: int = ref()
    subject_id: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    due_at: datetime = moment()
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
