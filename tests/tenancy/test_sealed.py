"""Keys can be changed while everything runs: every sealed column is known, and all of them are sealed anew."""

from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, text

from ismessenger.channels.connect import connect
from ismessenger.channels.route import load_target
from ismessenger.installation import Installation, open_installation
from ismessenger.kit.crypto import SealBroken, Vault, key_id, keys_in, new_key, write_keys
from ismessenger.settings import Settings
from ismessenger.tenancy import sealed as sealed_columns
from ismessenger.tenancy.doors import DEFAULT_HOME
from ismessenger.tenancy.homes import add_home, open_homes
from ismessenger.tenancy.migrate import migrate
from ismessenger.tenancy.owner import owner
from ismessenger.tenancy.schema import catalog_metadata, workspace_metadata
from ismessenger.tenancy.sealed import NOT_SEALED, SEALED, reseal, survey
from tests.conftest import World, make_world
from tests.tenancy.test_migrations import new_database


def test_every_column_of_bytes_is_known_as_sealed_or_not() -> None:
    tables = [*catalog_metadata.sorted_tables, *workspace_metadata.sorted_tables]
    found = {f"{table.name}.{column.name}" for table in tables for column in table.columns if isinstance(column.type, LargeBinary)}
    assert found == NOT_SEALED | {f"{sealed.table.partition('.')[2]}.{sealed.column}" for sealed in SEALED}


async def place(installation: Installation, folder: Path) -> Settings:
    """A prepared installation of its own whose key lies in a folder."""
    assert installation.settings.database_url is not None
    url = await new_database(installation.settings.database_url.get_secret_value())
    await migrate({DEFAULT_HOME: url})
    return Settings(_env_file=None, data_dir=folder, database_url=url, redis_url=installation.settings.redis_url)


@pytest.mark.behaviour(148)
async def test_rotating_and_resealing_leaves_everything_readable_with_the_new_key_alone(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_columns, "BATCH", 2)  # several batches
    settings = await place(installation, tmp_path)
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    async with open_installation(settings) as running:
        await add_home(url, running.vault, "eu", await new_database(url))
        world = await make_world(running)
        channels = [await join(running, world, number) for number in range(5)]
        secret = running.vault.seal(b"JBSWY3DPEHPK3PXP", f"totp/{world.owner.account_id}")
        async with owner(url) as connection:
            statement = text("UPDATE catalog.account SET totp_secret = :secret WHERE id = :id")
            await connection.execute(statement, {"secret": secret, "id": world.owner.account_id})
        old = keys_in(tmp_path)
        write_keys(tmp_path, [new_key(), *old])
        vault = Vault.of(settings)
        homes = {DEFAULT_HOME: url} | await open_homes(url, vault)
        assert (await survey(homes, vault)).by_key == {key_id(old[0]).hex(): 7}
        first = await reseal(homes, vault)
        assert (first.resealed, first.broken) == (7, [])
        # The process that runs with the old key alone looks the new one up.
        assert all([await load_target(running, world.workspace_id, id_) for id_ in channels])
        assert (await reseal(homes, vault)).resealed == 0
        alone = Vault(keys_in(tmp_path)[:1])
        found = await survey(homes, alone)
        assert (found.by_key, found.broken) == ({alone.key_ids[0]: 7}, [])


async def join(installation: Installation, world: World, number: int) -> int:
    values = {"id_type": "custom", "api_base_url": "https://their.example"}
    return (await connect(installation, world.workspace_id, "custom_channel", name=f"C{number}", values=values)).channel_id


async def test_what_no_key_opens_is_named_and_left_as_it_is(installation: Installation, tmp_path: Path) -> None:
    settings = await place(installation, tmp_path)
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    async with open_installation(settings) as running:
        world = await make_world(running)
        await join(running, world, 1)
    stranger = Vault(["another-key-of-the-tests-0123456789"])
    found = await reseal({DEFAULT_HOME: url}, stranger)
    assert found.broken == [f"channel C1 (custom_channel) of workspace {world.workspace_id}"]
    assert found.resealed == 0
    assert (await survey({DEFAULT_HOME: url}, Vault.of(settings))).broken == []


def test_a_key_that_was_added_is_found_and_one_that_was_not_is_refused(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    running = Vault.of(settings)
    write_keys(tmp_path, [new_key(), *keys_in(tmp_path)])
    newer = Vault.of(settings)
    assert running.open(newer.seal(b"x", "y"), "y") == b"x"
    assert running.unsign(newer.sign("x", "y"), "y") == "x"
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    assert newer.key_ids[0] != running.key_ids[0]
    assert set(newer.key_ids) == set(running.key_ids)
    with pytest.raises(SealBroken):
        running.open(Vault(["another-key-of-the-tests-0123456789"]).seal(b"x", "y"), "y")
