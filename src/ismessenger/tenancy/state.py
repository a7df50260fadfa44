"""What a home is like: its server, its version, who works with it, and whether it holds anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from ismessenger.tenancy.migrate import ROLES
from ismessenger.tenancy.owner import owner

SCHEMAS = ("catalog", "store", "app")
_TABLES = text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('catalog', 'store') AND tablename <> 'alembic_version'")
_BASICS = text(
    "SELECT current_setting('server_version_num')::int / 10000 AS major, pg_database_size(current_database()) AS size, now() AS now,"
    " (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = ANY(:roles)) AS processes,"
    " to_regclass('catalog.alembic_version') IS NOT NULL AS catalog, to_regclass('store.alembic_version') IS NOT NULL AS store"
)


@dataclass(frozen=True)
class HomeState:
    """``revisions`` names the last migration per schema; ``connections`` are those of web and worker processes."""

    major: int
    size_bytes: int
    now: datetime
    connections: int
    revisions: Mapping[str, str]


async def state_of(url: str) -> HomeState:
    """Look at a home, as its owner and without changing it."""
    async with owner(url) as connection:
        found = (await connection.execute(_BASICS, {"roles": list(ROLES)})).one()
        revisions = {}
        for schema in ("catalog", "store"):
            if getattr(found, schema):
                statement = text(f"SELECT version_num FROM {schema}.alembic_version")  # noqa: S608 - one of two words
                revisions[schema] = str((await connection.execute(statement)).scalar())
        return HomeState(found.major, found.size, found.now, found.processes, revisions)


async def is_empty(url: str) -> bool:
    """Whether no table of ours holds a row, if there are any."""
    async with owner(url) as connection:
        for schema, table in (await connection.execute(_TABLES)).all():
            statement = text(f'SELECT EXISTS (SELECT FROM "{schema}"."{table}")')  # noqa: S608 - names of the server's own catalog
            if (await connection.execute(statement)).scalar_one():
                return False
    return True
