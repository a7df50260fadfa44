"""The catalog: what is known across workspaces. Everything else lives in a workspace's home."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import CatalogRow, moment


class Home(CatalogRow, table=True):
    """A PostgreSQL database that holds workspaces. ``url`` is encrypted; the default home is not listed."""

    __tablename__ = "home"
    name: str = Field(primary_key=True)
    url: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = moment(default_factory=now)


class Organization(CatalogRow, table=True):
    """Owner of workspaces."""

    __tablename__ = "organization"
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])
    name: str
    created_at: datetime = moment(default_factory=now)


class Workspace(CatalogRow, table=True):
    """Where a workspace lives and what it is called."""

    __tablename__ = "workspace"
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])
    organization_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.organization.id")])
    slug: str = Field(unique=True)
    name: str
    home: str = "default"
    timezone: str = "UTC"
    created_at: datetime = moment(default_factory=now)
    ready_at: datetime | None = moment(nullable=True)


class Account(CatalogRow, table=True):
    """A person who can sign in. ``email`` is stored in lower case."""

    __tablename__ = "account"
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])
    email: str = Field(unique=True)
    name: str
    password_hash: str
    created_at: datetime = moment(default_factory=now)


class Membership(CatalogRow, table=True):
    """Which workspaces an account may enter; role and name there are the workspace's own."""

    __tablename__ = "membership"
    account_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.account.id", ondelete="CASCADE")])
    workspace_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.workspace.id", ondelete="CASCADE")])


class SignInSession(CatalogRow, table=True):
    """A signed-in browser. The cookie holds the token, the table its SHA-256."""

    __tablename__ = "sign_in_session"
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    account_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.account.id", ondelete="CASCADE")])
    workspace_id: int | None = Field(
        default=None, sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.workspace.id", ondelete="SET NULL")]
    )
    user_agent: str = ""
    created_at: datetime = moment(default_factory=now)
    seen_at: datetime = moment(default_factory=now)
    expires_at: datetime = moment()


class ApiToken(CatalogRow, table=True):
    """A developer's key to one workspace, kept as its SHA-256."""

    __tablename__ = "api_token"
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    workspace_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.workspace.id", ondelete="CASCADE")])
    name: str
    created_at: datetime = moment(default_factory=now)
    revoked_at: datetime | None = moment(nullable=True)


class ChannelRoute(CatalogRow, table=True):
    """Which channel a webhook URL, or a provider's account behind a shared URL, belongs to."""

    __tablename__ = "channel_route"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel_id"),
        Index("channel_route_kind_account_idx", "kind", "account"),
    )
    route: str = Field(primary_key=True)
    kind: str
    workspace_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.workspace.id", ondelete="CASCADE")])
    channel_id: int = Field(sa_type=BigInteger)
    account: str | None = None
