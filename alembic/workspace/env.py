"""Runs the migrations of a home's tables; the caller hands over an open connection (see ``tenancy/migrate.py``)."""

from alembic import context
from ismessenger.tenancy.schema import workspace_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=workspace_metadata,
    version_table_schema="store",
    include_name=lambda name, kind, _parents: (kind, name) != ("table", "alembic_version"),
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
