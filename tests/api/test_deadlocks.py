"""Two transactions that wait for each other: the database takes one back, and the caller never hears of it."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.api.conftest import Api
from tests.conftest import urls_of

# A sequence goes on also where a transaction is taken back: so many times and no more.
LAY = (
    "CREATE SEQUENCE store.taken_back",
    (
        "CREATE FUNCTION store.take_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        " IF NEW.workspace_id = {workspace} AND nextval('store.taken_back') <= {times} THEN"
        " RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF; RETURN NEW; END $$"
    ),
    "CREATE TRIGGER take_back BEFORE INSERT ON store.event FOR EACH ROW EXECUTE FUNCTION store.take_back()",
)
LIFT = ("DROP TRIGGER take_back ON store.event", "DROP FUNCTION store.take_back", "DROP SEQUENCE store.taken_back")


@pytest.fixture
async def taken_back(api: Api, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """The database takes back the first transactions of the workspace that write a line of the timeline."""
    for url in urls_of(api.world.installation.settings).values():
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            for statement in LAY:
                await connection.execute(text(statement.format(workspace=api.world.workspace_id, times=request.param)))
        await engine.dispose()
    yield
    for url in urls_of(api.world.installation.settings).values():
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            for statement in LIFT:
                await connection.execute(text(statement))
        await engine.dispose()


@pytest.mark.behaviour(386)
@pytest.mark.parametrize(("taken_back", "status", "events"), [(2, 200, 1), (3, 503, 0)], indirect=["taken_back"])
@pytest.mark.usefixtures("taken_back")
async def test_a_call_that_the_database_took_back_is_carried_out_again(api: Api, status: int, events: int) -> None:
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        member_id = (await db.execute(text("SELECT min(id) FROM member"))).scalar_one()
        await db.execute(
            text("INSERT INTO contact (first_name, status, created_at, created_source) VALUES ('Ada', 'closed', now(), 'api')")
        )
        id_ = (await db.execute(text("SELECT max(id) FROM contact"))).scalar_one()
    answer = await api.http.post(f"/contact/id:{id_}/conversation/assignee", json={"assignee": member_id})
    assert answer.status_code == status, answer.text
    async with api.world.installation.tenancy.reading(api.world.workspace_id) as db:
        assert (await db.execute(text("SELECT count(*) FROM event WHERE kind = 'contact.assigned'"))).scalar_one() == events
