"""The sidebar, the lists and the pages of custom inboxes with sample objects."""

from dataclasses import replace
from datetime import timedelta

from ismessenger.contacts.filtered import Count
from ismessenger.web.inboxes.custom import InboxForm
from ismessenger.web.inboxes.place import Place
from ismessenger.web.view import Card, CardPage, CustomView
from tests.web import samples
from tests.web import samples_of_jobs as jobs
from tests.web.samples_of_conversations import PRESETS

PAGE = {"path": "/inbox", "csp_nonce": "n0nce", "shell": samples.SHELL}

CLOSED = CardPage(place=Place("mine", "closed"), cards=samples.cards(), before="c1", older="c2")
SNOOZED = Place("custom-1", "snoozed", unreplied=True, sort="longest")
BROKEN = CustomView(
    id=1, name="Wholesale", mine=True, deletable=True, sharing="shared", description="Description-words", faults=["Fault-words"]
)
OTHERS = CustomView(id=2, name="Workshop", mine=False, deletable=False, sharing="public", owner="Jonas Weber", faults=["Fault-words"])
EMPTY = [
    Place(unreplied=True),
    Place("blocked", "all"),
    Place(status="closed"),
    Place(status="snoozed"),
    Place(status="all"),
    Place("mine"),
    Place("unassigned"),
    Place("team-1"),
    Place("stage-1"),
    Place("custom-1"),
    Place(),
]


def marked_cards() -> list[Card]:
    """Cards of every status."""
    first, second, third, fourth = samples.cards()[:4]
    return [
        replace(first, status="snoozed", snoozed_until=samples.NOW + timedelta(hours=3)),
        replace(second, status="closed"),
        replace(third, blocked=True),
        replace(fourth, silent=True),
    ]


def _list(page: CardPage) -> dict[str, object]:
    return {"page": page, "seq": "1-0", "member_id": 1, "contact_id": None}


CHOICES: dict[str, dict[str, object]] = {
    "assign": {"members": samples.MEMBERS, "me": 1},
    "unassign": {},
    "close": {"mode": "both", "categories": [(1, "Category-words")], "longest": 512},
    "open": {},
    "snooze": {
        "presets": PRESETS,
        "suggested": "2026-03-13T09:00",
        "earliest": "2026-03-12T15:00",
        "latest": "2027-03-12T15:00",
    },
    "wake": {},
    "tag": {"tags": samples.TAGS},
    "untag": {"tags": ()},
    "unread": {},
}
FORM = {"inbox_id": 7, "condition": {"$and": []}, "schema": {"subjects": [], "operators": {}, "options": {}, "faults": []}}
MADE = InboxForm(name="Name-words", emoji="🏬", description="Description-words", sharing="shared", members=[2], teams=[1])

RENDERED: list[tuple[str, dict[str, object]]] = [
    *(("inbox/_card.html", {"card": card, "url": "/inbox/all/contacts/1"}) for card in [samples.cards()[0], *marked_cards()]),
    ("inbox/_cards.html", {"page": CLOSED}),
    ("inbox/_inboxes.html", {"inbox": "custom-1", "sidebar": samples.SIDEBAR}),
    *(("inbox/_empty.html", {"place": place, "faults": ()}) for place in EMPTY),
    ("inbox/_empty.html", {"place": Place("custom-1"), "faults": ["Fault-words"]}),
    ("inbox/_list.html", _list(CLOSED)),
    ("inbox/_list.html", _list(CardPage(place=SNOOZED, cards=(), title="Wholesale", emoji="🏬", custom=BROKEN))),
    ("inbox/_list.html", _list(CardPage(place=SNOOZED, cards=(), title="Workshop", custom=OTHERS))),
    *(
        ("inbox/changes.html", {"action": action, "total": Count(3, exact=action != "open"), "choices": choices})
        for action, choices in CHOICES.items()
    ),
    (
        "inbox/changes.html",
        {"action": "close", "total": Count(1, exact=True), "choices": {"mode": "off", "categories": [], "longest": 512}},
    ),
    ("inbox/_bulk.html", {}),
    ("inbox/_note.html", {"note": CHOICES["close"]}),
    ("inbox/job.stream.html", {"job": jobs.job()}),
    (
        "inboxes/form.html",
        {**PAGE, **FORM, "form": MADE, "members": samples.MEMBERS * 3, "teams": [(1, "Team-words")], "error": "Error-words"},
    ),
    ("inboxes/form.html", {**PAGE, **FORM, "inbox_id": 0, "form": InboxForm(), "members": [], "teams": [], "error": ""}),
    ("inboxes/_menu.html", {"custom": BROKEN}),
    ("inboxes/_broken.html", {"custom": OTHERS}),
    ("inbox/_resizer.html", {"name": "list", "label": "Resizer-words"}),
    ("inbox/card.stream.html", {"card": samples.cards()[8]}),
    ("inbox/list.html", {"page": CLOSED, "seq": "1-0", "member_id": 1, "contact_id": 1}),
    ("inbox/page.html", {"page": CLOSED}),
    ("inbox/thread.html", {"thread": samples.thread(), "page": CLOSED}),
]
