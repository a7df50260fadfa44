"""Two workspaces with identical ids in one home: the run-time role sees and changes one of them only."""

from dataclasses import dataclass

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.channels.drain import drain_channel
from ismessenger.contacts.model import Contact
from ismessenger.installation import Installation
from ismessenger.realtime.feed import START, Feed
from ismessenger.realtime.publish import stream_key
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME, Tenancy, workspace_key
from ismessenger.tenancy.errors import TooPowerful
from ismessenger.tenancy.migrate import migrate
from ismessenger.tenancy.schema import workspace_metadata
from tests.conftest import make_world

SAME_ID = 900_000_001
TABLES = [table.name for table in workspace_metadata.sorted_tables]


@dataclass(frozen=True)
class Twins:
    """Two workspaces whose contact has the same id and another name."""

    installation: Installation
    ours: int
    theirs: int


@pytest.fixture
async def twins(installation: Installation) -> Twins:
    ours, theirs = await make_world(installation), await make_world(installation)
    for workspace_id, name in ((ours.workspace_id, "Ours"), (theirs.workspace_id, "Theirs")):
        async with installation.tenancy.workspace(workspace_id) as db:
            db.add(Contact(id=SAME_ID, first_name=name))
    return Twins(installation, ours.workspace_id, theirs.workspace_id)


@pytest.mark.behaviour(104)
async def test_every_view_shows_rows_of_the_open_workspace_only(twins: Twins) -> None:
    async with twins.installation.tenancy.reading(twins.ours) as db:
        for table in TABLES:
            others = text(f"SELECT count(*) FROM {table} WHERE workspace_id <> :ours")
            assert (await db.execute(others, {"ours": twins.ours})).scalar_one() == 0
        names = (await db.execute(text("SELECT first_name FROM contact WHERE id = :id"), {"id": SAME_ID})).scalars().all()
    assert names == ["Ours"]


async def test_an_orm_query_by_id_finds_our_row(twins: Twins) -> None:
    async with twins.installation.tenancy.reading(twins.ours) as db:
        assert await db.get(Contact, (twins.theirs, SAME_ID)) is None
        mine = await db.get(Contact, (twins.ours, SAME_ID))
    assert mine is not None
    assert mine.first_name == "Ours"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO contact (workspace_id, first_name, status, created_at, created_source) VALUES (:theirs, 'X', 'open', now(), 'x')",
        "UPDATE contact SET workspace_id = :theirs, id = :id + 1 WHERE id = :id",
    ],
)
async def test_nothing_can_be_written_into_another_workspace(twins: Twins, statement: str) -> None:
    with pytest.raises(DBAPIError, match="check option"):
        async with twins.installation.tenancy.workspace(twins.ours) as db:
            await db.execute(text(statement), {"theirs": twins.theirs, "id": SAME_ID})


async def test_changes_and_deletions_that_name_another_workspace_touch_nothing(twins: Twins) -> None:
    async with twins.installation.tenancy.workspace(twins.ours) as db:
        values = {"theirs": twins.theirs}
        changed = await db.execute(text("UPDATE contact SET first_name = 'Stolen' WHERE workspace_id = :theirs RETURNING id"), values)
        deleted = await db.execute(text("DELETE FROM contact WHERE workspace_id = :theirs RETURNING id"), values)
        assert (changed.all(), deleted.all()) == ([], [])
    async with twins.installation.tenancy.reading(twins.theirs) as db:
        assert (await db.execute(text("SELECT first_name FROM contact WHERE id = :id"), {"id": SAME_ID})).scalar_one() == "Theirs"


async def test_without_an_open_workspace_a_view_is_an_error(twins: Twins) -> None:
    async with twins.installation.tenancy.homes[DEFAULT_HOME].app.connect() as connection:
        with pytest.raises(DBAPIError):
            await connection.execute(text("SELECT * FROM contact"))


