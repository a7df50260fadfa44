"""Fields, tags and stages for looking at the settings pages that define them."""

from ismessenger.contacts.mentions import Mentions
from ismessenger.web.settings.fields import FieldForm, FieldRow
from ismessenger.web.settings.lifecycle import StageForm, StageRow
from ismessenger.web.settings.tags import TagForm, TagRow
from tests.web import samples

PAGE = {"path": "/settings/fields", "csp_nonce": "n0nce", "shell": samples.SHELL}
FIELDS = [
    FieldRow("firstName", "firstName", "First-name", "text", False, True, "edit", "", "/settings/fields/standard/firstName"),
    *(
        FieldRow(
            str(number), f"slug{number}", f"Name-{number}", kind, True, number % 2 == 0, access, "About-words", f"/settings/fields/{number}"
        )
        for number, (kind, access) in enumerate(
            [
                ("list", "edit"),
                ("checkbox", "read"),
                ("email", "hidden"),
                ("number", "edit"),
                ("url", "edit"),
                ("date", "edit"),
                ("time", "edit"),
                ("phone", "edit"),
                ("language", "edit"),
                ("country", "edit"),
            ],
            start=11,
        )
    ),
]
FIELD: dict[str, object] = {
    **PAGE,
    "field_id": 12,
    "field_name": "Plan-name",
    "form": FieldForm(name="Plan-name", type="list", slug="plan", description="About-words", options="Free\nPro", visible=True),
    "values": 3,
    "used_by": Mentions(["Segment-name"], ["Inbox-name"], 1),
    "may_delete": True,
    "error": "",
}
NEW_FIELD = {**FIELD, "field_id": 0, "field_name": "", "form": FieldForm(name="Plan-name", type="date"), "error": "Error-words"}
TAGS: dict[str, object] = {
    **PAGE,
    "tags": [TagRow(samples.TAGS[0], "About-words", 12001), TagRow(samples.TAGS[1], "", 1), TagRow(samples.TAGS[2], "", 0)],
    "words": "Look-words",
    "first": False,
    "further": "c1",
    "counted": 10_000,
}
TAG: dict[str, object] = {
    **PAGE,
    "tag": samples.TAGS[2],
    "form": TagForm(name="Wholesale", color="orange", emoji="📦", description="About-words"),
    "colors": ["grey", "red", "orange", "yellow", "green", "blue", "indigo", "purple"],
    "contacts": 2,
    "counted": 10_000,
    "used_by": Mentions(["Segment-one", "Segment-two"], ["Inbox-one", "Inbox-two"], 2),
    "others": ["Lyon", "Newsletter"],
    "into": "Into-name",
    "into_error": "",
    "error": "",
}
STAGES = [
    StageRow(samples.STAGES[0], "About-words", True, 12001),
    StageRow(samples.STAGES[2], "", False, 1),
    StageRow(samples.STAGES[3], "", False, 0),
]
LIFECYCLE: dict[str, object] = {**PAGE, "enabled": True, "stages": STAGES, "counted": 10_000}
STAGE: dict[str, object] = {
    **PAGE,
    "stage": samples.STAGES[1],
    "is_default": False,
    "form": StageForm(name="Hot Lead", emoji="🔥", description="About-words"),
    "contacts": 4,
    "counted": 10_000,
    "used_by": Mentions(["Segment-name"], ["Inbox-name"], 1),
    "error": "",
}
RENDERED: list[tuple[str, dict[str, object]]] = [
    ("settings/_used_by.html", {"used_by": Mentions(["Segment-name"], ["Inbox-name"], 2)}),
    ("settings/fields.html", {**PAGE, "fields": FIELDS, "most": 100}),
    ("settings/field.html", FIELD),
    ("settings/field.html", {**FIELD, "values": 0, "used_by": Mentions(), "may_delete": False}),
    ("settings/field.html", {**FIELD, "values": 12001}),
    ("settings/field.html", NEW_FIELD),
    ("settings/field_standard.html", {**PAGE, "field": FIELDS[0]}),
    ("settings/_field_access.html", {"visible": False, "agent_access": "read"}),
    ("settings/tags.html", TAGS),
    ("settings/tags.html", {**TAGS, "tags": []}),
    ("settings/tags.html", {**TAGS, "tags": [], "words": "", "first": True, "further": ""}),
    ("settings/tag.html", TAG),
    ("settings/tag.html", {**TAG, "contacts": 0, "used_by": Mentions(), "into_error": "Error-words"}),
    ("settings/tag.html", {**TAG, "tag": None, "error": "Error-words"}),
    ("settings/lifecycle.html", LIFECYCLE),
    ("settings/lifecycle.html", {**LIFECYCLE, "enabled": False, "stages": []}),
    ("settings/lifecycle_stage.html", STAGE),
    ("settings/lifecycle_stage.html", {**STAGE, "is_default": True}),
    ("settings/lifecycle_stage.html", {**STAGE, "contacts": 0, "used_by": Mentions()}),
    ("settings/lifecycle_stage.html", {**STAGE, "stage": None, "error": "Error-words"}),
]
