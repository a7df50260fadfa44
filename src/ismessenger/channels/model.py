"""Connected channels and the raw webhooks that arrived for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, belongs_to, json, moment


class ConnectedChannel(WorkspaceRow, table=True):
    """An account at a provider, connected to the workspace. ``config`` holds what may be shown, ``secrets`` is encrypted.

    ``status`` is connected, broken (``status_reason`` says why) or disconnected. Inbound goes on whatever it is.
    """

    __tablename__ = "channel"
    __table_args__ = (UniqueConstraint("workspace_id", "route"),)
    kind: str
    name: str
    route: str
    config: dict[str, Any] = json()
    secrets: bytes = Field(sa_type=LargeBinary)
    status: str = "connected"
    status_reason: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = moment(default_factory=now)
    disconnected_at: datetime | None = moment(nullable=True)


class InboundEvent(WorkspaceRow, table=True):
    """A webhook as it arrived. ``state`` is pending, done or failed; ``note`` says what was ignored or what went wrong."""

    __tablename__ = "inbound_event"
    __table_args__ = (
        belongs_to("channel", "channel_id"),
        Index("inbound_event_pending_idx", "workspace_id", "channel_id", "id", postgresql_where=text("state = 'pending'")),
        Index("inbound_event_log_idx", "workspace_id", "channel_id", text("id DESC"), postgresql_where=text("note IS NOT NULL")),
        Index("inbound_event_received_idx", "received_at", postgresql_where=text("state = 'done'")),
    )
    channel_id: int = Field(sa_type=BigInteger)
    headers: dict[str, str] = json()
    query: str = ""
    body: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = moment(default_factory=now)
    state: str = Field(default="pending", sa_column_kwargs={"server_default": "pending"})
    due_at: datetime | None = moment(nullable=True)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    note: str | None = Field(default=None, sa_type=Text)
