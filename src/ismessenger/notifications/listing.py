"""A member's notifications with what is shown of each, page by page. Those about contacts whom they may not see any more are left out."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Row, Select, or_, select, text, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.errors import NotThere
from ismessenger.contacts.model import Contact
from ismessenger.messages.mention import MENTION, names_of
from ismessenger.notifications.kinds import MESSAGES
from ismessenger.notifications.model import Notification
from ismessenger.tenancy.doors import ReadSession

PAGE = 30
# What `messages.stored.preview_of` writes where a message has no words.
_BARE = re.compile(r":[a-z_]+:")
MOST_UNREAD = 100
"""So many are counted; the badge then says 99+."""

Tab = Literal["new", "archived", "all"]
Position = tuple[datetime, int]

_BY = aliased(Member)
_WORDS: Mapping[str, str] = {
    "mention": "SELECT id, text FROM comment WHERE id = ANY(:ids)",
    "send_failed": "SELECT id, COALESCE(status_reason, '') FROM message WHERE id = ANY(:ids)",
    "channel_broken": "SELECT id, name FROM channel WHERE id = ANY(:ids)",
    "job_done": "SELECT id, kind FROM job WHERE id = ANY(:ids)",
}
"""Where the words of a kind stand, by what it is about."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A notification, the name of its contact and of whoever did it, and what was written, where there is such."""

    row: Notification
    contact: str
    by: str
    words: str

    @property
    def count(self) -> int:
        """How often it happened, or to how many contacts at once."""
        counted = self.row.details.get("count")
        return counted if isinstance(counted, int) else self.row.count

    @property
    def target(self) -> str:
        """The page that it is about."""
        row = self.row
        if row.contact_id is not None:
            return f"/inbox/all/contacts/{row.contact_id}{self._place}"
        match row.kind:
            case "channel_broken" if row.subject_id:
                return f"/settings/channels/{row.subject_id}"
            case "job_done" if row.subject_id:
                return f"/jobs/{row.subject_id}"
            case "assigned":
                return "/inbox/mine"
            case _:
                return "/notifications"

    @property
    def _place(self) -> str:
        first = self.row.details.get("first") or self.row.subject_id
        match self.row.kind:
            case "mention" if self.row.subject_id:
                return f"#comment_{self.row.subject_id}"
            case "message_mine" | "message_unassigned" | "send_failed" if isinstance(first, int):
                return f"?message={first}"
            case _:
                return ""


@dataclass(frozen=True, slots=True)
class NotedPage:
    """A stretch of the list, and where the next one begins."""

    items: Sequence[Noted]
    older: Position | None


async def notifications_of(db: ReadSession, member: Member, tab: Tab = "new", before: Position | None = None) -> NotedPage:
    """The newest in the centre of a member, or those before a position."""
    statement = _shown(member).where(col(Notification.in_app))
    if tab != "all":
        archived = col(Notification.archived_at).is_not(None)
        statement = statement.where(archived if tab == "archived" else ~archived)
    if before is not None:
        statement = statement.where(tuple_(col(Notification.at), col(Notification.id)) < before)
    newest = statement.order_by(col(Notification.at).desc(), col(Notification.id).desc()).limit(PAGE + 1)
    rows = (await db.execute(newest)).all()
    shown = await _noted(db, rows[:PAGE])
    return NotedPage(shown, (shown[-1].row.at, shown[-1].row.id) if len(rows) > PAGE else None)


async def notification_named(db: ReadSession, member: Member, notification_id: int) -> Noted:
    """One of a member's. Raises `NotThere`."""
    rows = (await db.execute(_shown(member).where(col(Notification.id) == notification_id))).all()
    if not rows:
        raise NotThere("There is no such notification. It may be about a contact that you do not see any more.")
    return (await _noted(db, rows))[0]


