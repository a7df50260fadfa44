"""Imports and exports for looking at the pages that show them."""

from datetime import UTC, date, datetime
from typing import Any

from ismessenger.imports.order import Order
from ismessenger.web.exports import ExportForm
from ismessenger.web.shown_exports import ExportRow
from ismessenger.web.shown_imports import ColumnRow, ImportRow
from tests.web import samples
from tests.web.samples_of_jobs import COUNTS, JOBS, job

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
PAGE: dict[str, object] = {"path": "/settings/imports", "csp_nonce": "n0nce", "shell": samples.SHELL}


def row(purpose: str = "both", **values: Any) -> ImportRow:
    """An import of one file."""
    given: dict[str, Any] = {"draft": False, "undone": False, "job": job("done", failed=2), "by": "Mira Lund", "identifier": "phone"}
    return ImportRow(id=3, name="people.csv", rows=4000, purpose=purpose, created_at=AT, **given | values)


ORDER = Order(
    file="w/1/imports/x",
    name="people.csv",
    rows=4000,
    columns=["Column-one", "Column-two"],
    targets=["firstName", ""],
    kept=["firstName"],
    tags=["Tag-words"],
)
ROWS = [
    row("new", draft=True, by=""),
    row("update", undone=True),
    *(row("all", job=each) for each in JOBS[:9]),
]
CHOICES: dict[str, object] = {
    "id": 3,
    "tags": "Tag-words",
    "columns": [ColumnRow("Column-one", ["Ada", "Bo"], "firstName", kept=True), ColumnRow("Column-two", [], "", kept=False)],
    "targets": [("firstName", "Field-words"), ("phone", "Other-field")],
    "regions": [("MY", "Country-words")],
}
FACTS: dict[str, object] = {"columns": [("Column-one", "Field-words"), ("Column-two", "Other-field")], "kept": ["Field-words"]}
EXPORT_ROWS = [
    ExportRow("contacts", "", None, None, None, "Mira Lund", job("running", "export")),
    ExportRow("contacts", "Segment-name", None, None, None, "", job("done", "export", counts={"rows": 9})),
    ExportRow("contacts", "", 3, None, None, "", job("done", "export")),
    ExportRow("messages", "", None, date(2026, 1, 1), date(2026, 1, 31), "", job("waiting", "export")),
    ExportRow("conversations", "", None, date(2026, 1, 1), None, "", job("done", "export")),
    ExportRow("conversations", "", None, None, date(2026, 1, 31), "", job("done", "export")),
]
EXPORTS: dict[str, object] = {**PAGE, "form": ExportForm(), "whom": [("", "Everybody-words"), ("7", "Segment-name")]}
CHECK = job("done", "contacts_import_check", counts=COUNTS, failed=2, result_url="/jobs/9/result")
RENDERED: list[tuple[str, dict[str, object]]] = [
    ("imports/index.html", {**PAGE, "imports": ROWS, "older": 7}),
    ("imports/index.html", {**PAGE, "imports": [], "older": None}),
    ("imports/new.html", {**PAGE, "error": "Error-words"}),
    ("imports/choose.html", {**PAGE, **CHOICES, "order": ORDER, "error": ""}),
    ("imports/choose.html", {**PAGE, **CHOICES, "order": ORDER, "error": "Error-words"}),
    ("imports/review.html", {**PAGE, **FACTS, "row": ROWS[0], "order": ORDER, "check": CHECK}),
    ("imports/show.html", {**PAGE, "row": ROWS[2], "undoing": None, "may_undo": True}),
    ("imports/show.html", {**PAGE, "row": ROWS[5], "undoing": job("done", "contacts_import_undo"), "may_undo": False}),
    ("exports/index.html", {**EXPORTS, "exports": EXPORT_ROWS, "error": ""}),
    ("exports/index.html", {**EXPORTS, "exports": [], "error": "Error-words"}),
]
