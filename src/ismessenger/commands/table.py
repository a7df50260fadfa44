"""All commands: the words one types, the function they run, their options."""

from dataclasses import dataclass
from typing import Any

Option = tuple[tuple[str, ...], dict[str, Any]]
"""Names and settings, as ``argparse`` takes them."""


@dataclass(frozen=True)
class Command:
    """``words`` as typed; ``function`` as ``module:name`` within this package."""

    words: str
    function: str
    help: str
    options: tuple[Option, ...] = ()


def option(*names: str, **settings: Any) -> Option:
    """One option or argument."""
    return names, settings


def required(name: str, metavar: str, words: str = "") -> Option:
    """An option that must be given."""
    return option(name, required=True, metavar=metavar, help=words)


FROM_FILE = "as @FILE it is read from a file, so that the process list does not show it"
JSON = option("--json", action="store_true", help="answer with one line of JSON")
NAME = required("--name", "N", "what people will see")
WORKSPACE = required("--workspace", "W", "number or slug of the workspace")
SCOPE = option(
    "--scope", action="append", metavar="S", help="what the key may be used for, such as contacts:read; repeat it for more (all)"
)
PASSPHRASE = option("--passphrase", metavar="P", help=f"{FROM_FILE}; without it, it is asked for")
WITHOUT_SECRETS = option("--without-secrets", action="store_true", help="leave out the credentials of channels")
PORT = option("--port", type=int, metavar="P", help="port of the web server (ISMESSENGER_PORT)")
DATA_DIR = option("--data-dir", metavar="FOLDER", help="folder of the servers, keys and files (ISMESSENGER_DATA_DIR)")
NO_DEMO = option("--no-demo", action="store_true", help="do not create the demo shop")

COMMANDS = (
    Command("up", "up:start", "Start everything on this machine: databases, web and worker", (PORT, DATA_DIR, NO_DEMO)),
    Command("web", "web:serve", "Run one web process", (PORT,)),
    Command("worker", "worker:work", "Run one worker process"),
    Command(
        "migrate",
        "database:migrate",
        "Bring all databases to this version",
        (
            option("--canary", metavar="HOME", help="which home goes before the others and is looked at; else the smallest"),
            JSON,
        ),
    ),
    Command(
        "backup",
        "backup:take",
        "Write databases, files and keys into one file, while everything runs",
        (option("file", metavar="FILE"), PASSPHRASE, JSON),
    ),
    Command(
        "restore",
        "backup:restore",
        "Bring back a backup into an empty installation",
        (
            option("file", metavar="FILE", nargs="?"),
            PASSPHRASE,
            option("--replace", action="store_true", help="delete what the installation holds"),
            option("--home", action="append", default=[], metavar="NAME=URL", help="where a further home shall go"),
            option("--undo", action="store_true", help="have again what an interrupted restore put aside"),
            JSON,
        ),
    ),
    Command("doctor", "doctor:examine", "Say what is wrong and how to mend it; changes nothing", (DATA_DIR, JSON)),
    Command("keys list", "keys:show", "Show which keys there are and which are still needed", (JSON,)),
    Command("keys rotate", "keys:rotate", "Make a new key", (JSON,)),
    Command("keys reseal", "keys:reseal", "Seal stored credentials with the newest key, while everything runs", (JSON,)),
    Command(
        "home add",
        "database:add_home",
        "Add a database that may hold workspaces",
        (option("name", metavar="NAME"), option("url", metavar="URL", help=f"postgresql://…; {FROM_FILE}"), JSON),
    ),
    Command("plugins", "plugins:show", "List channels, steps, triggers, integrations, and what could not be loaded", (JSON,)),
    Command(
        "drain",
        "worker:drain",
        "Wait until no inbound event and no due delivery is left",
        (option("--timeout", type=float, default=60.0, metavar="S", help="seconds (60)"), JSON),
    ),
    Command(
        "workspace create",
        "workspace:create",
        "Create a workspace with its owner",
        (
            NAME,
            required("--owner-email", "E"),
            required("--owner-password", "P", FROM_FILE),
            option("--home", metavar="H", help="the database it shall live in"),
            JSON,
        ),
    ),
    Command(
        "workspace delete",
        "workspace:delete",
        "Close a workspace and delete it in 30 days",
        (WORKSPACE, option("--now", action="store_true", help="delete everything at once; nothing brings it back"), JSON),
    ),
    Command("workspace restore", "workspace:restore", "Open a deleted workspace again", (WORKSPACE, JSON)),
    Command(
        "workflow import",
        "workflow:read",
        "Make a workflow out of a file",
        (
            option("file", metavar="FILE"),
            WORKSPACE,
            option("--publish", action="store_true", help="let contacts in at once, if nothing is wrong with it"),
            JSON,
        ),
    ),
    Command(
        "workflow export",
        "workflow:write",
        "Print a workflow as a file",
        (
            option("workflow", metavar="ID", type=int),
            option("--workspace", metavar="W", help="number or slug of the workspace, where several have such a workflow"),
            JSON,
        ),
    ),
    Command(
        "workspace export",
        "transfer:write",
        "Write one workspace into a file",
        (WORKSPACE, option("file", metavar="FILE"), PASSPHRASE, WITHOUT_SECRETS, JSON),
    ),
    Command(
        "workspace import",
        "transfer:read",
        "Make a new workspace out of such a file",
        (
            option("file", metavar="FILE"),
            option("--name", default="", metavar="N", help="another name than the one in the file"),
            option("--home", metavar="H", help="the database it shall live in"),
            PASSPHRASE,
            WITHOUT_SECRETS,
            JSON,
        ),
    ),
    Command(
        "member create",
        "workspace:create_member",
        "Add a person to a workspace",
        (
            WORKSPACE,
            NAME,
            required("--email", "E"),
            required("--password", "P", FROM_FILE),
            option("--role", required=True, choices=("owner", "manager", "agent")),
            JSON,
        ),
    ),
    Command(
        "account reset",
        "account:reset",
        "Make a link with which somebody sets a new password",
        (
            required("--email", "E"),
            option("--without-second-factor", action="store_true", help="switch two-step sign-in off as well"),
            JSON,
        ),
    ),
    Command("token create", "workspace:create_token", "Make a key for the developer API", (WORKSPACE, NAME, SCOPE, JSON)),
    Command(
        "channel connect",
        "channel:connect",
        "Connect a channel to a workspace",
        (
            option("kind", metavar="KIND", help="see `ismessenger plugins`"),
            WORKSPACE,
            NAME,
            option("--set", action="append", default=[], metavar="key=value", help="a setting; key=@file reads a file"),
            option("--skip-check", action="store_true", help="do not ask the provider"),
            JSON,
        ),
    ),
    Command("seed demo", "demo:seed", "Create the demo shop", (JSON,)),
)
