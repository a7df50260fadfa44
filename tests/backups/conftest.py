import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ismessenger.demo.seed import seed_demo
from ismessenger.files.model import StoredFile
from ismessenger.installation import open_installation
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import workspace_key
from ismessenger.tenancy.owner import owner
from ismessenger.tenancy.state import state_of
from ismessenger.upgrade import homes_of, prepare_all
from tests.conftest import quick_servers
from tests.files.conftest import s3_endpoint  # noqa: F401 - a fixture
from tests.tenancy.test_migrations import new_database

PASSPHRASE = "a passphrase of the tests"
FILE = bytes(range(256)) * 9000


def quiet(_line: str) -> None: ...


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """An installation of its own with the demo shop in it, whose keys lie in its data folder."""
    folder = tmp_path_factory.mktemp("shop")
    with quick_servers() as (postgres, redis):
        settings = Settings(_env_file=None, data_dir=folder, database_url=postgres.url, redis_url=redis.url)
        asyncio.run(_fill(settings))
        yield settings


async def _fill(settings: Settings) -> None:
    await prepare_all(settings)
    await seed_demo(settings)
    async with open_installation(settings) as installation:
        async with installation.tenancy.catalog() as catalog:
            workspace_id = (await catalog.execute(text("SELECT id FROM catalog.workspace"))).scalar_one()
        path = workspace_key(workspace_id, "uploads", "0123")
        await installation.files.put(path, FILE)
        async with installation.tenancy.workspace(workspace_id) as db:
            db.add(StoredFile(path=path, name="plan.pdf", mime="application/pdf", size=len(FILE)))


@pytest.fixture(scope="session")
def elsewhere() -> Iterator[str]:
    """The URL of another PostgreSQL server."""
    with quick_servers() as (postgres, _redis):
        yield postgres.url


@pytest.fixture
async def place(elsewhere: str, shop: Settings, tmp_path: Path) -> Settings:
    """An empty installation on that other server, which is given by its URL."""
    return Settings(_env_file=None, data_dir=tmp_path / "data", database_url=await new_database(elsewhere), redis_url=shop.redis_url)


async def counts_of(settings: Settings) -> dict[str, int]:
    """How many rows every table of every home has."""
    found = {}
    for home, url in (await homes_of(settings)).items():
        async with owner(url) as connection:
            names = await connection.execute(
                text("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('catalog', 'store') ORDER BY 1")
            )
            for name in names.scalars().all():
                found[f"{home}/{name}"] = (await connection.execute(text(f"SELECT count(*) FROM {name}"))).scalar_one()
    return found


async def is_untouched(settings: Settings) -> bool:
    """Whether an empty installation is as empty as before, keys and files included."""
    assert settings.database_url is not None
    left = list(settings.data_dir.rglob("*")) if settings.data_dir.exists() else []
    return (await state_of(settings.database_url.get_secret_value())).revisions == {} and [path for path in left if path.is_file()] == []
