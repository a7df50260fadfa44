"""All homes are brought to this version one after the other; one that fails takes none along."""

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.errors import DatabaseNewer, MigrationIncomplete
from ismessenger.tenancy.migrate import refuse_other_version
from ismessenger.tenancy.owner import owner
from ismessenger.tenancy.roll_out import HomeMigrated, UnknownHome, refuse_incomplete, roll_out
from tests.tenancy.test_migrations import new_database

Homes = dict[str, str]


@pytest.fixture
async def homes(servers: Settings) -> Homes:
    """A default home and two others, all empty; ``small`` takes the least room."""
    assert servers.database_url is not None
    url = servers.database_url.get_secret_value()
    made = {name: await new_database(url) for name in (DEFAULT_HOME, "us", "small")}
    for name in (DEFAULT_HOME, "us"):
        async with owner(made[name]) as connection:
            await connection.execute(text("CREATE TABLE public.room AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 3000)"))
    return made


def quiet(_line: str) -> None: ...


def states(done: list[HomeMigrated]) -> dict[str, str]:
    return {home.home: home.state for home in done}


async def spoil(url: str) -> None:
    """Something of another's stands where a table of ours must be made."""
    async with owner(url) as connection:
        await connection.execute(text("CREATE SCHEMA store"))
        await connection.execute(text("CREATE TABLE store.contact (mine int)"))


async def mend(url: str) -> None:
    async with owner(url) as connection:
        await connection.execute(text("DROP SCHEMA store CASCADE"))


@pytest.mark.behaviour(147)
async def test_a_home_that_fails_is_named_the_others_are_done_and_another_run_does_the_rest(homes: Homes) -> None:
    await spoil(homes["us"])
    done = await roll_out(homes, tell=quiet)
    assert states(done) == {DEFAULT_HOME: "migrated", "us": "failed", "small": "migrated"}
    with pytest.raises(MigrationIncomplete, match=r"home us: .*contact.* already exists"):
        refuse_incomplete(done)
    await refuse_other_version({name: url for name, url in homes.items() if name != "us"})
    await mend(homes["us"])
    again = await roll_out(homes, tell=quiet)
    assert states(again) == {DEFAULT_HOME: "current", "us": "migrated", "small": "current"}
    refuse_incomplete(again)


@pytest.mark.behaviour(147)
@pytest.mark.parametrize("canary", [None, "us"])
async def test_the_canary_goes_first_and_the_others_wait_where_it_fails(homes: Homes, canary: str | None) -> None:
    first = canary or "small"
    await spoil(homes[first])
    done = await roll_out(homes, canary=canary, tell=quiet)
    others = {"small", "us"} - {first}
    assert states(done) == {DEFAULT_HOME: "migrated", first: "failed"} | dict.fromkeys(others, "waiting")
    with pytest.raises(MigrationIncomplete, match="Not tried yet: "):
        refuse_incomplete(done)


async def test_nothing_else_is_tried_where_the_default_home_fails(homes: Homes) -> None:
    await spoil(homes[DEFAULT_HOME])
    done = await roll_out(homes, tell=quiet)
    assert set(states(done).values()) == {"failed", "waiting"}


async def test_a_home_that_is_away_is_named_without_its_password(homes: Homes) -> None:
    homes["us"] = make_url(homes["us"]).set(database="nothing").render_as_string(hide_password=False)
    done = await roll_out(homes, tell=quiet)
    assert states(done)["us"] == "failed"
    assert 'database "nothing" does not exist' in str(done[1].values()["problem"])
    assert str(make_url(homes["us"]).password) not in str(done[1].values())


async def test_a_newer_home_is_refused_by_its_name_for_it_and_an_unknown_canary_before_the_work(homes: Homes) -> None:
    with pytest.raises(UnknownHome, match="no home 'mars'"):
        await roll_out(homes, canary="mars", tell=quiet)
    await roll_out(homes, tell=quiet)
    async with owner(homes["us"]) as connection:
        await connection.execute(text("UPDATE store.alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer):
        refuse_incomplete(await roll_out(homes, tell=quiet))
