"""The catalog: what is known across workspaces. Everything else lives in a workspace's home."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, ForeignKey, Identity, Index, LargeBinary, Text, UniqueConstraint, text
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
    """Owner of workspaces. ``logo`` is the key of a stored picture; ``totp_required_at`` since when its people need a second factor."""

    __tablename__ = "organization"
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])
    name: str
    logo: str = ""
    totp_required_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment(default_factory=now)


class OrganizationMember(CatalogRow, table=True):
    """A person's place in an organization. ``role`` is admin, user_admin or member."""

    __tablename__ = "organization_member"
    organization_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.organization.id", ondelete="CASCADE")]
    )
    account_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.account.id", ondelete="CASCADE")])
    role: str = "member"
    created_at: datetime = moment(default_factory=now)


class Workspace(CatalogRow, table=True):
    """Where a workspace lives and what it is called. From ``deleted_at`` on nobody enters it; at ``purge_at`` its rows and files go."""

    __tablename__ = "workspace"
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])
    organization_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.organization.id")])
    slug: str = Field(unique=True)
    name: str
    home: str = "default"
    timezone: str = "UTC"
    created_at: datetime = moment(default_factory=now)
    ready_at: datetime | None = moment(nullable=True)
    deleted_at: datetime | None = moment(nullable=True)
    purge_at: datetime | None = moment(nullable=True)


class Account(CatalogRow, table=True):
    """A person who can sign in. ``email`` is stored in lower case; ``picture`` is the key of a stored picture.

    ``language`` and ``timezone`` are empty where the browser's and the workspace's shall count. ``browser_language`` is what the page spoke
    when they signed in last, for what they are told while no page of theirs is open. ``totp_secret`` is sealed; it counts from
    ``totp_enabled_at`` on. ``totp_step`` is the last time step whose code was used (RFC 6238, section 5.2: a code works once).
    """

    __tablename__ = "account"
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])
    email: str = Field(unique=True)
    name: str
    password_hash: str
    picture: str = ""
    language: str = ""
    browser_language: str = Field(default="", sa_column_kwargs={"server_default": ""})
    timezone: str = ""
    email_verified_at: datetime | None = moment(nullable=True)
    totp_secret: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    totp_enabled_at: datetime | None = moment(nullable=True)
    totp_step: int = Field(default=0, sa_type=BigInteger)
    created_at: datetime = moment(default_factory=now)


class RecoveryCode(CatalogRow, table=True):
    """Lets its owner in once without the second factor. Kept as SHA-256: a code is as long as a key."""

    __tablename__ = "recovery_code"
    code_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    account_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.account.id", ondelete="CASCADE")])
    used_at: datetime | None = moment(nullable=True)


class AccountLink(CatalogRow, table=True):
    """A link that was mailed. ``purpose`` is verify_email, reset_password or change_email; ``email`` the address that it proves."""

    __tablename__ = "account_link"
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    account_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.account.id", ondelete="CASCADE")])
    purpose: str
    email: str
    created_at: datetime = moment(default_factory=now)
    expires_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class SignUp(CatalogRow, table=True):
    """A sign-up that waits for its link to be followed. Only then there is an account: nobody can take an address that is another's."""

    __tablename__ = "sign_up"
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    email: str
    name: str
    password_hash: str
    organization: str
    workspace: str
    created_at: datetime = moment(default_factory=now)
    expires_at: datetime = moment()
    used_at: datetime | None = moment(nullable=True)


class KnownBrowser(CatalogRow, table=True):
    """A browser that an account signed in with before; its cookie holds the token. An unknown one is told to the owner by mail."""

    __tablename__ = "known_browser"
    account_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.account.id", ondelete="CASCADE")])
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    seen_at: datetime = moment(default_factory=now)


class Invitation(CatalogRow, table=True):
    """An offer to join a workspace, or (``workspace_id`` empty) only its organization. It ends by being accepted, cancelled or too old.

    ``email`` is in lower case; ``role``, ``restrictions`` and ``team_id`` are what the member will have.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        Index("invitation_token_hash_key", "token_hash", unique=True),
        Index("invitation_workspace_id_idx", "workspace_id"),
        Index("invitation_organization_id_idx", "organization_id"),
        Index(
            "invitation_open_key",
            "workspace_id",
            "email",
            unique=True,
            postgresql_where=text("accepted_at IS NULL AND cancelled_at IS NULL"),
        ),
    )
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])
    token_hash: bytes = Field(sa_type=LargeBinary)
    organization_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.organization.id", ondelete="CASCADE")])
    organization_role: str = "member"
    workspace_id: int | None = Field(
        default=None, sa_type=BigInteger, nullable=True, sa_column_args=[ForeignKey("catalog.workspace.id", ondelete="CASCADE")]
    )
    email: str
    role: str = "agent"
    restrictions: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)
    team_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    invited_by: str = ""
    created_at: datetime = moment(default_factory=now)
    sent_at: datetime = moment(default_factory=now)
    expires_at: datetime = moment()
    accepted_at: datetime | None = moment(nullable=True)
    cancelled_at: datetime | None = moment(nullable=True)


class Letter(CatalogRow, table=True):
    """A mail that the product writes to a person. Without a mail server it stays here, for the mailbox page of a development machine."""

    __tablename__ = "letter"
    __table_args__ = (Index("letter_due_at_idx", "due_at", postgresql_where=text("due_at IS NOT NULL")),)
    id: int = Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity()])
    to: str
    subject: str
    text: str
    created_at: datetime = moment(default_factory=now)
    due_at: datetime | None = moment(nullable=True)
    attempts: int = 0
    sent_at: datetime | None = moment(nullable=True)
    problem: str = ""


class PushKey(CatalogRow, table=True):
    """The installation's key pair for Web Push (VAPID, RFC 8292). ``public`` is base64url, ``private`` is sealed. There is one row."""

    __tablename__ = "push_key"
    id: int = Field(primary_key=True, sa_type=BigInteger)
    public: str
    private: bytes = Field(sa_type=LargeBinary)
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
    address: str = ""
    created_at: datetime = moment(default_factory=now)
    seen_at: datetime = moment(default_factory=now)
    expires_at: datetime = moment()


class ApiToken(CatalogRow, table=True):
    """A developer's key to one workspace, kept as its SHA-256. ``scopes`` say what it may be used for."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("id"), Index("api_token_workspace_id_idx", "workspace_id"))
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    id: int = Field(default=None, sa_type=BigInteger, sa_column_args=[Identity()])
    workspace_id: int = Field(sa_type=BigInteger, sa_column_args=[ForeignKey("catalog.workspace.id", ondelete="CASCADE")])
    name: str
    scopes: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)
    created_by: str = ""
    created_at: datetime = moment(default_factory=now)
    last_used_at: datetime | None = moment(nullable=True)
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
