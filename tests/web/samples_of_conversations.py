"""The menus above a thread, the dialog of the closing note and its settings with sample objects."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from ismessenger.conversations.presets import Preset
from ismessenger.web.conversations.assign import TeamChoice
from ismessenger.web.conversations.close import NoteView
from ismessenger.web.settings.closing import AutoCloseForm, CategoryForm
from tests.web import samples

PAGE = {"path": "/settings/closing", "csp_nonce": "n0nce", "shell": samples.SHELL}
PRESETS = [
    Preset("later", datetime.fromisoformat("2026-03-12T18:00:00+01:00")),
    Preset("tomorrow", datetime.fromisoformat("2026-03-13T09:00:00+01:00")),
    Preset("next_week", datetime.fromisoformat("2026-03-16T09:00:00+01:00")),
]
ASSIGNMENT: dict[str, Any] = {
    "contact_id": 1,
    "assignee_id": samples.LEILA.id,
    "me": samples.MIRA.id,
    "members": samples.MEMBERS,
    "loads": {1: 4, 2: 0, 3: 1000, 4: 1},
    "counted": 999,
    "teams": [TeamChoice(1, "Sales", 1), TeamChoice(2, "Support", 3)],
}
SNOOZING: dict[str, Any] = {
    "contact_id": 1,
    "presets": PRESETS,
    "snoozed_until": None,
    "closed": False,
    "zone": "Europe/Berlin",
    "earliest": "2026-03-12T15:32",
    "latest": "2027-03-13T15:32",
    "suggested": "2026-03-13T09:00",
}
CLOSING = NoteView(
    name="Ada Nwosu",
    conversation_id=31,
    mode="optional",
    categories=[(1, "Delivery"), (2, "Broken on arrival")],
    category_id=None,
    summary="",
    error="",
)
REFUSED = replace(CLOSING, mode="both", category_id=2, summary="Summary-words", error="Error-words")
CLOSED = replace(CLOSING, conversation_id=None, mode="category", categories=[], error="Error-words")
SETTINGS: dict[str, object] = {
    **PAGE,
    "mode": "category",
    "mode_error": "",
    "form": AutoCloseForm(enabled=True, number="24", unit="hours"),
    "since": samples.NOW,
    "least": 30,
    "categories": [(number, f"Category {number}", "Description-words" if number % 2 else "") for number in range(1, 8)],
    "error": "",
}
CATEGORY: dict[str, object] = {
    **PAGE,
    "category_id": 1,
    "category_name": "Delivery",
    "form": CategoryForm(name="Delivery", description="Where is my parcel?"),
    "longest": 128,
    "longest_description": 255,
    "error": "",
}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("conversations/_assign.html", {"contact_id": 1}),
    ("conversations/_snooze.html", {"contact_id": 1}),
    ("conversations/_more.html", {"contact_id": 1, "shortcuts": False}),
    ("conversations/_more.html", {"contact_id": 1, "shortcuts": True}),
    ("conversations/_closing.html", {"mode": "both"}),
    ("conversations/assignment.html", ASSIGNMENT),
    ("conversations/assignment.html", {**ASSIGNMENT, "assignee_id": None, "teams": []}),
    ("conversations/snoozing.html", SNOOZING),
    ("conversations/snoozing.html", {**SNOOZING, "snoozed_until": samples.NOW}),
    ("conversations/snoozing.html", {**SNOOZING, "closed": True}),
    ("conversations/_header.html", {"header": samples.header(status="snoozed", snoozed_until=samples.NOW)}),
    ("conversations/_close.html", {"note": CLOSED}),
    ("conversations/closure.html", {"note": CLOSING}),
    ("conversations/closure.stream.html", {"note": REFUSED}),
    ("conversations/event_words.html", {"item": samples.every_event()[0]}),
    ("settings/closing.html", SETTINGS),
    (
        "settings/closing.html",
        {**SETTINGS, "categories": [], "since": None, "mode": "off", "mode_error": "Mode-words", "error": "Error-words"},
    ),
    ("settings/closing_category.html", CATEGORY),
    ("settings/closing_category.html", {**CATEGORY, "category_id": None, "error": "Error-words"}),
]
