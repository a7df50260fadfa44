"""The dialog of shortcuts with sample objects: believable, nothing in it is real."""

from dataclasses import replace
from typing import get_args

from ismessenger.web.shortcuts import ShortcutForm, ShortcutView
from workflows.triggers.shortcut import Input, InputType

ESCALATE = ShortcutView(
    id=3, name="Escalate", description="Hands the conversation to the office, with a word of why.", icon="flag", asks=True
)
SPAM = ShortcutView(id=4, name="Mark as spam", description="Tags the contact and closes the conversation.", icon="ban", asks=False)
SHORTCUTS = [ESCALATE, SPAM, ShortcutView(id=5, name="Ask for a review", description="", icon="star", asks=False)]
MANY = [replace(SPAM, id=number, name=f"Shortcut {number}") for number in range(10, 19)]
FIELDS = [
    Input(label=f"Label of {kind}", variable=f"v_{kind}", type=kind, required=required, options=["Option-words"])
    for kind in get_args(InputType)
    for required in (True, False)
][:20]
FORM = ShortcutForm(shortcut=ESCALATE, contact_id=1, contact_name="Ada Nwosu", fields=FIELDS)
WRONG = replace(
    FORM,
    shortcut=SPAM,
    typed={each.variable: "Option-words" for each in FIELDS},
    wrong={each.variable: "Error-words" for each in FIELDS},
    error="Refused-words",
)
LIST: dict[str, object] = {"contact_id": 1, "contact_name": "Ada Nwosu", "shortcuts": SHORTCUTS}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("shortcuts/_dialog.html", {}),
    ("shortcuts/_list.html", {**LIST, "shortcuts": []}),
    ("shortcuts/list.html", LIST),
    ("shortcuts/list.html", {**LIST, "shortcuts": MANY}),
    ("shortcuts/_form.html", {"form": replace(FORM, fields=[], shortcut=replace(ESCALATE, description=""))}),
    ("shortcuts/form.html", {"form": FORM}),
    ("shortcuts/again.stream.html", {"form": WRONG}),
    ("search/palette_shortcuts.html", {"contact_id": 1, "shortcuts": SHORTCUTS}),
]
