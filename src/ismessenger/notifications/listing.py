"""A member's notifications with what is shown of each, page by page. Those about contacts whom they may not see any more are left out."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, or_, select, text, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import sees, visible_to
from ismessenger.contacts.errors import NotThere
from ismessenger.contacts.fields import kept_from
from ismessenger.contacts.model import Contact
from ismessenger.messages.mention import MENTION, names_of
from ismessenger.notifications.kinds import MESSAGES
from ismessenger.notifications.model import Notification, NotificationChoice, NotificationMark
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession

PAGE = 30
# What `messages.stored.preview_of` writes where a message has no words.
_BARE = re.compile(r":[a-z_]+:")
MOST_UNREAD = 100
"""So many are counted; the badge then says 99+."""

Tab = Literal["new", "archived", "all"]
Position = tuple[datetime, int]

_BY = aliased(Member)
_MARK = aliased(NotificationMark)
_OWN = col(Notification.member_id).is_not(None)
_NEWS = func.coalesce(col(_MARK.count), 0) < col(Notification.count)
_NOBODYS = and_(col(Contact.assignee_id).is_(None), col(Contact.status) != "closed")
_UNREAD = and_(col(Notification.read_at).is_(None), _NEWS, or_(_OWN, _NOBODYS))
_ARCHIVED = or_(col(Notification.archived_at).is_not(None), and_(col(_MARK.archived_at).is_not(None), ~_NEWS))
_WORDS: Mapping[str, str] = {
    "mention": "SELECT id, text FROM comment WHERE id = ANY(:ids)",
    "send_failed": "SELECT id, COALESCE(status_reason, '') FROM message WHERE id = ANY(:ids)",
    "channel_broken": "SELECT id, name FROM channel WHERE id = ANY(:ids)",
    "job_done": "SELECT id, kind FROM job WHERE id = ANY(:ids)",
}
"""Where the words of a kind stand, by what it is about."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A notification, the name of its contact and of whoever did it, and what was written, where there is such.

    ``known``: of how many the member knows, of a line that everybody has.
    """

    row: Notification
    contact: str
    by: str
    words: str
    unread: bool
    archived: bool
    known: int = 0

    @property
    def count(self) -> int:
        """How often it happened since the member knows of it, or to how many contacts at once."""
        counted = self.row.details.get("count")
        return counted if isinstance(counted, int) else (self.row.count - self.known) or self.row.count

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
        first = (not self.known and self.row.details.get("first")) or self.row.subject_id
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
    statement = _shown(member).where(_in_centre(member))
    if tab != "all":
        statement = statement.where(_ARCHIVED if tab == "archived" else ~_ARCHIVED)
    if before is not None:
        statement = statement.where(tuple_(col(Notification.at), col(Notification.id)) < before)
    newest = statement.order_by(col(Notification.at).desc(), col(Notification.id).desc()).limit(PAGE + 1)
    # One index holds both in order, but only one after the other.
    found = [row for whose in (_OWN, ~_OWN) for row in (await db.execute(newest.where(whose))).all()]
    rows = sorted(found, key=lambda row: (row[0].at, row[0].id), reverse=True)[: PAGE + 1]
    shown = await _noted(db, member, rows[:PAGE])
    return NotedPage(shown, (shown[-1].row.at, shown[-1].row.id) if len(rows) > PAGE else None)


async def notification_named(db: ReadSession, member: Member, notification_id: int) -> Noted:
    """One of a member's. Raises `NotThere`."""
    rows = (await db.execute(_shown(member).where(col(Notification.id) == notification_id))).all()
    if not rows:
        raise NotThere(gettext("There is no such notification. It may be about a contact that you do not see any more."))
    return (await _noted(db, member, rows))[0]


async def unread_of(db: ReadSession, member: Member) -> list[tuple[str, int | None]]:
    """Kind and contact of a member's unread notifications, one entry each; no more than `MOST_UNREAD`."""
    statement = select(col(Notification.kind), col(Notification.contact_id)).outerjoin(Contact, _theirs()).outerjoin(_MARK, _marked(member))
    statement = statement.where(*_of(member), _UNREAD, ~_ARCHIVED, _in_centre(member))
    return [(row.kind, row.contact_id) for row in (await db.execute(statement.limit(MOST_UNREAD))).all()]


async def unread_among(db: ReadSession, member: Member, ids: Collection[int]) -> Sequence[Noted]:
    """Those of these that the member has not read, the newest first; also those that are not in the centre."""
    statement = _shown(member).where(col(Notification.id).in_(ids), _UNREAD)
    return await _noted(db, member, (await db.execute(statement.order_by(col(Notification.at).desc(), col(Notification.id).desc()))).all())


async def unmailed_of(db: ReadSession, member: Member, kinds: Collection[str], since: datetime, most: int) -> Sequence[Noted]:
    """Unread ones of these kinds about which no letter went out, the newest first."""
    wanted = (_UNREAD, col(Notification.mailed_at).is_(None), col(_MARK.mailed_at).is_(None), col(Notification.at) >= since)
    statement = _shown(member).where(*wanted, col(Notification.kind).in_(kinds)).order_by(col(Notification.at).desc())
    return await _noted(db, member, (await db.execute(statement.limit(most))).all())


def _shown(member: Member) -> Select[Notification, Contact, str, NotificationMark, bool]:
    """The contact, the name of whoever did it and the member's mark may be missing; at the end whether the member has not read it."""
    statement = select(Notification, Contact, col(_BY.name), _MARK, _UNREAD.label("unread")).outerjoin(Contact, _theirs())
    statement = statement.outerjoin(_BY, col(_BY.id) == col(Notification.by_id)).outerjoin(_MARK, _marked(member))
    return statement.where(*_of(member))


def _theirs() -> ColumnElement[bool]:
    return col(Contact.id) == col(Notification.contact_id)


def _marked(member: Member) -> ColumnElement[bool]:
    return and_(col(_MARK.notification_id) == col(Notification.id), col(_MARK.member_id) == member.id)


def _of(member: Member) -> tuple[ColumnElement[bool], ...]:
    """Their own lines, and those that everybody has who sees what is nobody's."""
    since = and_(~_OWN, col(Notification.at) >= member.created_at) if sees(member, assignee_id=None) else false()
    return or_(col(Notification.member_id) == member.id, since), or_(col(Notification.contact_id).is_(None), visible_to(member))


def _in_centre(member: Member) -> ColumnElement[bool]:
    """Of what everybody has, whoever does not want it in the centre says so in their choices."""
    choice = (col(NotificationChoice.member_id) == member.id, col(NotificationChoice.kind) == col(Notification.kind))
    muted = exists().where(*choice, col(NotificationChoice.surface) == "app", col(NotificationChoice.enabled).is_(False))
    return and_(col(Notification.in_app), or_(_OWN, ~muted))


async def _noted(db: ReadSession, member: Member, rows: Sequence[Row[Notification, Contact, str, NotificationMark, bool]]) -> list[Noted]:
    words, kept = await _words(db, [row[0] for row in rows]), await kept_from(db, member)
    noted = []
    for row, contact, by, mark, unread in rows:
        about = words.get((row.kind, row.subject_id), "") or _last(row, contact) or _reason(row)
        known = mark.count if mark else 0
        archived = row.archived_at is not None or (mark is not None and mark.archived_at is not None and known == row.count)
        noted.append(Noted(row, contact.called(kept) if contact else "", by or "", about, unread, archived, known))
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
