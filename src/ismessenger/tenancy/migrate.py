"""Brings the catalog and every home to the code's version, then lays the roles and views that keep workspaces apart."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.errors import DatabaseNewer, DatabaseOlder
from ismessenger.tenancy.refold import refold
from ismessenger.tenancy.schema import catalog_metadata, workspace_metadata

ROLES = ("ismessenger_app", "ismessenger_system", "ismessenger_ingest")
TODO_TABLES = (
    "inbound_event",
    "delivery",
    "outbox",
    "attachment",
    "job",
    "wakeup",
    "workflow_signal",
    "workflow_call",
    "queued_assignment",
)
_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACKAGE.parent.parent / "alembic"
SCRIPTS = _CHECKOUT if _CHECKOUT.is_dir() else _PACKAGE / "_bundled" / "alembic"

_COLUMNS = text(
    "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('store', 'app') AND c.relkind IN ('r', 'v') AND a.attnum > 0"
    " AND NOT a.attisdropped ORDER BY 1, 2, a.attnum"
)
# What queries name of the functions that indexes are made with: the planner puts those in place of these.
_FUNCTIONS = tuple(
    f"CREATE FUNCTION app.{name}({', '.join(taken)}) RETURNS {given} LANGUAGE sql IMMUTABLE PARALLEL SAFE"
    f" RETURN store.{name}({', '.join(argument.split()[0] for argument in taken)})"
    for name, taken, given in (
        ("search_fold", ("said text",), "text"),
        ("search_words", ("said text",), "text"),
        ("search_lexemes", ("workspace_id bigint", "id bigint", "said text"), "tsvector"),
    )
)
_MARK = text("SELECT obj_description(to_regnamespace('app')::oid, 'pg_namespace')")


async def migrate(homes: Mapping[str, str], tell: Callable[[str], None] = lambda _line: None) -> None:
    """Migrate the catalog and all homes; each home in one transaction, and afterwards in slices what may wait. Raises `DatabaseNewer`."""
    for name, url in homes.items():
        tell(f"Preparing the database of home {name}")
        engine = create_async_engine(url, connect_args={"timeout": 10})
        try:
            async with engine.begin() as connection:
                await connection.run_sync(_migrate_home, with_catalog=name == DEFAULT_HOME)
            await refold(engine)
        finally:
            await engine.dispose()


async def refuse_other_version(homes: Mapping[str, str]) -> None:
    """See that every database is at the code's version. Raises `DatabaseNewer`, `DatabaseOlder`."""
    for name, url in homes.items():
        engine = create_async_engine(url, connect_args={"timeout": 10})
        try:
            async with engine.connect() as connection:
                schemas = ("catalog", "store") if name == DEFAULT_HOME else ("store",)
                if not all([await connection.run_sync(_is_current, schema) for schema in schemas]):
                    raise DatabaseOlder(f"The database of home {name!r} is not at this version: run `ismessenger migrate`.")
        finally:
            await engine.dispose()


def known_revisions(schema: str) -> list[str]:
    """All migrations of a schema that this version knows, the newest first. The names of their files begin with their numbers."""
    return sorted((file.name.partition("_")[0] for file in (_scripts_of(schema) / "versions").glob("*.py")), reverse=True)


def _migrate_home(connection: Connection, *, with_catalog: bool) -> None:
    connection.execute(text("SET LOCAL lock_timeout = '10s'"))
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('ismessenger migrate'))"))
    _make_roles(connection)
    if with_catalog:
        _upgrade(connection, "catalog")
    _upgrade(connection, "store")
    _lay_views(connection)
    _grant(connection, with_catalog=with_catalog)


def _make_roles(connection: Connection) -> None:
    # Roles are shared by all databases of a server, so two homes may create them at the same time.
    for role in ROLES:
        connection.execute(
            text(
                f"DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$",
            )
        )
        member = connection.execute(text("SELECT pg_has_role(current_user, :role, 'MEMBER')"), {"role": role}).scalar_one()
        if not member:
            connection.execute(text(f"GRANT {role} TO CURRENT_USER"))
        elif connection.dialect.server_version_info >= (16,):  # type: ignore[operator]
            may_set = connection.execute(text("SELECT pg_has_role(current_user, :role, 'SET')"), {"role": role}).scalar_one()
            if not may_set:
                connection.execute(text(f"GRANT {role} TO CURRENT_USER"))


def _upgrade(connection: Connection, schema: str) -> None:
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
    connection.execute(text(f"SET LOCAL search_path = {schema}"))
    if _is_current(connection, schema):
        return
    from alembic.config import Config  # noqa: PLC0415 - every process looks at the version, and hardly any changes it

    from alembic import command  # noqa: PLC0415 - same

    config = Config()
    config.set_main_option("script_location", str(_scripts_of(schema)))
    config.attributes["connection"] = connection
    config.attributes["schema"] = schema
    command.upgrade(config, "head")


def _scripts_of(schema: str) -> Path:
    return SCRIPTS / ("catalog" if schema == "catalog" else "workspace")


def _is_current(connection: Connection, schema: str) -> bool:
    """Whether the newest migration was made. Raises `DatabaseNewer`."""
    if connection.execute(text("SELECT to_regclass(:table)"), {"table": f"{schema}.alembic_version"}).scalar() is None:
        return False
    statement = text(f"SELECT version_num FROM {schema}.alembic_version")  # noqa: S608 - one of two words
    found, known = connection.execute(statement).scalar(), known_revisions(schema)
    if found is not None and found not in known:
        raise DatabaseNewer("The database belongs to a newer version of IS-Messenger; install that version or restore a backup.")
    return found == known[0]


def _lay_views(connection: Connection) -> None:
    """Views of schema ``app`` show one workspace of the tables of schema ``store``. Those that are right are left alone."""
    this = "current_setting('app.workspace_id')::bigint"
    statements = [
        statement
        for table in workspace_metadata.sorted_tables
        for statement in (
            f"CREATE VIEW app.{table.name} AS SELECT * FROM store.{table.name} WHERE workspace_id = {this} WITH CASCADED CHECK OPTION",  # noqa: S608
            f"ALTER VIEW app.{table.name} ALTER COLUMN workspace_id SET DEFAULT {this}",
        )
    ] + list(_FUNCTIONS)
    columns = connection.execute(_COLUMNS).all()
    mark = hashlib.sha256(repr((statements, [tuple(column) for column in columns if column[0] == "store"])).encode()).hexdigest()
    shown = {column[1] for column in columns if column[0] == "app"}
    if shown == set(workspace_metadata.tables) and connection.execute(_MARK).scalar() == mark:
        return
    for statement in ["DROP SCHEMA IF EXISTS app CASCADE", "CREATE SCHEMA app", *statements, f"COMMENT ON SCHEMA app IS '{mark}'"]:
        connection.execute(text(statement))


def _grant(connection: Connection, *, with_catalog: bool) -> None:
    statements = [
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA app TO ismessenger_app",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA app TO ismessenger_app",
        "GRANT USAGE ON SCHEMA store TO ismessenger_system, ismessenger_ingest",
        *(f"GRANT SELECT ON store.{table} TO ismessenger_system" for table in TODO_TABLES),
        "GRANT DELETE ON store.outbox, store.inbound_event TO ismessenger_system",
        "GRANT INSERT ON store.inbound_event TO ismessenger_ingest",
    ]
    if with_catalog:
        statements += [
            "GRANT USAGE ON SCHEMA catalog TO ismessenger_app",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(map(str, catalog_metadata.sorted_tables))} TO ismessenger_app",
        ]
    for statement in statements:
        connection.execute(text(statement))
