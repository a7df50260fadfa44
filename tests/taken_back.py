"""A database that takes transactions back, as it does with one of two that wait for each other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.conftest import World, urls_of

# A sequence goes on also where a transaction is taken back: so many times and no more.
_LAY = (
    "CREATE SEQUENCE store.taken_back",
    (
        "CREATE FUNCTION store.take_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        " IF NEW.workspace_id = {workspace} AND nextval('store.taken_back') <= {times} THEN"
        " RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$"
    ),
    "CREATE TRIGGER take_back BEFORE INSERT ON store.{table} FOR EACH ROW EXECUTE FUNCTION store.take_back()",
)
_LIFT = ("DROP TRIGGER take_back ON store.{table}", "DROP FUNCTION store.take_back", "DROP SEQUENCE store.taken_back")


@asynccontextmanager
async def taken_back(world: World, times: int, table: str = "event") -> AsyncIterator[None]:
    """The database takes back the first transactions of the workspace that add to a table; nobody else may ask for that meanwhile."""
    await _all(world, _LAY, times, table)
    try:
        yield
    finally:
        await _all(world, _LIFT, times, table)


async def _all(world: World, statements: tuple[str, ...], times: int, table: str) -> None:
    for url in urls_of(world.installation.settings).values():
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement.format(workspace=world.workspace_id, times=times, table=table)))
        await engine.dispose()
