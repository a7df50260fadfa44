"""Runs of workflows with sample objects: believable, nothing in it is real."""

from dataclasses import replace
from datetime import timedelta

from ismessenger.web.workflows.runs import RunsForm
from ismessenger.web.workflows.shown_runs import EffectRow, EntryRow, PassRow, RunRow
from ismessenger.web.workflows.words import Line
from tests.web import samples

PAGE = {"path": "/workflows/7/runs", "csp_nonce": "n0nce", "shell": samples.full_shell(), "workflow_id": 7, "name": "Welcome"}
WAITING = RunRow(
    id=9,
    contact_id=1,
    contact="Ada Nwosu",
    version=3,
    standing="waiting",
    step_id="ask",
    step="Ask a question",
    icon="message-circle-question",
    shown="an answer",
    until=samples.NOW + timedelta(days=1),
    started_at=samples.NOW,
    ended_at=None,
    took="3 min",
    error="",
)
DONE = replace(WAITING, id=10, standing="done", shown="", until=None, ended_at=samples.NOW, step="", step_id="", icon="")
FAILED = replace(DONE, id=11, standing="failed", step="Of a plugin", step_id="x", error="Error-words")
ENDED = replace(FAILED, id=12, standing="ended", error="A member replied.")
LINES = [Line("Label-words", "Value-words")]
PASSED = PassRow(samples.NOW, LINES, LINES, [EffectRow("Effect-words"), EffectRow("Effect-words", "Reason-words")], "")
ENTRY = EntryRow("ask", "Named-words", "Ask a question", "hourglass", "done", samples.NOW, "3 min", "Success", LINES, [PASSED])
ENTRIES = [
    ENTRY,
    replace(
        ENTRY, name="Ask a question", mark="waiting", exit="", settings=(), passes=[replace(PASSED, output=(), variables=(), effects=())]
    ),
    replace(ENTRY, icon="", mark="failed", passes=[PASSED, replace(PASSED, error="Error-words")]),
]
LIST: dict[str, object] = {
    **PAGE,
    "form": RunsForm(),
    "counts": {"waiting": 1, "done": 20, "failed": 3, "ended": 4},
    "runs": [WAITING, DONE, FAILED, ENDED],
    "older": "cursor",
}
RUN: dict[str, object] = {**PAGE, "run": WAITING, "given": LINES, "entries": ENTRIES, "cut": False, "refused": ""}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("workflows/runs.html", LIST),
    ("workflows/runs.html", {**LIST, "form": RunsForm(state="failed", step="ask", period="7", before="cursor"), "older": ""}),
    ("workflows/runs.html", {**LIST, "runs": [], "older": ""}),
    ("workflows/run.html", RUN),
    ("workflows/run.html", {**RUN, "run": DONE, "given": (), "cut": True}),
    ("workflows/run.html", {**RUN, "run": FAILED, "refused": "Refused-words"}),
    ("workflows/run.html", {**RUN, "run": ENDED, "entries": []}),
    *(("workflows/_run_entry.html", {"entry": entry, "builder_url": "/workflows/7", "place": 1}) for entry in ENTRIES),
    ("workflows/_words_testing.html", {}),
]
