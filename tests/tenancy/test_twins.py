"""Whatever is asked or changed in one workspace, its twin with the same ids is neither shown nor touched: in one home and in two."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import cast

import pytest
from sqlalchemy import AsyncAdaptedQueuePool, Table, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from ismessenger.installation import Installation
from ismessenger.tenancy.rows import WorkspaceRow
from ismessenger.tenancy.schema import workspace_metadata
from tests.tenancy.twins import SAME, TABLES, Twins, make_twins, values_of

every_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@pytest.fixture(scope="module", params=["default", "eu"], ids=["one-home", "two-homes"])
async def twins(request: pytest.FixtureRequest, installation: Installation) -> Twins:
    return await make_twins(installation, request.param)


def models() -> Sequence[type[WorkspaceRow]]:
    return WorkspaceRow.__subclasses__()


def test_every_table_has_a_model() -> None:
    assert {model.__tablename__ for model in models()} == set(workspace_metadata.tables)


@every_table
async def test_a_query_shows_the_one_row(twins: Twins, table: Table) -> None:
    for world, name in ((twins.ours, "ours"), (twins.theirs, "theirs")):
        async with twins.installation.tenancy.reading(world.workspace_id) as db:
            found = (await db.execute(table.select().where(table.c.id == SAME))).mappings().all()
            strangers = (
                await db.execute(text(f"SELECT count(*) FROM {table.name} WHERE workspace_id <> :id"), {"id": world.workspace_id})
            ).scalar()
        assert [row["workspace_id"] for row in found] == [world.workspace_id]
        assert strangers == 0
        assert {value for value in found[0].values() if isinstance(value, str)} <= {name}


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
async def test_a_mapped_query_shows_the_one_row(twins: Twins, model: type[WorkspaceRow]) -> None:
    async with twins.installation.tenancy.reading(twins.ours.workspace_id) as db:
        rows = (await db.execute(select(model))).scalars().all()
        assert {row.workspace_id for row in rows} == {twins.ours.workspace_id}
        assert await db.get(model, (twins.theirs.workspace_id, SAME)) is None


@every_table
async def test_a_change_by_id_or_of_everything_stays_at_home(twins: Twins, table: Table) -> None:
    before = await twins.row(twins.theirs, table)
    async with twins.installation.tenancy.workspace(twins.ours.workspace_id) as db:
        assert len((await db.execute(table.update().where(table.c.id == SAME).values(id=SAME).returning(table.c.id))).all()) == 1
        assert len((await db.execute(table.update().values(id=table.c.id).returning(table.c.id))).all()) >= 1
    assert await twins.row(twins.theirs, table) == before


@every_table
async def test_a_change_that_names_the_other_workspace_finds_nothing(twins: Twins, table: Table) -> None:
    before = await twins.row(twins.theirs, table)
    async with twins.installation.tenancy.workspace(twins.ours.workspace_id) as db:
        there = table.c.workspace_id == twins.theirs.workspace_id
        assert (await db.execute(table.update().where(there).values(id=SAME + 1).returning(table.c.id))).all() == []
        assert (await db.execute(table.delete().where(there).returning(table.c.id))).all() == []
        assert (await db.execute(table.select().where(there))).first() is None
        assert (await db.execute(table.select().where(there).with_for_update())).first() is None
    assert await twins.row(twins.theirs, table) == before


REFUSED = "check option|duplicate key"


@every_table
async def test_nothing_can_be_put_into_the_other_workspace(twins: Twins, table: Table) -> None:
    there = {"workspace_id": twins.theirs.workspace_id, "id": SAME + 1}
    before = await twins.count(twins.theirs, table)
    insert = table.insert().values({**values_of(table, "smuggled", SAME + 1), **there})
    for statement in (insert, table.update().where(table.c.id == SAME).values(there)):
        with pytest.raises(DBAPIError, match=REFUSED):
            async with twins.installation.tenancy.workspace(twins.ours.workspace_id) as db:
                await db.execute(statement)
    assert await twins.count(twins.theirs, table) == before


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
async def test_nor_by_a_mapped_row(twins: Twins, model: type[WorkspaceRow]) -> None:
    table = workspace_metadata.tables[str(model.__tablename__)]
    before = await twins.count(twins.theirs, table)
    row = model(**{**values_of(table, "smuggled", SAME + 1), "workspace_id": twins.theirs.workspace_id})
    with pytest.raises(DBAPIError, match=REFUSED):
        async with twins.installation.tenancy.workspace(twins.ours.workspace_id) as db:
            db.add(row)
    assert await twins.count(twins.theirs, table) == before


@pytest.mark.parametrize("table", [table for table in TABLES if table.foreign_key_constraints], ids=lambda table: table.name)
async def test_no_row_can_point_to_a_row_of_the_other_workspace(twins: Twins, table: Table) -> None:
    """Their contact, channel or message of another id than ours."""
    only_theirs = SAME + 100
    for constraint in table.foreign_key_constraints:
        (_workspace, column), target = constraint.column_keys, constraint.referred_table
        async with twins.installation.tenancy.workspace(twins.theirs.workspace_id) as db:
            exists = (await db.execute(target.select().where(target.c.id == only_theirs))).first()
            if exists is None:
                await db.execute(target.insert().values(workspace_id=db.workspace_id, **values_of(target, "theirs's own", only_theirs)))
        with pytest.raises(DBAPIError, match="foreign key"):
            async with twins.installation.tenancy.workspace(twins.ours.workspace_id) as db:
                await db.execute(table.update().where(table.c.id == SAME).values({column: only_theirs}))


@every_table
async def test_no_workspace_is_shown_where_none_is_open(twins: Twins, table: Table) -> None:
    async with twins.installation.tenancy.homes["default"].app.connect() as connection:
        with pytest.raises(DBAPIError, match=r"app\.workspace_id|invalid input syntax"):
            await connection.execute(table.select())


async def test_the_workspace_of_a_transaction_ends_with_it(twins: Twins) -> None:
    """A connection that comes back from the pool must not remember whose it was."""
    engine = twins.installation.tenancy.homes["default"].app
    kept = cast("AsyncAdaptedQueuePool", engine.pool)
    async with twins.installation.tenancy.reading(twins.ours.workspace_id) as db:
        pid = (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    async with AsyncExitStack() as stack:
        pool = [await stack.enter_async_context(engine.connect()) for _each in range(kept.checkedin())]
        asked = text("SELECT pg_backend_pid(), current_setting('app.workspace_id', true)")
        remembered = dict([tuple((await connection.execute(asked)).one()) for connection in pool])
    assert pid in remembered
    assert set(remembered.values()) <= {"", None}


async def test_a_reading_session_cannot_write(twins: Twins) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        async with twins.installation.tenancy.reading(twins.ours.workspace_id) as db:
            await db.execute(text("UPDATE contact SET first_name = 'x'"))


async def test_deleting_everything_of_one_workspace_leaves_the_other(installation: Installation) -> None:
    twins = await make_twins(installation, "default")
    async with installation.tenancy.workspace(twins.ours.workspace_id) as db:
        for table in reversed(TABLES):
            await db.execute(table.delete())
    for table in TABLES:
        assert (await twins.row(twins.theirs, table))["workspace_id"] == twins.theirs.workspace_id
