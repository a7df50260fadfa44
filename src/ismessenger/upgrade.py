"""Brings the databases of an installation to the version of the code."""

from collections.abc import Callable

from ismessenger.kit.crypto import Vault
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.homes import open_homes
from ismessenger.tenancy.migrate import migrate, refuse_other_version


async def migrate_all(settings: Settings, tell: Callable[[str], None] = lambda _line: None) -> None:
    """Migrate the catalog, the homes of the settings and those added later. Raises ``DatabaseNewer``; ``settings`` must name a database."""
    await migrate(await _homes_of(settings), tell)


async def refuse_unprepared(settings: Settings) -> None:
    """See that all of them are at the version of the code. Raises ``DatabaseNewer``, ``DatabaseOlder``."""
    await refuse_other_version(await _homes_of(settings))


async def _homes_of(settings: Settings) -> dict[str, str]:
    if settings.database_url is None:
        raise ValueError("The settings name no database.")
    catalog = settings.database_url.get_secret_value()
    homes = {DEFAULT_HOME: catalog} | {name: url.get_secret_value() for name, url in settings.homes.items()}
    return homes | await open_homes(catalog, Vault.of(settings))
