"""The sidebar, the lists and the pages of custom inboxes with sample objects."""

from dataclasses import replace
from datetime import timedelta

from ismessenger.web.inboxes.place import Place
from ismessenger.web.view import Card, CardPage, CustomView
from tests.web import samples

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


RENDERED: list[tuple[str, dict[str, object]]] = [
    *(("inbox/_card.html", {"card": card, "url": "/inbox/all/contacts/1"}) for card in [samples.cards()[0], *marked_cards()]),
    ("inbox/_cards.html", {"page": CLOSED}),
    ("inbox/_inboxes.html", {"inbox": "custom-1", "sidebar": samples.SIDEBAR}),
    *(("inbox/_empty.html", {"place": place, "faults": ()}) for place in EMPTY),
    ("inbox/_empty.html", {"place": Place("custom-1"), "faults": ["Fault-words"]}),
    ("inbox/_list.html", _list(CLOSED)),
    ("inbox/_list.html", _list(CardPage(place=SNOOZED, cards=(), title="Wholesale", emoji="🏬", custom=BROKEN))),
    ("inbox/_list.html", _list(CardPage(place=SNOOZED, cards=(), title="Workshop", custom=OTHERS))),
    ("inboxes/_menu.html", {"custom": BROKEN}),
    ("inboxes/_broken.html", {"custom": OTHERS}),
    ("inbox/_resizer.html", {"name": "list", "label": "Resizer-words"}),
    ("inbox/card.stream.html", {"card": samples.cards()[8]}),
    ("inbox/list.html", {"page": CLOSED, "seq": "1-0", "member_id": 1, "contact_id": 1}),
    ("inbox/page.html", {"page": CLOSED}),
    ("inbox/thread.html", {"thread": samples.thread(), "page": CLOSED}),
]
