"""Workflows with sample objects: believable, nothing in it is real."""

from dataclasses import replace

from ismessenger.automation.touched import Touched
from ismessenger.web.workflows.list import WorkflowRow, WorkflowView
from ismessenger.web.workflows.transfer import TemplateView
from tests.web import samples

PAGE = {"path": "/workflows", "csp_nonce": "n0nce", "shell": samples.full_shell()}
WELCOME = WorkflowRow(
    id=7,
    name="Welcome",
    description="Greets whoever is new and asks for an e-mail address",
    status="published",
    trigger="Conversation opened",
    trigger_icon="message-square-plus",
    changed=True,
    broken=True,
    published_at=samples.NOW,
    published_by="Mira Okafor",
)
AWAY = replace(WELCOME, id=8, name="Away", description="", status="stopped", changed=False, broken=False, published_by="")
DRAFT = replace(AWAY, id=9, name="Survey", status="draft", trigger="", published_at=None)
LIST: dict[str, object] = {
    **PAGE,
    "workflows": [WELCOME, AWAY, DRAFT],
    "words": "",
    "chosen": "",
    "numbers": {"published": 1, "draft": 1, "stopped": 1},
    "total": 3,
    "most": 100,
    "first": True,
    "further": "cursor",
}
NOTHING = {"workflows": [], "further": "", "first": True}
MENU = TemplateView("menu", "Menu", "Asks what it is about", "list-tree", "Conversation opened", ["Ask a question", "Branch"], 7)
GROUPS = ("Welcome", "Assignment", "Away", "Routing", "Collecting", "Follow-up", "Shortcuts")
TOUCHED = Touched(inside=3, history=True, started_by=["Menu", "Survey"], hook=True)
VIEW = WorkflowView(7, "Welcome", published=True)
NAMING: dict[str, object] = {"id": 7, "name": "Welcome", "description": "Greets", "error": ""}
BUILDER = {"conditions": {"subjects": [], "operators": {}, "options": {}, "faults": []}, "workflow": {"name": "</script><b>"}}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("workflows/list.html", LIST),
    ("workflows/list.html", {**LIST, **NOTHING, "words": "nothing", "chosen": "draft"}),
    ("workflows/list.html", {**LIST, **NOTHING, "total": 0}),
    ("workflows/list.html", {**LIST, "first": False, "chosen": "stopped"}),
    ("workflows/_row.html", {"row": WELCOME}),
    ("workflows/_row.html", {"row": AWAY}),
    ("workflows/_row.html", {"row": DRAFT}),
    ("workflows/_naming.html", NAMING),
    ("workflows/naming.stream.html", {**NAMING, "error": "Error-words"}),
    ("workflows/_deletion.html", {"workflow": VIEW, "touched": TOUCHED, "counted": 1000}),
    ("workflows/_deletion.html", {"workflow": VIEW, "touched": replace(TOUCHED, inside=0, started_by=[]), "counted": 1000}),
    ("workflows/new.html", {**PAGE, "groups": {group: [MENU, replace(MENU, more=0)] for group in GROUPS}, "error": ""}),
    ("workflows/new.html", {**PAGE, "groups": {}, "error": "Error-words"}),
    ("workflows/_used_by.html", {"thing": "tag", "id": 3}),
    ("workflows/using.html", {"thing": "tag", "id": 3, "names": ["Welcome", "Menu"]}),
    ("workflows/using.html", {"thing": "tag", "id": 3, "names": []}),
    *((f"workflows/_words_{part}.html", {}) for part in ("canvas", "forms", "testing")),
    ("workflows/builder.html", {**PAGE, "name": "Welcome", "builder": BUILDER}),
]