async def unread_of(db: ReadSession, member: Member) -> list[tuple[str, int | None]]:
    """Kind and contact of a member's unread notifications, one entry each; no more than `MOST_UNREAD`."""
    unread = (col(Notification.read_at).is_(None), col(Notification.archived_at).is_(None), col(Notification.in_app))
    statement = select(col(Notification.kind), col(Notification.contact_id)).outerjoin(Contact, _theirs()).where(*_of(member), *unread)
    return [(row.kind, row.contact_id) for row in (await db.execute(statement.limit(MOST_UNREAD))).all()]


async def unread_among(db: ReadSession, member: Member, ids: Collection[int]) -> Sequence[Noted]:
    """Those of these that the member has not read, the newest first; also those that are not in the centre."""
    statement = _shown(member).where(col(Notification.id).in_(ids), col(Notification.read_at).is_(None))
    return await _noted(db, (await db.execute(statement.order_by(col(Notification.at).desc(), col(Notification.id).desc()))).all())


async def unmailed_of(db: ReadSession, member: Member, kinds: Collection[str], since: datetime, most: int) -> Sequence[Noted]:
    """Unread ones of these kinds about which no letter went out, the newest first."""
    wanted = (col(Notification.read_at).is_(None), col(Notification.mailed_at).is_(None), col(Notification.at) >= since)
    statement = _shown(member).where(*wanted, col(Notification.kind).in_(kinds)).order_by(col(Notification.at).desc())
    return await _noted(db, (await db.execute(statement.limit(most))).all())


def _shown(member: Member) -> Select[Notification, Contact, str]:
    """The contact and the name of whoever did it may be missing."""
    statement = select(Notification, Contact, col(_BY.name)).outerjoin(Contact, _theirs())
    return statement.outerjoin(_BY, col(_BY.id) == col(Notification.by_id)).where(*_of(member))


def _theirs() -> ColumnElement[bool]:
    return col(Contact.id) == col(Notification.contact_id)


def _of(member: Member) -> tuple[ColumnElement[bool], ...]:
    return col(Notification.member_id) == member.id, or_(col(Notification.contact_id).is_(None), visible_to(member))


async def _noted(db: ReadSession, rows: Sequence[Row[Notification, Contact, str]]) -> list[Noted]:
    words = await _words(db, [row[0] for row in rows])
    noted = []
    for notification, contact, by in rows:
        about = words.get((notification.kind, notification.subject_id), "")
        noted.append(
            Noted(notification, contact.name if contact else "", by or "", about or _last(notification, contact) or _reason(notification))
        )
    return noted


async def _words(db: ReadSession, rows: Iterable[Notification]) -> dict[tuple[str, int | None], str]:
    found: dict[tuple[str, int | None], str] = {}
    ids: dict[str, set[int]] = {}
    for row in rows:
        if row.kind in _WORDS and row.subject_id is not None:
            ids.setdefault(row.kind, set()).add(row.subject_id)
    for kind, wanted in ids.items():
        for id_, words in (await db.execute(text(_WORDS[kind]), {"ids": sorted(wanted)})).all():
            found[kind, id_] = words
    return await _with_names(db, found)


async def _with_names(db: ReadSession, found: dict[tuple[str, int | None], str]) -> dict[tuple[str, int | None], str]:
    """Comments with the names of the members whom they mention."""
    comments = {key: words for key, words in found.items() if key[0] == "mention"}
    named = {int(each[1]) for words in comments.values() for each in MENTION.finditer(words)}
    names = await names_of(db, named)
    return found | {key: MENTION.sub(lambda each: f"@{names.get(int(each[1]), '')}", words) for key, words in comments.items()}


def _reason(notification: Notification) -> str:
    """Why a message that was to go out later did not."""
    reason = notification.details.get("reason")
    return reason if notification.kind == "send_failed" and isinstance(reason, str) else ""


def _last(notification: Notification, contact: Contact | None) -> str:
    """What a contact wrote last; nothing for a picture without words."""
    if contact is None or notification.kind not in MESSAGES or contact.preview_traffic == "outgoing":
        return ""
    return "" if _BARE.fullmatch(contact.preview) else contact.preview
