"""An organization with its people and workspaces, for the templates that show them."""

from ismessenger.accounts.organization_people import Person
from ismessenger.tenancy.catalog import Account, Workspace
from ismessenger.web.account.workspaces import NewForm
from ismessenger.web.organization.workspaces import WorkspaceForm
from ismessenger.web.settings.general import GeneralForm
from ismessenger.workspaces.list import Content, Listed
from tests.web import samples

PAGE = {"path": "/organizations/1/general", "csp_nonce": "n0nce", "shell": samples.SHELL}
OUTSIDE = {**PAGE, "shell": None}
WORKSPACE = Workspace(id=1, organization_id=1, slug="lumen", name="Lumen Lamps")
GONE = Workspace(id=2, organization_id=1, slug="old", name="Old shop", deleted_at=samples.NOW, purge_at=samples.NOW)
MIRA = Account(id=1, email="mira@lumen.example", name="Mira Okafor", password_hash="")
TOM = Account(id=2, email="tom@lumen.example", name="Tom Brandt", password_hash="")
PEOPLE = [Person(MIRA, "admin", [WORKSPACE]), Person(TOM, "member", [])]
GROUPS = [{"organization": samples.LUMEN, "workspaces": [WORKSPACE], "deleted": [GONE]}]
ZONES = ("UTC", "Europe/Berlin")
GENERAL = {
    "form": GeneralForm(name="Lumen Lamps", timezone="US/Pacific", inactivity_minutes="15"),
    "workspace": WORKSPACE,
    "zones": ZONES,
    "least": 1,
    "most": 60,
}
LUMEN = {**PAGE, "organization": samples.LUMEN}
USERS = {**LUMEN, "people": PEOPLE}
ONE = {**LUMEN, "form": WorkspaceForm(name="Shop"), "zones": ZONES, "several_homes": True, "most": 10_000, "error": ""}
NEW = {**LUMEN, "form": WorkspaceForm(name="Shop"), "zones": ZONES, "homes": [("default", "default"), ("eu", "eu")]}
SECURITY = {**LUMEN, "lacking": [TOM]}
CHOICE = {"account": MIRA, "form": NewForm(organization="Lumen", name="Lamps")}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("layouts/_status.html", {"status": "busy"}),
    ("layouts/status.stream.html", {"chosen": "online"}),
    ("settings/general.html", {**PAGE, **GENERAL, "error": "Error-words", "minutes_error": "Minutes-words", "saved": True}),
    ("settings/general.stream.html", {"name": "Lumen Lamps"}),
    ("organizations/general.html", {**LUMEN, "name": "Lumen", "error": "Error-words", "logo_error": "Logo-words", "saved": True}),
    ("organizations/users.html", {**USERS, "own_id": 1, "leads": True, "error": "", "done": "saved"}),
    ("organizations/users.html", {**USERS, "own_id": 2, "leads": False, "error": "Error-words", "done": ""}),
    (
        "organizations/workspaces.html",
        {**LUMEN, "workspaces": [Listed(WORKSPACE, 3)], "deleted": [Listed(GONE, 1)], "open_id": 1, "done": "saved"},
    ),
    ("organizations/workspaces.html", {**LUMEN, "workspaces": [], "deleted": [], "open_id": 0, "done": "deleted"}),
    ("organizations/_workspace_fields.html", {"form": WorkspaceForm(timezone="US/Pacific"), "zones": ZONES}),
    ("organizations/workspace_new.html", {**NEW, "error": "Error-words"}),
    ("organizations/workspace.html", {**ONE, "workspace": WORKSPACE, "content": Content(members=3, channels=1, contacts=12)}),
    ("organizations/workspace.html", {**ONE, "workspace": WORKSPACE, "content": Content(members=1, channels=2, contacts=10_000)}),
    ("organizations/workspace.html", {**ONE, "workspace": GONE, "content": Content(members=0, channels=0, contacts=0)}),
    ("organizations/security.html", {**SECURITY, "required": False, "own": True, "error": "", "saved": True}),
    ("organizations/security.html", {**SECURITY, "required": False, "own": False, "error": "Error-words", "saved": False}),
    ("organizations/security.html", {**LUMEN, "lacking": [], "required": True, "own": True, "error": "", "saved": False}),
    ("workspaces/_choice.html", {"workspace": WORKSPACE, "open_id": 1, "classes": "menu-item"}),
    ("workspaces/menu.html", {"groups": GROUPS, "open_id": 1}),
    ("workspaces/index.html", {**PAGE, **CHOICE, "groups": GROUPS, "open_id": 1, "error": "", "refused": "Refused-words"}),
    ("workspaces/index.html", {**OUTSIDE, **CHOICE, "groups": [], "open_id": 0, "error": "Error-words", "refused": ""}),
]
