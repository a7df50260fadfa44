"""Brings the databases of an installation to the version of the code."""

from collections.abc import Callable

from ismessenger.kit.crypto import Vault
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.homes import open_homes
from ismessenger.tenancy.migrate import refuse_other_version
from ismessenger.tenancy.roll_out import HomeMigrated, refuse_incomplete, roll_out

Tell = Callable[[str], None]


async def migrate_all(settings: Settings, tell: Tell = lambda _line: None, canary: str | None = None) -> list[HomeMigrated]:
    """Migrate the catalog, the homes of the settings and those added later; what became of each. ``settings`` must name a database."""
    return await roll_out(await homes_of(settings), canary=canary, tell=tell)


async def prepare_all(settings: Settings, tell: Tell = lambda _line: None) -> None:
    """The same for those who need all of them. Raises ``DatabaseNewer``, ``TooPowerful``, ``MigrationIncomplete``."""
    refuse_incomplete(await migrate_all(settings, tell))


async def refuse_unprepared(settings: Settings) -> None:
    """See that all of them are at the version of the code. Raises ``DatabaseNewer``, ``DatabaseOlder``."""
    await refuse_other_version(await homes_of(settings))


async def homes_of(settings: Settings) -> dict[str, str]:
    """Name to URL of every home, the default one first."""
    if settings.database_url is None:
        raise ValueError("The settings name no database.")
    catalog = settings.database_url.get_secret_value()
    homes = {DEFAULT_HOME: catalog} | {name: url.get_secret_value() for name, url in settings.homes.items()}
    return homes | await open_homes(catalog, Vault.of(settings))
