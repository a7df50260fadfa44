"""Secrets and connections of workflows, for looking at the pages that show them."""

from datetime import UTC, datetime

from markupsafe import Markup

from ismessenger.web.settings.config_form import ConfigField
from ismessenger.web.settings.connections import ConnectionRow, KindView
from ismessenger.web.settings.secrets import SecretRow
from tests.web import samples

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
PAGE: dict[str, object] = {"path": "/settings/secrets", "csp_nonce": "n0nce", "shell": samples.SHELL}
SECRETS: dict[str, object] = {
    "secrets": [
        SecretRow(1, "SHOP_KEY", "Mira Lund", AT, AT, ["Workflow-name", "Other-workflow"]),
        SecretRow(2, "CRM", "", AT, None, []),
    ],
    "name": "Secret-name",
    "error": "",
    "value_error": "",
}
KIND = KindView("google_sheets", "Integration-name", "Integration-description")
CONNECTIONS: dict[str, object] = {
    "connections": [
        ConnectionRow(1, "Integration-name", "Connection-name", "", AT, ["Workflow-name"]),
        ConnectionRow(2, "Integration-name", "Broken-name", "Reason-words", AT, ["Workflow-name", "Other-workflow"]),
        ConnectionRow(3, "", "Orphan-name", "", AT, []),
    ],
    "kinds": [KIND, KindView("ledger", "Ledger-name", "")],
    "may_delete": True,
    "checked": "1",
}
FIELDS = [
    ConfigField(
        name="service_account",
        label="Key-label",
        help="Key-help",
        kind="password",
        required=True,
        value="",
        checked=False,
        options=(),
        error="Field-error",
        kept=False,
    )
]
NEW: dict[str, object] = {"kind": KIND, "name": "Connection-name", "fields": FIELDS, "error": "Error-words", "guide": Markup("<ol></ol>")}
EDIT: dict[str, object] = {
    "connection": ConnectionRow(2, "Integration-name", "Connection-name", "Reason-words", AT, []),
    "name": "Connection-name",
    "fields": FIELDS,
    "error": "",
}
RENDERED: list[tuple[str, dict[str, object]]] = [
    ("settings/secrets.html", {**PAGE, **SECRETS}),
    ("settings/secrets.html", {**PAGE, **SECRETS, "secrets": [], "error": "Error-words"}),
    ("settings/secrets.html", {**PAGE, **SECRETS, "value_error": "Error-words"}),
    ("settings/connections.html", {**PAGE, **CONNECTIONS}),
    ("settings/connections.html", {**PAGE, **CONNECTIONS, "may_delete": False, "checked": ""}),
    ("settings/connections.html", {**PAGE, **CONNECTIONS, "connections": []}),
    ("settings/connection_new.html", {**PAGE, **NEW}),
    ("settings/connection_new.html", {**PAGE, **NEW, "error": "", "guide": ""}),
    ("settings/connection_edit.html", {**PAGE, **EDIT}),
    ("settings/connection_edit.html", {**PAGE, **EDIT, "error": "Error-words"}),
]
