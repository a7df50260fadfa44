"""What members are told, on which surfaces, and the browsers that want to be told while they are closed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, belongs_to, json, moment, ref


class Notification(WorkspaceRow, table=True):
    """One line in a member's notification centre. ``kind`` is one of `notifications.kinds`; ``details`` hold what its words need.

    Without a member it is a line in the centre of everybody who sees contacts that are nobody's: what each of them did with it is a
    `NotificationMark`, and ``read_at`` is when it was over for all, since somebody has the contact.

    A kind that may come in numbers, such as new messages of one contact, is one row until it is read: ``count`` says how many, and
    ``at`` when the last of them came. ``subject_id`` is the message, comment or channel that it is about: of several the last.
    Without ``in_app`` it is not in the centre, only on the member's other surfaces. ``mailed_at``: the member was told of it by letter.
    """

    __tablename__ = "notification"
    __table_args__ = (
        belongs_to("member", "member_id"),
        belongs_to("contact", "contact_id"),
        Index("notification_member_idx", "workspace_id", "member_id", text("at DESC"), text("id DESC")),
        Index("notification_unread_idx", "workspace_id", "member_id", postgresql_where=text("read_at IS NULL")),
        Index(
            "notification_unread_key",
            "workspace_id",
            "member_id",
            "kind",
            "contact_id",
            unique=True,
            postgresql_where=text("read_at IS NULL AND folds"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("notification_contact_idx", "workspace_id", "contact_id"),
    )
    member_id: int | None = ref(nullable=True)
    kind: str
    contact_id: int | None = ref(nullable=True)
    subject_id: int | None = Field(default=None, sa_type=BigInteger)
    by_id: int | None = Field(default=None, sa_type=BigInteger)
    details: dict[str, Any] = json()
    folds: bool = False
    count: int = 1
    in_app: bool = True
    at: datetime = moment(default_factory=now)
    read_at: datetime | None = moment(nullable=True)
    archived_at: datetime | None = moment(nullable=True)
    mailed_at: datetime | None = moment(nullable=True)


class NotificationMark(WorkspaceRow, table=True):
    """What a member did with a line that everybody has: of how many they know, and whether they put those away or were sent a letter."""

    __tablename__ = "notification_mark"
    __table_args__ = (
        UniqueConstraint("workspace_id", "member_id", "notification_id"),
        belongs_to("member", "member_id"),
        belongs_to("notification", "notification_id"),
        Index("notification_mark_notification_idx", "workspace_id", "notification_id"),
    )
    member_id: int = ref()
    notification_id: int = ref()
    count: int = 0
    archived_at: datetime | None = moment(nullable=True)
    mailed_at: datetime | None = moment(nullable=True)


class NotificationChoice(WorkspaceRow, table=True):
    """A member's choice for one kind on one surface (app, browser, email or sound); without it the default of the kind counts."""

    __tablename__ = "notification_choice"
    __table_args__ = (UniqueConstraint("workspace_id", "member_id", "kind", "surface"), belongs_to("member", "member_id"))
    member_id: int = ref()
    kind: str
    surface: str
    enabled: bool


class PushSubscription(WorkspaceRow, table=True):
    """A browser of a member that takes Web Push. ``p256dh`` and ``auth`` are its keys in base64url. Source: RFC 8291, W3C Push API.

    ``session`` names the browser's session (its hash in hexadecimal digits): once that has ended, the browser is told nothing more.
    """

    __tablename__ = "push_subscription"
    __table_args__ = (UniqueConstraint("workspace_id", "member_id", "endpoint"), belongs_to("member", "member_id"))
    member_id: int = ref()
    endpoint: str
    p256dh: str
    auth: str
    session: str
    user_agent: str = ""
    created_at: datetime = moment(default_factory=now)
    failed_at: datetime | None = moment(nullable=True)
