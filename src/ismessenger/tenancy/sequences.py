"""Moves the numbering of a home's tables forward, so that rows which bring their ids along are never met by new ones."""

from collections.abc import Mapping

from sqlalchemy import text

from ismessenger.tenancy.owner import owner
from ismessenger.tenancy.schema import workspace_metadata


async def move_sequences(url: str, newest: Mapping[str, int]) -> None:
    """See that the next id of each table is above the given one. Sequences are shared by all workspaces of the home, and never go back."""
    async with owner(url) as connection:
        for table, newest_id in sorted(newest.items()):
            if table not in workspace_metadata.tables:
                raise ValueError(f"There is no table {table}.")
            name = (await connection.execute(text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": f"store.{table}"})).scalar_one()
            # An ALTER that changes nothing holds off whoever asks for a number, until we are done.
            await connection.execute(text(f"ALTER SEQUENCE {name} INCREMENT BY 1"))
            last = (await connection.execute(text(f"SELECT last_value FROM {name}"))).scalar_one()  # noqa: S608 - the server's own words
            if last < newest_id:
                await connection.execute(text("SELECT setval(:name, :id)"), {"name": name, "id": newest_id})