async def test_the_run_time_role_has_no_right_on_the_tables_and_cannot_create(twins: Twins) -> None:
    for statement in ("SELECT * FROM store.contact", "CREATE TABLE app.x (i int)", "CREATE TABLE public.x (i int)"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with twins.installation.tenancy.workspace(twins.ours) as db:
                await db.execute(text(statement))


async def test_the_ingest_role_can_only_add_raw_events(installation: Installation) -> None:
    for statement in ("SELECT * FROM inbound_event", "SELECT * FROM message", "DELETE FROM inbound_event", "SELECT * FROM catalog.account"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with installation.tenancy.ingest(DEFAULT_HOME) as connection:
                await connection.execute(text(statement))


async def test_the_system_role_reads_to_do_tables_and_nothing_else(installation: Installation) -> None:
    async with installation.tenancy.system(DEFAULT_HOME) as connection:
        await connection.execute(text("SELECT count(*) FROM delivery"))
    for statement in ("SELECT * FROM contact", "SELECT * FROM message", "UPDATE delivery SET state = 'done'", "DELETE FROM delivery"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with installation.tenancy.system(DEFAULT_HOME) as connection:
                await connection.execute(text(statement))


async def test_a_job_for_one_workspace_does_not_touch_the_same_ids_of_another(twins: Twins) -> None:
    for workspace_id in (twins.ours, twins.theirs):
        async with twins.installation.tenancy.workspace(workspace_id) as db:
            insert = "INSERT INTO channel (id, kind, name, route, config, secrets, status, created_at)"
            values = f" VALUES ({SAME_ID}, 'custom_channel', 'c', 'r{workspace_id}', '{{}}', '', 'connected', now())"
            await db.execute(text(insert + values))
            event = "INSERT INTO inbound_event (channel_id, headers, query, body, received_at, state, attempt)"
            await db.execute(text(event + f" VALUES ({SAME_ID}, '{{}}', '', '{{}}', now(), 'pending', 0)"))
            await db.execute(text("UPDATE channel SET kind = 'gone'"))
    await drain_channel(twins.installation, twins.ours, SAME_ID)
    deferred = text("SELECT due_at IS NOT NULL FROM inbound_event")
    async with twins.installation.tenancy.reading(twins.ours) as db:
        assert (await db.execute(deferred)).scalar_one() is True
    async with twins.installation.tenancy.reading(twins.theirs) as db:
        assert (await db.execute(deferred)).scalar_one() is False
    for workspace_id in (twins.ours, twins.theirs):
        async with twins.installation.tenancy.workspace(workspace_id) as db:
            await db.execute(text("DELETE FROM inbound_event"))  # nothing waits for the lanes of other tests


async def test_streams_and_names_of_kept_things_carry_the_workspace(twins: Twins) -> None:
    async with twins.installation.tenancy.workspace(twins.ours) as db:
        db.announce("contact", SAME_ID)
        assert db.key("media", 1) == workspace_key(twins.ours, "media", 1)
    feed = Feed(twins.installation.redis)
    assert [change["contact_id"] for change in (await feed.since(twins.ours, START)).changes] == [SAME_ID]
    assert (await feed.since(twins.theirs, START)).changes == []
    assert stream_key(twins.ours) != stream_key(twins.theirs)


async def test_a_workspace_in_another_home_is_not_in_this_one(installation: Installation) -> None:
    abroad = await make_world(installation, home="eu")
    assert await installation.tenancy.home_of(abroad.workspace_id) == "eu"
    async with installation.tenancy.workspace(abroad.workspace_id) as db:
        db.add(Contact(first_name="Abroad"))
    async with installation.tenancy.homes["eu"].app.begin() as connection:
        await connection.execute(text("SELECT set_config('app.workspace_id', :id, true)"), {"id": str(abroad.workspace_id)})
        assert (await connection.execute(text("SELECT count(*) FROM contact"))).scalar_one() == 1
    async with installation.tenancy.homes[DEFAULT_HOME].app.begin() as connection:
        await connection.execute(text("SELECT set_config('app.workspace_id', :id, true)"), {"id": str(abroad.workspace_id)})
        assert (await connection.execute(text("SELECT count(*) FROM contact"))).scalar_one() == 0


async def test_the_process_refuses_a_role_that_could_go_around_the_views(servers: Settings, installation: Installation) -> None:
    assert servers.database_url is not None
    tenancy = Tenancy({DEFAULT_HOME: servers.database_url.get_secret_value()})
    owner = create_async_engine(servers.database_url.get_secret_value())
    tenancy.homes[DEFAULT_HOME].app, proper = owner, tenancy.homes[DEFAULT_HOME].app
    with pytest.raises(TooPowerful):
        await tenancy.check_roles()
    await proper.dispose()
    await tenancy.close()
    await installation.tenancy.check_roles()


@pytest.mark.parametrize("table", TABLES)
async def test_census_every_workspace_table_has_key_view_and_grants(installation: Installation, servers: Settings, table: str) -> None:
    declared = workspace_metadata.tables[table]
    assert [column.name for column in inspect(declared).primary_key] == ["workspace_id", "id"]
    for foreign in declared.foreign_key_constraints:
        assert foreign.column_keys[0] == "workspace_id"
    for index in declared.indexes:
        assert not index.unique or getattr(index.expressions[0], "name", None) == "workspace_id"
    assert servers.database_url is not None
    engine = create_async_engine(servers.database_url.get_secret_value())
    async with engine.connect() as connection:
        view = text("SELECT check_option FROM information_schema.views WHERE table_schema = 'app' AND table_name = :table")
        assert (await connection.execute(view, {"table": table})).scalar_one() == "CASCADED"
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
            can = text("SELECT has_table_privilege('ismessenger_app', :name, :right)")
            assert (await connection.execute(can, {"name": f"app.{table}", "right": right})).scalar_one() is True
            assert (await connection.execute(can, {"name": f"store.{table}", "right": right})).scalar_one() is False
    await engine.dispose()


async def test_migrating_again_changes_nothing(servers: Settings, twins: Twins) -> None:
    assert servers.database_url is not None
    await migrate({DEFAULT_HOME: servers.database_url.get_secret_value()})
    async with twins.installation.tenancy.reading(twins.ours) as db:
        assert (await db.execute(text("SELECT count(*) FROM contact"))).scalar_one() == 1
