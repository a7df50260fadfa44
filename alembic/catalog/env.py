"""Runs the migrations of the catalog; the caller hands over an open connection (see ``tenancy/migrate.py``)."""

from alembic import context
from ismessenger.tenancy.schema import catalog_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=catalog_metadata,
    version_table_schema="catalog",
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name == "catalog",
)
with context.begin_transaction():
    context.run_migrations()
