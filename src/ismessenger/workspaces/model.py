"""What a workspace has decided about itself."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from ismessenger.tenancy.rows import WorkspaceRow, moment

INACTIVITY_MINUTES = 15
AUTO_CLOSE_MINUTES = 24 * 60


class Preferences(WorkspaceRow, table=True):
    """One row per workspace; without it the defaults count. Name and time zone are the catalog's.

    ``inactivity_minutes`` without a sign of life set a member offline. With ``events_open_conversations`` a follow, a join or a
    welcome opens a conversation; else only what a person says does. With ``lifecycle_enabled`` contacts have a lifecycle stage.
    ``closing_notes`` is what whoever closes a conversation is asked for: optional, category, both, or off. Since ``auto_close_since``
    conversations close by themselves, ``auto_close_minutes`` after a member wrote last.
    """

    __tablename__ = "preferences"
    __table_args__ = (UniqueConstraint("workspace_id"),)
    inactivity_minutes: int = INACTIVITY_MINUTES
    events_open_conversations: bool = False
    lifecycle_enabled: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    closing_notes: str = Field(default="optional", sa_column_kwargs={"server_default": "optional"})
    auto_close_since: datetime | None = moment(nullable=True)
    auto_close_minutes: int = Field(default=AUTO_CLOSE_MINUTES, sa_column_kwargs={"server_default": str(AUTO_CLOSE_MINUTES)})
