"""From notifications to what their templates take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ismessenger.kit import pagination
from ismessenger.notifications.listing import Noted, NotedPage, Tab


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationView:
    """One line of the centre. ``about`` is the name of the contact or the channel, ``words`` what was written; both may be empty.

    ``failed``: a job that did not come to its end.
    """

    id: int
    kind: str
    count: int
    about: str
    by: str
    words: str
    at: datetime
    unread: bool
    archived: bool
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationPage:
    """A stretch of the list. ``older`` is the cursor of the next one, which begins behind the notification ``older_id``."""

    tab: Tab
    items: Sequence[NotificationView]
    older: str | None = None
    older_id: int = 0


def notification_page(found: NotedPage, tab: Tab) -> NotificationPage:
    """What a stretch shows."""
    items = [notification_view(noted) for noted in found.items]
    if found.older is None:
        return NotificationPage(tab=tab, items=items)
    return NotificationPage(tab=tab, items=items, older=pagination.encode(*found.older), older_id=found.older[1])


def notification_view(noted: Noted) -> NotificationView:
    """What a line shows."""
    row = noted.row
    of_channel = row.kind == "channel_broken"
    return NotificationView(
        id=row.id,
        kind=row.kind,
        count=noted.count,
        about=noted.words if of_channel else noted.contact,
        by=noted.by,
        words="" if of_channel or row.kind == "job_done" else noted.words,
        at=row.at,
        unread=noted.unread,
        archived=noted.archived,
        failed=row.details.get("state") == "failed",
    )
