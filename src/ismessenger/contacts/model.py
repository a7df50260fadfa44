"""Contacts, and the identities by which channels know them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, belongs_to, json, may_point_to, moment, ref


class Contact(WorkspaceRow, table=True):
    """A person who can be messaged. What inbox lists read most stands on the row: status, assignee, last message.

    ``status`` is open or closed and follows the conversation; ``preview`` holds the last words, at most 200 characters.
    """

    __tablename__ = "contact"
    __table_args__ = (
        may_point_to("member", "assignee_id"),
        Index("contact_status_newest_idx", "workspace_id", "status", text("last_message_at DESC"), text("id DESC")),
        Index("contact_assignee_newest_idx", "workspace_id", "assignee_id", "status", text("last_message_at DESC"), text("id DESC")),
        Index("contact_phone_idx", "workspace_id", "phone", postgresql_where=text("phone IS NOT NULL")),
        Index("contact_email_idx", "workspace_id", text("lower(email)"), postgresql_where=text("email IS NOT NULL")),
    )
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None
    country_code: str | None = None
    picture_url: str | None = None
    assignee_id: int | None = ref(nullable=True)
    status: str = "closed"
    blocked_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment(default_factory=now)
    created_source: str = "contact"
    last_message_at: datetime | None = moment(nullable=True)
    last_incoming_at: datetime | None = moment(nullable=True)
    last_outgoing_at: datetime | None = moment(nullable=True)
    last_incoming_id: int | None = Field(default=None, sa_type=BigInteger)
    last_channel_id: int | None = Field(default=None, sa_type=BigInteger)
    preview: str = Field(default="", sa_column_kwargs={"server_default": ""})
    preview_traffic: str = Field(default="", sa_column_kwargs={"server_default": ""})

    @property
    def name(self) -> str:
        """What to call the person on screen."""
        full = " ".join(part for part in (self.first_name, self.last_name) if part)
        return full or self.phone or self.email or f"#{self.id}"


class ContactChannel(WorkspaceRow, table=True):
    """One identity of a contact: how one channel knows the person. ``unreachable_at`` is set when the person blocked us or left."""

    __tablename__ = "contact_channel"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel_id", "identifier"),
        belongs_to("contact", "contact_id"),
        belongs_to("channel", "channel_id"),
        Index("contact_channel_contact_idx", "workspace_id", "contact_id"),
    )
    contact_id: int = ref()
    channel_id: int = ref()
    identifier: str
    meta: dict[str, Any] = json()
    last_message_at: datetime | None = moment(nullable=True)
    last_incoming_at: datetime | None = moment(nullable=True)
    unreachable_at: datetime | None = moment(nullable=True)
    profiled_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment(default_factory=now)
