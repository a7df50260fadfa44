"""Members of a workspace and their teams."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Text, UniqueConstraint
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
    """A person's place in one workspace. ``account_id`` names the catalog's account; ``role`` is owner, manager or agent."""

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("workspace_id", "account_id"),
        may_point_to("team", "team_id"),
    )
    account_id: int = Field(sa_type=BigInteger)
    name: str
    email: str
    role: str = "agent"
    restrictions: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)
    team_id: int | None = ref(nullable=True)
    created_at: datetime = moment(default_factory=now)
    removed_at: datetime | None = moment(nullable=True)


class ReadMark(WorkspaceRow, table=True):
    """How far a member has read a contact's thread: the newest incoming message seen."""

    __tablename__ = "read_mark"
    __table_args__ = (
        UniqueConstraint("workspace_id", "member_id", "contact_id"),
        belongs_to("member", "member_id"),
        belongs_to("contact", "contact_id"),
    )
    member_id: int = ref()
    contact_id: int = ref()
    message_id: int = Field(sa_type=BigInteger)
