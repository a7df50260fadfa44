"""Databases that hold workspaces: those of the settings, and those added later, whose URLs the catalog keeps encrypted."""

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from ismessenger.kit.crypto import Vault
from ismessenger.tenancy.doors import DEFAULT_HOME, Tenancy
from ismessenger.tenancy.migrate import migrate


class HomeRefused(ValueError):
    """The home cannot be added; the text says why."""


def context_of(name: str) -> str:
    """The sealing context of a home's URL."""
    return f"home/{name}"


async def open_homes(catalog_url: str, vault: Vault) -> dict[str, str]:
    """The homes that were added: name to URL. Empty while the catalog is not migrated yet."""
    engine = create_async_engine(catalog_url, connect_args={"timeout": 10})
    try:
        async with engine.connect() as connection:
            if (await connection.execute(text("SELECT to_regclass('catalog.home')"))).scalar_one() is None:
                return {}
            rows = (await connection.execute(text("SELECT name, url FROM catalog.home"))).all()
    finally:
        await engine.dispose()
    return {name: vault.open(url, context_of(name)).decode() for name, url in rows}


async def learn_homes(tenancy: Tenancy, vault: Vault) -> None:
    """Make the homes that were added since this process started known to it. Raises `TooPowerful`."""
    async with tenancy.catalog() as catalog:
        rows = (await catalog.execute(text("SELECT name, url FROM catalog.home"))).all()
    for name, url in rows:
        if name not in tenancy.homes:
            await tenancy.add(name, vault.open(url, context_of(name)).decode())


async def add_home(catalog_url: str, vault: Vault, name: str, url: str) -> None:
    """Migrate a database and make it known as a home. Adding it again with another URL moves it. Raises `HomeRefused`."""
    if not name.isidentifier() or name == DEFAULT_HOME:
        raise HomeRefused(f"{name!r} cannot be the name of a home: use letters, digits and underscores, and not 'default'.")
    try:
        await migrate({name: url})
    except (OSError, DBAPIError) as error:
        raise HomeRefused(f"The database of home {name!r} cannot be prepared: {str(error).splitlines()[0]}") from error
    engine = create_async_engine(catalog_url)
    try:
        async with engine.begin() as connection:
            await connection.execute(
                text(
                    "INSERT INTO catalog.home (name, url, created_at) VALUES (:name, :url, now())"
                    " ON CONFLICT (name) DO UPDATE SET url = excluded.url"
                ),
                {"name": name, "url": vault.seal(url.encode(), context_of(name))},
            )
    finally:
        await engine.dispose()
