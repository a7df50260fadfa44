"""What a workspace has decided about itself."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from ismessenger.tenancy.rows import WorkspaceRow

INACTIVITY_MINUTES = 15


class Preferences(WorkspaceRow, table=True):
    """One row per workspace; without it the defaults count. Name and time zone are the catalog's.

    ``inactivity_minutes`` without a sign of life set a member offline. With ``events_open_conversations`` a follow, a join or a
    welcome opens a conversation; else only what a person says does. With ``lifecycle_enabled`` contacts have a lifecycle stage.
    """

    __tablename__ = "preferences"
    __table_args__ = (UniqueConstraint("workspace_id"),)
    inactivity_minutes: int = INACTIVITY_MINUTES
    events_open_conversations: bool = False
    lifecycle_enabled: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
