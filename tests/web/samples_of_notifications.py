"""Notifications of every kind, for looking at the pages that show them."""

from datetime import timedelta

from ismessenger.notifications.kinds import KINDS
from ismessenger.web.account.notifications import BrowserView
from ismessenger.web.shown_notifications import NotificationPage, NotificationView
from tests.web import samples

PAGE = {"path": "/notifications", "csp_nonce": "n0nce", "shell": samples.SHELL}


def notification(number: int, kind: str, **values: object) -> NotificationView:
    """One line, unread."""
    given: dict[str, object] = {"count": 1, "about": "Ada Nwosu", "by": "Bo Berg", "words": "Said-words", "unread": True, "archived": False}
    at = samples.NOW - timedelta(minutes=number)
    return NotificationView(id=number, kind=kind, at=at, **given | values)  # type: ignore[arg-type]


ITEMS = [
    *(notification(number, kind) for number, kind in enumerate(KINDS, start=1)),
    *(notification(20 + number, kind, count=3, unread=False, archived=True) for number, kind in enumerate(KINDS)),
    notification(40, "assigned", by="", words=""),
    notification(41, "mention", by=""),
    notification(44, "channel_broken", about=""),
    notification(45, "assigned", about="", count=12, words=""),
    notification(43, "job_done", failed=True),
    notification(42, "of_later"),
]
FULL = NotificationPage(tab="all", items=ITEMS, older="c1", older_id=7)
EMPTY = [NotificationPage(tab=tab, items=[]) for tab in ("new", "archived", "all")]
CHOICES: dict[str, object] = {
    "kinds": list(KINDS),
    "chosen": ["mention:app", "mention:sound"],
    "words": True,
    "browsers": [
        BrowserView(id=1, words="Browser-words", since=samples.NOW, failed=False, is_this=True),
        BrowserView(id=2, words="Other-words", since=samples.NOW, failed=True, is_this=False),
    ],
    "key": "BPublic",
    "saved": True,
}
RENDERED: list[tuple[str, dict[str, object]]] = [
    ("notifications/_bell.html", {"member_id": 1, "path": "/notifications"}),
    *(("notifications/_item.html", {"item": item, "tab": "all"}) for item in ITEMS),
    ("notifications/_items.html", {"frame": "notifications_panel", "page": FULL}),
    ("notifications/_list.html", {"frame": "notifications_panel", "page": FULL}),
    *(("notifications/_list.html", {"frame": "notifications_panel", "page": page}) for page in EMPTY),
    ("notifications/list.html", {"frame": "notifications_panel", "page": FULL}),
    ("notifications/older.html", {"frame": "notifications_page_7", "page": FULL}),
    ("notifications/index.html", {**PAGE, "frame": "notifications_page", "page": FULL}),
    ("notifications/elsewhere.html", {**PAGE, "workspace_id": "7", "next": "/notifications/3?workspace=7"}),
    ("notifications/item.stream.html", {"item": ITEMS[0], "notification_id": 1, "tab": "all"}),
    ("notifications/item.stream.html", {"item": None, "notification_id": 1, "tab": "new"}),
    ("account/notifications.html", {**PAGE, **CHOICES}),
    ("account/notifications.html", {**PAGE, **CHOICES, "browsers": [], "saved": False}),
    ("account/notifications.stream.html", {}),
]
