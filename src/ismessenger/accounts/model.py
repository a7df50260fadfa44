"""Members of a workspace and their teams."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, belongs_to, may_point_to, moment, ref


class Team(WorkspaceRow, table=True):
    """A named group of members."""

    __tablename__ = "team"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)
    name: str
    description: str = ""
    created_at: datetime = moment(default_factory=now)


class Member(WorkspaceRow, table=True):
    """A person's place in one workspace. ``account_id`` names the catalog's account; ``role`` is owner, manager or agent.

    ``status`` is what the member chose, online or busy; whether they are here at all is found out (see ``presence.py``), from their
    last activity and from ``left_at``, when they signed out.
    With ``notify_words`` what they are told outside of the application holds names and words of contacts.
    With ``undo_send`` what they write goes out some seconds later, and can be taken back until then.
    ``name``, ``email`` and ``picture`` repeat the account's, for the lists of the workspace.
    """

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("workspace_id", "account_id"),
        may_point_to("team", "team_id"),
    )
    account_id: int = Field(sa_type=BigInteger)
    name: str
    email: str
    picture: str = ""
    role: str = "agent"
    status: str = "online"
    restrictions: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)
    team_id: int | None = ref(nullable=True)
    created_at: datetime = moment(default_factory=now)
    last_active_at: datetime | None = moment(nullable=True)
    left_at: datetime | None = moment(nullable=True)
    notify_words: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    undo_send: bool = Field(default=True, sa_column_kwargs={"server_default": "true"})
    removed_at: datetime | None = moment(nullable=True)


class ReadMark(WorkspaceRow, table=True):
    """How far a member has read a contact's thread: the newest incoming message seen."""

    __tablename__ = "read_mark"
    __table_args__ = (
        UniqueConstraint("workspace_id", "member_id", "contact_id"),
        belongs_to("member", "member_id"),
        belongs_to("contact", "contact_id"),
        Index("read_mark_contact_idx", "workspace_id", "contact_id"),
    )
    member_id: int = ref()
    contact_id: int = ref()
    message_id: int = Field(sa_type=BigInteger)
