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
PORT = option("--port", type=int, metavar="P", help="port of the web server (ISMESSENGER_PORT)")
DATA_DIR = option("--data-dir", metavar="FOLDER", help="folder of the servers, keys and files (ISMESSENGER_DATA_DIR)")
NO_DEMO = option("--no-demo", action="store_true", help="do not create the demo shop")

COMMANDS = (
    Command("up", "up:start", "Start everything on this machine: databases, web and worker", (PORT, DATA_DIR, NO_DEMO)),
    Command("web", "web:serve", "Run one web process", (PORT,)),
    Command("worker", "worker:work", "Run one worker process"),
    Command("migrate", "database:migrate", "Bring all databases to this version", (JSON,)),
    Command(
        "home add",
        "database:add_home",
        "Add a database that may hold workspaces",
        (option("name", metavar="NAME"), option("url", metavar="URL", help=f"postgresql://…; {FROM_FILE}"), JSON),
    ),
    Command("plugins", "plugins:show", "List channels and what could not be loaded", (JSON,)),
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
