"""Two workspaces that hold a row of the same id in every table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Integer, LargeBinary, Table, func, select
from sqlalchemy.dialects.postgresql import JSONB

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.schema import workspace_metadata
from tests.conftest import World, make_world

SAME = 900_000_007
TABLES = list(workspace_metadata.sorted_tables)


@dataclass(frozen=True)
class Twins:
    """``ours`` is asked and changed, ``theirs`` must not be seen and stay as it is."""

    installation: Installation
    ours: World
    theirs: World

    async def row(self, world: World, table: Table) -> Mapping[str, Any]:
        """The row of the same id."""
        async with self.installation.tenancy.reading(world.workspace_id) as db:
            return dict((await db.execute(table.select().where(table.c.id == SAME))).mappings().one())

    async def count(self, world: World, table: Table) -> int:
        """How many rows there are."""
        async with self.installation.tenancy.reading(world.workspace_id) as db:
            return (await db.execute(select(func.count()).select_from(table))).scalar_one()


async def make_twins(installation: Installation, home: str) -> Twins:
    """``home`` is where the other one lives; ours is in the default home."""
    ours, theirs = await make_world(installation), await make_world(installation, home)
    for world, name in ((ours, "ours"), (theirs, "theirs")):
        async with installation.tenancy.workspace(world.workspace_id) as db:
            for table in TABLES:
                await db.execute(table.insert().values(workspace_id=world.workspace_id, **values_of(table, name)))
    return Twins(installation, ours, theirs)


def values_of(table: Table, name: str, id_: int = SAME) -> dict[str, Any]:
    """Something for every column but the workspace. No state is one that a lane looks for."""
    return {"id": id_} | {column.name: _value(column, name, id_) for column in table.columns if column.name not in {"workspace_id", "id"}}


def _value(column: Column[Any], name: str, id_: int) -> Any:
    match column.type:
        case BigInteger() if column.foreign_keys:
            return SAME
        case BigInteger():
            return None if column.nullable else id_
        case Integer():
            return id_ - SAME
        case Boolean():
            return False
        case DateTime():
            # A run that has not ended may be the only one of its kind.
            return None if column.nullable and column.name != "ended_at" else now()
        case LargeBinary():
            return name.encode()
        case JSONB():
            return {"name": name}
        case ARRAY():
            return []
    return name
