"""The contacts table with everything in it, for looking at its templates."""

from datetime import UTC, datetime

from ismessenger.conditions.schema import editor_schema
from ismessenger.conditions.tree import Group, Leaf
from ismessenger.conditions.vocabulary import Vocabulary
from ismessenger.contacts.filtered import Count
from ismessenger.web.contacts.bulk import OFFERED
from ismessenger.web.contacts.place import Place
from ismessenger.web.contacts.shown import ColumnView, RowView, SegmentView
from ismessenger.web.view_contact import FieldView, StageView, TagView
from tests.web import samples
from tests.web.samples_of_jobs import JOBS

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
PAGE = {"path": "/contacts", "csp_nonce": "n0nce", "shell": samples.SHELL}
CALLABLE = Group(items=(Leaf(category="contactField", field="phone", operator="exists"),))

EVERYBODY = Place()
FILTERED = Place(words="Typed-words", filter=CALLABLE)
SEGMENT = Place(segment="7", name="Segment-name", own=CALLABLE)
REFILTERED = Place(segment="7", name="Segment-name", own=CALLABLE, filter=Group(joiner="$or", items=(*CALLABLE.items, *CALLABLE.items)))
LATER = Place(after="c1")

COLUMNS = [
    ColumnView(key="phone", name="Phone-words", type="phone", url="/contacts?sort=phone", sorted="ascending", chosen=True),
    *(ColumnView(key=key, name=f"{key}-words", url=f"/contacts?sort={key}", chosen=True) for key in ("created", "lastMessage", "id")),
    *(ColumnView(key=key, name=f"{key}-words", chosen=True) for key in ("channels", "tags", "lifecycle", "assignee", "status")),
    ColumnView(key="5", name="Link-words", type="url", sorted="descending", url="/contacts?sort=5", chosen=True),
    ColumnView(key="6", name="Number-words", type="number", chosen=True),
]
OTHERS = [ColumnView(key="8", name="Other-words", type="text")]
TAGS = [TagView(id=number, name=f"Tag-{number}", emoji="⭐" if number % 2 else "", color="green") for number in range(1, 11)]
STAGES = [StageView(id=1, name="Stage-name", emoji="🔥"), StageView(id=2, name="Lost-name", kind="lost")]
MEMBERS = [samples.SHELL.member]
FULL = RowView(
    id=1,
    name="Ada Nwosu",
    picture_url="",
    status="open",
    created_at=AT,
    last_message_at=AT,
    assignee=samples.SHELL.member,
    stage=STAGES[0],
    channels=[("telegram", "Channel-name"), ("fax", "Other-channel")],
    tags=TAGS[:5],
    values={"phone": "+60123456789", "5": "https://x.example/page", "6": "1,234.5"},
)
BARE = RowView(
    id=2,
    name="#2",
    picture_url="/p.png",
    status="closed",
    created_at=AT,
    last_message_at=None,
    values=dict.fromkeys(("phone", "5", "6"), ""),
)
BLOCKED = RowView(
    id=3, name="Bo", picture_url="", status="blocked", created_at=AT, last_message_at=None, values=dict.fromkeys(("phone", "5", "6"), "")
)
ROWS = [FULL, BARE, BLOCKED]
SEGMENTS = [
    SegmentView(
        key=str(number),
        name=f"Segment-{number}",
        url=f"/contacts?segment={number}",
        count_url="/",
        current=number == 7,
        description="Description-words" if number == 7 else "",
    )
    for number in range(1, 10)
]
TABLE = {"columns": COLUMNS, "name_url": "/contacts?sort=name", "name_sorted": "", "rows": ROWS, "may_delete": True}
INDEX: dict[str, object] = {
    **PAGE,
    "place": EVERYBODY,
    "title": "",
    "segments": [],
    "inboxes": SEGMENTS[:1],
    "prebuilt": SEGMENTS[:1],
    "others": OTHERS,
    **{key: value for key, value in TABLE.items() if key != "may_delete"},
    "total": Count(1, exact=True),
    "crowded": False,
    "faults": [],
    "earlier_url": "",
    "later_url": "",
    "job": None,
    "added": None,
}
SAME = [(4, "Other-name", ["phone"]), (5, "Second-name", ["email"]), (6, "Third-name", ["phone", "email"])]
FIELDS = [
    FieldView(
        key=kind,
        name=f"{kind}-words",
        type=kind,
        value="value-words",
        options=["value-words", "Option-words"],
        description="Help-words",
        visible=visible,
        error=error,
    )
    for kind in ("text", "list", "checkbox", "email", "number", "url", "date", "time", "phone", "language", "country")
    for visible, error in ((True, ""), (False, "Error-words"))
]
NEW: dict[str, object] = {
    **PAGE,
    "fields": FIELDS,
    "tags": TAGS,
    "chosen": frozenset({1}),
    "new_tags": "Typed-tags",
    "members": MEMBERS,
    "member_id": 1,
    "stages": STAGES,
    "stage_id": None,
    "error": "Error-words",
}
FORM = {"query": "q=a", "segment_id": 0, "name": "Segment-name", "description": "Description-words", "error": ""}
CHOICES = {"members": MEMBERS, "tags": TAGS, "stages": STAGES}
NO_CHOICES: dict[str, object] = {"members": [], "tags": [], "stages": []}


