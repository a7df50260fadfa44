"""One PostgreSQL and one Redis per test process, both real; every test gets workspaces of its own in them."""

import asyncio
import itertools
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings as examples
from pydantic import SecretStr
from redis.exceptions import RedisError
from sqlalchemy import make_url, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.accounts.join import join_workspace
from ismessenger.accounts.model import Member
from ismessenger.accounts.passwords import hash_password
from ismessenger.embedded import EmbeddedPostgres, EmbeddedRedis, temporary_servers
from ismessenger.installation import Installation, open_installation
from ismessenger.jobs.worker import Lanes
from ismessenger.kit.clock import now
from ismessenger.settings import Settings
from ismessenger.tenancy.catalog import Account
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.migrate import TODO_TABLES, migrate
from ismessenger.web import ratelimit
from ismessenger.workspaces.create import create_workspace

# The same examples everywhere: what passes here passes there.
examples.register_profile("steady", deadline=None, database=None, derandomize=True)
examples.load_profile("steady")

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class World:
    """A workspace with one member of each role. All members sign in with `PASSWORD`."""

    installation: Installation
    workspace_id: int
    slug: str
    owner: Member
    manager: Member
    agent: Member


@contextmanager
def quick_servers() -> Iterator[tuple[EmbeddedPostgres, EmbeddedRedis]]:
    """Real servers that wait for no disk: what a test wrote need not survive a power failure of the machine, only of a process."""
    with temporary_servers() as (postgres, redis):
        with (postgres.folder / "cluster" / "postgresql.conf").open("a") as configuration:
            configuration.write("fsync = off\nfull_page_writes = off\n")
        os.kill(postgres.pid, signal.SIGHUP)
        yield postgres, redis


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why tests had to be repeated; their names alone tell nobody."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.write_sep("_", f"repeated: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings that name running servers with two homes, not yet migrated."""
    data = tmp_path_factory.mktemp("data")
    with quick_servers() as (postgres, redis):
        yield Settings(
            _env_file=None,
            data_dir=Path(data),
            database_url=postgres.url,
            homes={"eu": postgres.database_url("eu")},
            redis_url=redis.url,
            allowed_private_networks="127.0.0.0/8",
            meta_app_secret="meta-app-secret",
            meta_verify_token="meta-verify-token",
            secret_keys="a-key-of-the-tests-0123456789",
        )


@pytest.fixture(scope="session")
async def installation(servers: Settings) -> AsyncIterator[Installation]:
    """An open installation with migrated homes ``default`` and ``eu``."""
    homes = urls_of(servers)
    await _create_database(homes[DEFAULT_HOME], "eu")
    await migrate(homes)
    async with open_installation(servers) as opened:
        yield opened


def urls_of(settings: Settings) -> dict[str, str]:
    """Where each home is."""
    assert settings.database_url is not None
    return {name: url.get_secret_value() for name, url in {DEFAULT_HOME: settings.database_url, **settings.homes}.items()}


@cache
def _hashing() -> asyncio.Task[str]:
    return asyncio.ensure_future(hash_password(PASSWORD))


async def _hashed() -> str:
    """The password's hash, made once: a real one takes most of a second."""
    return await _hashing()


async def _create_database(url: str, name: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    await engine.dispose()


async def apart(servers: Settings, name: str, redis: EmbeddedRedis) -> Settings:
    """Settings with a database and a Redis of their own, for a product that works as long as the test process.

    Its lanes would do what other tests leave undone on purpose, and find or miss what stories made.
    """
    assert servers.database_url is not None
    url = make_url(servers.database_url.get_secret_value())
    await _create_database(url.render_as_string(hide_password=False), name)
    own = url.set(database=name).render_as_string(hide_password=False)
    await migrate({DEFAULT_HOME: own})
    return servers.model_copy(update={"database_url": SecretStr(own), "homes": {}, "redis_url": SecretStr(redis.url)})


async def forget_work(installation: Installation) -> None:
    """Take away what earlier tests left to be done, before a test runs the lanes over all workspaces."""
    for url in urls_of(installation.settings).values():
        engine = create_async_engine(url)
        async with engine.begin() as connection:
            for table in TODO_TABLES:
                await connection.execute(text(f"DELETE FROM store.{table}"))
        await engine.dispose()


@pytest.fixture
def dry_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever counts until they are refused: however slow the machine is, no token comes back, and Redis is asked each time."""
    monkeypatch.setattr(ratelimit.Limit, "per_second", 1e-6)
    monkeypatch.setattr(ratelimit, "PATIENCE_SECONDS", 60.0)


@pytest.fixture
async def lanes(installation: Installation) -> AsyncIterator[Lanes]:
    """The worker's lanes, running."""
    await forget_work(installation)
    async with at_work(installation) as running:
        yield running


@asynccontextmanager
async def at_work(installation: Installation) -> AsyncIterator[Lanes]:
    """The worker's lanes run until the block ends; then they are rung, for each would listen for the rest of its second."""
    stop = asyncio.Event()
    running = Lanes(installation)
    task = asyncio.create_task(running.run(stop))
    yield running
    stop.set()
    with suppress(RedisError):
        await installation.publisher.ring(lane.name for lane in running.all)
    await task


@pytest.fixture
async def world(installation: Installation) -> World:
    """A new workspace in the default home."""
    return await make_world(installation)


async def make_world(installation: Installation, home: str = DEFAULT_HOME) -> World:
    """A new workspace with an owner, a manager and an agent."""
    number = next(_numbers)
    hashed = await _hashed()
    async with installation.tenancy.catalog() as catalog:
        for role in ("owner", "manager", "agent"):
            catalog.add(Account(email=f"{role}{number}@example.com", name=role.title(), password_hash=hashed, email_verified_at=now()))
    created = await create_workspace(
        installation,
        name=f"Shop {number}",
        owner_email=f"owner{number}@example.com",
        owner_password=PASSWORD,
        owner_name="Olga Owner",
        home=home,
    )
    members = {
        role: await join_workspace(
            installation,
            created.workspace_id,
            email=f"{role}{number}@example.com",
            password=PASSWORD,
            name=f"{role.title()} {number}",
            role=role,
        )
        for role in ("owner", "manager", "agent")
    }
    await _send_at_once(installation, created.workspace_id, list(members.values()))
    return World(installation, created.workspace_id, created.slug, **members)


async def _send_at_once(installation: Installation, workspace_id: int, members: list[Member]) -> None:
    """What the members of a world write need not wait for the time in which it could be taken back."""
    async with installation.tenancy.workspace(workspace_id) as db:
        await db.execute(update(Member).values(undo_send=False))
    for member in members:
        member.undo_send = False
