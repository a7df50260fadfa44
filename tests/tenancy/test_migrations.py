"""Bringing databases to this version: again, at the same time, and not those of another version."""

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from ismessenger.embedded import EmbeddedPostgres, EmbeddedRedis
from ismessenger.embedded.temporary import temporary_servers
from ismessenger.installation import Installation
from ismessenger.kit.crypto import Vault
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME, Tenancy
from ismessenger.tenancy.errors import DatabaseNewer, DatabaseOlder, TooPowerful
from ismessenger.tenancy.homes import HomeRefused, add_home, learn_homes, open_homes
from ismessenger.tenancy.migrate import SCRIPTS, known_revisions, migrate, refuse_other_version
from ismessenger.tenancy.schema import workspace_metadata

_numbers = itertools.count(1)
VIEWS = "SELECT relname, oid FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'v' ORDER BY relname"


@asynccontextmanager
async def owner_of(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def new_database(url: str) -> str:
    """Another, empty database of the same server."""
    name = f"scratch{next(_numbers)}"
    async with owner_of(url) as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
async def empty(servers: Settings, installation: Installation) -> str:
    """The URL of an empty database."""
    assert servers.database_url is not None
    return await new_database(servers.database_url.get_secret_value())


async def views_of(url: str) -> Sequence[tuple[Any, ...]]:
    async with owner_of(url) as connection:
        return [tuple(row) for row in (await connection.execute(text(VIEWS))).all()]


async def test_migrating_again_leaves_the_views_of_running_processes_alone(empty: str) -> None:
    await migrate({DEFAULT_HOME: empty})
    before = await views_of(empty)
    assert [name for name, _oid in before] == sorted(workspace_metadata.tables)
    await migrate({DEFAULT_HOME: empty})
    assert await views_of(empty) == before


@pytest.mark.parametrize(
    "damage", ["DROP VIEW app.contact", "ALTER TABLE store.contact ADD COLUMN shoe_size int", "DROP SCHEMA app CASCADE"]
)
async def test_views_that_do_not_show_the_tables_as_they_are_are_laid_anew(empty: str, damage: str) -> None:
    await migrate({DEFAULT_HOME: empty})
    async with owner_of(empty) as connection:
        await connection.execute(text(damage))
    await migrate({DEFAULT_HOME: empty})
    assert [name for name, _oid in await views_of(empty)] == sorted(workspace_metadata.tables)
    async with owner_of(empty) as connection:
        columns = "SELECT count(*) FROM information_schema.columns WHERE table_schema = :schema AND table_name = 'contact'"
        shown, stored = [(await connection.execute(text(columns), {"schema": schema})).scalar_one() for schema in ("app", "store")]
        right = await connection.execute(text("SELECT has_table_privilege('ismessenger_app', 'app.contact', 'UPDATE')"))
        assert (shown, right.scalar_one()) == (stored, True)


@pytest.mark.parametrize("schema", ["catalog", "store"])
async def test_a_database_newer_than_the_code_is_refused_and_left_as_it_is(empty: str, schema: str) -> None:
    await migrate({DEFAULT_HOME: empty})
    async with owner_of(empty) as connection:
        await connection.execute(text(f"UPDATE {schema}.alembic_version SET version_num = '9999'"))
    before = await views_of(empty)
    for refusal in (migrate, refuse_other_version):
        with pytest.raises(DatabaseNewer, match="newer version"):
            await refusal({DEFAULT_HOME: empty})
    assert await views_of(empty) == before


async def test_a_database_that_was_not_prepared_is_refused_by_processes(empty: str) -> None:
    with pytest.raises(DatabaseOlder, match="ismessenger migrate"):
        await refuse_other_version({DEFAULT_HOME: empty})
    await migrate({DEFAULT_HOME: empty})
    await refuse_other_version({DEFAULT_HOME: empty})


@pytest.mark.slow
@pytest.mark.parametrize("command", ["web", "worker", "migrate"])
async def test_no_process_starts_on_a_newer_database(empty: str, servers: Settings, tmp_path: Path, command: str) -> None:
    await migrate({DEFAULT_HOME: empty})
    async with owner_of(empty) as connection:
        await connection.execute(text("UPDATE store.alembic_version SET version_num = '9999'"))
    process = await run(empty, tmp_path, command, redis=servers.redis_url.get_secret_value() if servers.redis_url else "")
    _out, said = await process.communicate()
    assert (process.returncode, "newer version" in said.decode(), "Traceback" in said.decode()) == (1, True, False), said


@pytest.fixture(scope="module")
def fresh() -> Iterator[tuple[EmbeddedPostgres, EmbeddedRedis]]:
    """Servers that have not seen us yet: their roles are to be made, too."""
    with temporary_servers() as running:
        yield running


@pytest.mark.slow
async def test_two_homes_of_a_new_server_can_be_migrated_at_the_same_time(
    fresh: tuple[EmbeddedPostgres, EmbeddedRedis], tmp_path: Path
) -> None:
    postgres, redis = fresh
    urls = [postgres.url, await new_database(postgres.url), await new_database(postgres.url)]
    running = [await run(url, tmp_path, "migrate", redis=redis.url) for url in urls]
    said = [await process.communicate() for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    for url in urls:
        await check_roles(url)
        await refuse_other_version({DEFAULT_HOME: url})


@pytest.mark.slow
async def test_a_role_that_could_go_around_the_views_is_refused(fresh: tuple[EmbeddedPostgres, EmbeddedRedis]) -> None:
    postgres, _redis = fresh
    await migrate({DEFAULT_HOME: postgres.url})
    secret = json.loads((postgres.folder / "passwords.json").read_text())["postgres"]
    superuser = make_url(postgres.url).set(username="postgres", password=secret).render_as_string(hide_password=False)
    powers = {
        "ALTER ROLE ismessenger_app SUPERUSER": "ALTER ROLE ismessenger_app NOSUPERUSER",
        "ALTER ROLE ismessenger_app BYPASSRLS": "ALTER ROLE ismessenger_app NOBYPASSRLS",
        "ALTER TABLE store.contact OWNER TO ismessenger_app": "ALTER TABLE store.contact OWNER TO ismessenger",
        "GRANT USAGE ON SCHEMA store TO ismessenger_app": "REVOKE USAGE ON SCHEMA store FROM ismessenger_app",
        "GRANT CREATE ON SCHEMA app TO ismessenger_app": "REVOKE CREATE ON SCHEMA app FROM ismessenger_app",
    }
    for power, taken in powers.items():
        await check_roles(postgres.url)
        async with owner_of(superuser) as connection:
            await connection.execute(text(power))
            with pytest.raises(TooPowerful, match="workspace isolation"):
                await check_roles(postgres.url)
            await connection.execute(text(taken))
    await check_roles(postgres.url)


async def check_roles(url: str) -> None:
    tenancy = Tenancy({DEFAULT_HOME: url})
    try:
        await tenancy.check_roles()
    finally:
        await tenancy.close()


async def run(url: str, folder: Path, *words: str, redis: str) -> asyncio.subprocess.Process:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ISMESSENGER_")}
    told = {"DATABASE_URL": url, "REDIS_URL": redis, "DATA_DIR": str(folder), "SECRET_KEYS": "a-key-of-the-tests-0123456789"}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ismessenger.cli", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=folder,
        env={**clean, **{f"ISMESSENGER_{name}": value for name, value in told.items()}},
    )


async def test_a_home_is_added_prepared_and_known_and_its_url_is_a_secret(empty: str, servers: Settings) -> None:
    vault = Vault.of(servers)
    home = await new_database(empty)
    await migrate({DEFAULT_HOME: empty})
    await add_home(empty, vault, "asia", home)
    await add_home(empty, vault, "asia", home)
    assert await open_homes(empty, vault) == {"asia": home}
    async with owner_of(empty) as connection:
        sealed = (await connection.execute(text("SELECT url FROM catalog.home"))).scalar_one()
    assert make_url(home).password.encode() not in sealed  # type: ignore[union-attr]
    tenancy = Tenancy({DEFAULT_HOME: empty})
    await learn_homes(tenancy, vault)
    assert list(tenancy.homes) == [DEFAULT_HOME, "asia"]
    async with tenancy.system("asia") as connection:
        assert (await connection.execute(text("SELECT count(*) FROM delivery"))).scalar_one() == 0
    await tenancy.close()


@pytest.mark.parametrize("name", ["default", "", "a b", "../x", "1", "a;b"])
async def test_a_home_needs_a_plain_name_of_its_own(servers: Settings, name: str) -> None:
    with pytest.raises(HomeRefused, match="name of a home"):
        await add_home("postgresql://catalog", Vault.of(servers), name, "postgresql://home")


async def test_a_home_that_does_not_answer_is_refused_in_a_sentence_without_its_password(empty: str, servers: Settings) -> None:
    await migrate({DEFAULT_HOME: empty})
    with pytest.raises(HomeRefused) as refused:
        await add_home(empty, Vault.of(servers), "asia", "postgresql+asyncpg://someone:hunter2@127.0.0.1:1/nothing")
    assert "asia" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert await open_homes(empty, Vault.of(servers)) == {}


@pytest.mark.parametrize(("schema", "folder"), [("catalog", "catalog"), ("store", "workspace")])
def test_the_versions_that_file_names_tell_are_those_that_alembic_finds(schema: str, folder: str) -> None:
    found = [script.revision for script in ScriptDirectory(str(SCRIPTS / folder)).walk_revisions()]
    assert found
    assert known_revisions(schema) == found