def schema(place: Place) -> dict[str, object]:
    """What the editor knows in a workspace without anything."""
    return editor_schema(Vocabulary({}, {}, {}, {}, {}, {}, "UTC"), place.condition)


RENDERED: list[tuple[str, dict[str, object]]] = [
    ("contacts/_broken.html", {"faults": ["Fault-words"], "saved": False}),
    ("contacts/_broken.html", {"faults": ["Fault-words"], "saved": True}),
    ("contacts/index.html", INDEX),
    (
        "contacts/index.html",
        INDEX
        | {
            "place": SEGMENT,
            "title": "Segment-name",
            "segments": SEGMENTS,
            "total": Count(120_000, exact=False),
            "crowded": True,
            "faults": ["Fault-words"],
            "earlier_url": "/contacts?before=c1",
            "later_url": "/contacts?after=c2",
            "job": JOBS[1],
            "added": {"id": 1, "name": "Ada Nwosu", "same": SAME},
        },
    ),
    (
        "contacts/_segments.html",
        {"place": EVERYBODY, "segments": SEGMENTS, "inboxes": SEGMENTS[:1], "prebuilt": SEGMENTS[:1], "mark": "9-done"},
    ),
    ("contacts/_count.html", {"key": "7", "total": Count(1234, exact=True)}),
    ("contacts/_count.html", {"key": "7", "total": Count(120_000, exact=False)}),
    ("contacts/_segment_delete.html", {"segment_id": "7", "name": "Segment-name"}),
    *(("contacts/_tools.html", {"place": place, "columns": COLUMNS, "others": OTHERS}) for place in (EVERYBODY, FILTERED, REFILTERED)),
    *(("contacts/_filter.html", {"place": place, "schema": schema(place)}) for place in (EVERYBODY, FILTERED, SEGMENT, REFILTERED)),
    ("contacts/_segment.html", FORM),
    ("contacts/_segment.html", FORM | {"segment_id": 7, "error": "Error-words"}),
    ("contacts/segment.stream.html", FORM | {"error": "Error-words"}),
    ("contacts/_added.html", {"contact_id": 1, "name": "Ada Nwosu", "same": SAME}),
    ("contacts/_added.html", {"contact_id": 1, "name": "Ada Nwosu", "same": []}),
    ("contacts/_bar.html", {"rights": samples.SHELL.rights, "rows": ROWS, "total": Count(4, exact=True)}),
    ("contacts/_bar.html", {"rights": samples.SHELL.rights, "rows": ROWS, "total": Count(120_000, exact=False)}),
    ("contacts/_bar.html", {"rights": frozenset(), "rows": ROWS, "total": Count(3, exact=True)}),
    ("contacts/_table.html", TABLE | {"place": EVERYBODY}),
    *(("contacts/_table.html", TABLE | {"place": place, "rows": []}) for place in (EVERYBODY, FILTERED, LATER)),
    *(("contacts/_row.html", {"row": row, "columns": COLUMNS, "may_delete": row is FULL}) for row in ROWS),
    ("contacts/_beside.html", {"contact": samples.contact()}),
    ("contacts/_deletion.html", {"contact_id": 1, "name": "Ada Nwosu"}),
    *(
        (
            "contacts/_bulk.html",
            {
                "action": action,
                "note": {"mode": "both", "categories": [(1, "Category-words")], "longest": 512},
                "number": 3,
                "exact": exact,
                **choices,
            },
        )
        for action in sorted(OFFERED)
        for exact, choices in ((True, CHOICES), (False, NO_CHOICES))
    ),
    ("contacts/new.html", NEW),
    ("contacts/new.html", NEW | {"fields": FIELDS[:1], "tags": [], "stages": [], "error": ""}),
]
