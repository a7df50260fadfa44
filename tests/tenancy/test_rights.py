"""What the run-time roles may do, exactly: every right on every table, granted or not."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import ismessenger
from ismessenger.installation import Installation
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.migrate import ROLES
from ismessenger.tenancy.schema import catalog_metadata, workspace_metadata
from tests.tenancy.test_migrations import owner_of

SOURCES = Path(ismessenger.__file__).parent
ALL = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
SYSTEM = {
    "store.inbound_event": {"SELECT", "DELETE"},
    "store.outbox": {"SELECT", "DELETE"},
    "store.delivery": {"SELECT"},
    "store.attachment": {"SELECT"},
    "store.job": {"SELECT"},
    "store.wakeup": {"SELECT"},
    "store.workflow_signal": {"SELECT"},
    "store.workflow_call": {"SELECT"},
    "store.queued_assignment": {"SELECT"},
}
_GRANTED = text(
    "SELECT n.nspname || '.' || c.relname, r.name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,"
    " unnest(CAST(:rights AS text[])) AS r(name) WHERE n.nspname IN ('app', 'store', 'catalog', 'public') AND c.relkind IN ('r', 'v', 'm')"
    " AND has_table_privilege(:role, c.oid, r.name) AND has_schema_privilege(:role, n.oid, 'USAGE')"
)
_CREATES = text("SELECT count(*) FROM pg_namespace WHERE has_schema_privilege(:role, oid, 'CREATE')")
_SPECIAL = text(
    "SELECT rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = :role"
)
_INSERT = (
    "INSERT INTO inbound_event (workspace_id, channel_id, headers, query, body, received_at, state, attempt)"
    " VALUES (1, 987654321, '{}', '', '', now(), 'pending', 0)"
)


def expected(role: str, home: str) -> dict[str, set[str]]:
    match role:
        case "ismessenger_app":
            views = {f"app.{name}": set(ALL) for name in workspace_metadata.tables}
            tables = {str(table): set(ALL) for table in catalog_metadata.sorted_tables} if home == DEFAULT_HOME else {}
            return views | tables
        case "ismessenger_system":
            return SYSTEM
    return {"store.inbound_event": {"INSERT"}}


@pytest.mark.parametrize("home", ["default", "eu"])
@pytest.mark.parametrize("role", ROLES)
async def test_a_role_has_the_rights_it_needs_and_no_other(installation: Installation, servers: Settings, role: str, home: str) -> None:
    url = servers.database_url if home == DEFAULT_HOME else servers.homes[home]
    assert url is not None
    async with owner_of(url.get_secret_value()) as connection:
        rows = (await connection.execute(_GRANTED, {"rights": list(RIGHTS), "role": role})).all()
        creates = await connection.execute(_CREATES, {"role": role})
        special = await connection.execute(_SPECIAL, {"role": role})
    assert creates.scalar_one() == 0
    assert set(special.one()) == {False}
    granted: dict[str, set[str]] = {}
    for table, right in rows:
        granted.setdefault(table, set()).add(right)
    assert granted == expected(role, home)


@pytest.mark.parametrize("rest", [" RETURNING id", " ON CONFLICT (workspace_id, id) DO NOTHING", " ON CONFLICT DO NOTHING RETURNING id"])
async def test_ingest_gets_nothing_back(installation: Installation, rest: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with installation.tenancy.ingest(DEFAULT_HOME) as connection:
            await connection.execute(text(_INSERT + rest))


async def test_a_raw_event_of_a_channel_that_is_not_there_is_refused(installation: Installation) -> None:
    """The foreign key names workspace and channel: one workspace's event cannot be put onto another's channel."""
    with pytest.raises(DBAPIError, match="foreign key"):
        async with installation.tenancy.ingest(DEFAULT_HOME) as connection:
            await connection.execute(text(_INSERT))


DOORS = {
    "create_async_engine",
    "create_engine",
    "async_sessionmaker",
    "sessionmaker",
    "AsyncSession",
    "WriteSession",
    "ReadSession",
    "Session",
}
MAY = {"embedded/reach.py": {"create_async_engine"}}


@pytest.mark.parametrize("path", sorted(SOURCES.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCES)))
def test_no_module_but_tenancy_opens_a_database(path: Path) -> None:
    """A call of a session or an engine, by whatever name it was imported; annotations may name them."""
    name = str(path.relative_to(SOURCES))
    if name.startswith("tenancy/"):
        return
    called = {_name(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}
    renamed = {
        alias.asname
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in DOORS and alias.asname
    }
    assert called & (DOORS | renamed) <= MAY.get(name, set())


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
