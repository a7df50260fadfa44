"""Everything that can be wrong with a backup, or with where it shall go, is found before anything is touched."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from ismessenger.backups.form import About, BackupRefused, HomeCopy, Keys
from ismessenger.backups.restore import RestoreFailed, open_backup, restore_backup, undo_restore
from ismessenger.backups.take import take_backup
from ismessenger.backups.target import target_of
from ismessenger.embedded.dumping import DumpFailed, dump_programs
from ismessenger.embedded.trouble import ServerTrouble
from ismessenger.installation import open_installation
from ismessenger.kit.bundle import BundleRefused
from ismessenger.kit.crypto import keys_in
from ismessenger.settings import Settings
from ismessenger.tenancy.aside import put_aside
from ismessenger.tenancy.owner import owner
from ismessenger.upgrade import homes_of, prepare_all
from tests.backups.conftest import PASSPHRASE, counts_of, is_untouched, quiet
from tests.tenancy.test_migrations import new_database


@pytest.fixture(scope="session")
async def backup(shop: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backup") / "shop.backup"
    await take_backup(shop, path, PASSPHRASE, quiet)
    return path


async def restore(place: Settings, path: Path, passphrase: str = PASSPHRASE, *, replace: bool = False, **homes: str) -> None:
    await restore_backup(place, open_backup(path, passphrase), homes=homes, replace=replace, say=quiet)


@pytest.mark.behaviour(141)
@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_backup_that_was_cut_off_is_not_even_opened(backup: Path, tmp_path: Path, share: float) -> None:
    whole = backup.read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BundleRefused, match=r"is damaged: it ends too early|is no backup"):
        open_backup(tmp_path / "cut", PASSPHRASE)


@pytest.mark.behaviour(141)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_flipped_byte_is_found(backup: Path, tmp_path: Path, share: float) -> None:
    whole = bytearray(backup.read_bytes())
    whole[int(len(whole) * share)] ^= 4
    (tmp_path / "flipped").write_bytes(whole)
    with pytest.raises(BundleRefused, match=r"is damaged|is no backup"):
        open_backup(tmp_path / "flipped", PASSPHRASE)


@pytest.mark.behaviour(141)
def test_a_wrong_passphrase_is_refused(backup: Path) -> None:
    assert open_backup(backup, PASSPHRASE).about.homes
    with pytest.raises(BackupRefused, match="passphrase does not open this file"):
        open_backup(backup, "another long passphrase")


@pytest.mark.slow
@pytest.mark.behaviour(141)
def test_the_command_leaves_no_trace_of_a_backup_that_is_no_good(backup: Path, tmp_path: Path) -> None:
    (tmp_path / "cut").write_bytes(backup.read_bytes()[:60_000])
    environment = {"ISMESSENGER_DATA_DIR": str(tmp_path / "data"), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "ismessenger.cli", "restore", "cut", "--passphrase", PASSPHRASE]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith("cut is damaged: it ends too early")
    assert [path.name for path in tmp_path.iterdir()] == ["cut"]


async def test_a_passphrase_that_is_too_short_is_refused_before_the_work(shop: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="at least 12 characters"):
        await take_backup(shop, tmp_path / "b", "short", quiet)
    assert list(tmp_path.iterdir()) == []


async def test_a_backup_of_a_newer_version_is_refused(place: Settings) -> None:
    copy = HomeCopy(name="default", part="database-0", server=18, revisions={"catalog": "9999"})
    about = About(version="9.1", taken_at="", dumped_with=18, homes=[copy])
    with pytest.raises(BackupRefused, match=r"taken with IS-Messenger 9\.1, which is newer"):
        await target_of(place, about, Keys(keys=["a-key"], needed=[]), {}, replace=False)


@pytest.mark.behaviour(142)
async def test_an_installation_that_holds_something_is_left_alone_unless_told_otherwise(backup: Path, place: Settings) -> None:
    await prepare_all(place)
    (url,) = (await homes_of(place)).values()
    async with owner(url) as connection:
        await connection.execute(text("INSERT INTO catalog.organization (name, logo, created_at) VALUES ('mine', '', now())"))
    before = await counts_of(place)
    with pytest.raises(BackupRefused, match="Home default is not empty: give --replace"):
        await restore(place, backup)
    assert await counts_of(place) == before
    old = keys_in(place.data_dir)
    await restore(place, backup, replace=True)
    assert (await counts_of(place))["default/store.message"] > 100
    assert set(old) < set(keys_in(place.data_dir))


async def test_running_processes_must_be_stopped_first(backup: Path, place: Settings) -> None:
    await prepare_all(place)
    async with open_installation(place):
        with pytest.raises(BackupRefused, match="Web or worker processes are connected to home default: stop them first"):
            await restore(place, backup)
    await restore(place, backup)


async def test_keys_of_the_settings_must_open_what_comes(backup: Path, place: Settings, shop: Settings) -> None:
    foreign = place.model_copy(update={"secret_keys": [SecretStr("another-key-of-the-tests")]})
    with pytest.raises(BackupRefused, match="ISMESSENGER_SECRET_KEYS lacks 1 of the keys"):
        await restore(foreign, backup)
    assert await is_untouched(place)
    right = place.model_copy(update={"secret_keys": [SecretStr("another-key-of-the-tests"), *map(SecretStr, keys_in(shop.data_dir))]})
    await restore(right, backup)
    assert keys_in(place.data_dir) == []


@pytest.mark.behaviour(142)
async def test_a_restore_that_fails_half_way_brings_back_what_was_there(backup: Path, place: Settings, shop: Settings) -> None:
    await restore(place, backup)
    before, keys = await counts_of(place), keys_in(place.data_dir)
    (url,) = (await homes_of(place)).values()
    (place.data_dir / "files" / "w").rename(place.data_dir / "files" / "moved")
    (place.data_dir / "files" / "w").write_text("a file where a folder must be")
    with pytest.raises(RestoreFailed, match="everything is as it was before"):
        await restore(place, backup, replace=True)
    assert (await counts_of(place), keys_in(place.data_dir)) == (before, keys)
    async with owner(url) as connection:
        schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE '%before_restore'"
        assert (await connection.execute(text(schemas))).scalar_one() == 0


@pytest.mark.slow
@pytest.mark.behaviour(142)
async def test_a_restore_that_is_told_to_stop_clears_up(backup: Path, place: Settings, tmp_path: Path) -> None:
    await restore(place, backup)
    before, url = await counts_of(place), place.database_url.get_secret_value() if place.database_url else ""
    redis = place.redis_url.get_secret_value() if place.redis_url else ""
    told = {"DATABASE_URL": url, "REDIS_URL": redis, "DATA_DIR": str(place.data_dir)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ismessenger.cli", "restore", str(backup), "--replace", "--passphrase", PASSPHRASE),
        stderr=asyncio.subprocess.PIPE, cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **{f"ISMESSENGER_{name}": value for name, value in told.items()}},
    )  # fmt: skip
    assert process.stderr is not None
    while b"Restoring the database" not in (line := await process.stderr.readline()):
        assert line
    process.send_signal(signal.SIGTERM)
    said = await process.stderr.read()
    assert (await process.wait(), b"Traceback" in said) == (130, False), said
    assert await counts_of(place) == before
    assert await undo_restore(place) == []


async def test_what_an_interrupted_restore_put_aside_is_brought_back_when_asked(backup: Path, place: Settings) -> None:
    await restore(place, backup)
    before = await counts_of(place)
    (url,) = (await homes_of(place)).values()
    await put_aside(url)
    with pytest.raises(BackupRefused, match="restore --undo"):
        await restore(place, backup)
    assert await undo_restore(place) == ["default"]
    assert await counts_of(place) == before
    assert await undo_restore(place) == []


async def test_a_home_of_its_own_goes_where_the_operator_says(shop: Settings, place: Settings, tmp_path: Path, elsewhere: str) -> None:
    (url,) = (await homes_of(shop)).values()
    eu = await new_database(url)
    two = shop.model_copy(update={"homes": {"eu": SecretStr(eu)}})
    await prepare_all(two)
    await take_backup(two, tmp_path / "two", PASSPHRASE, quiet)
    with pytest.raises(BackupRefused, match="holds home eu: say where it shall go with --home eu="):
        await restore(place, tmp_path / "two")
    same = place.database_url.get_secret_value() if place.database_url else ""
    with pytest.raises(BackupRefused, match="cannot share a database"):
        await restore(place, tmp_path / "two", eu=same)
    with pytest.raises(BackupRefused, match="holds no home 'us'"):
        await restore(place, tmp_path / "two", eu=eu, us=eu)
    there = await new_database(elsewhere)
    await restore(place, tmp_path / "two", eu=there)
    assert (await homes_of(place))["eu"] == there


async def test_nothing_to_back_up_is_said(place: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no installation to back up"):
        await take_backup(place, tmp_path / "b", PASSPHRASE, quiet)
    keyed = place.model_copy(update={"secret_keys": [SecretStr("a-key-of-the-tests-0123456789")]})
    with pytest.raises(BackupRefused, match="the database is empty"):
        await take_backup(keyed, tmp_path / "b", PASSPHRASE, quiet)
    assert list(tmp_path.iterdir()) == []


async def test_a_home_that_is_away_or_not_prepared_is_said(shop: Settings, tmp_path: Path) -> None:
    (url,) = (await homes_of(shop)).values()
    for there, words in ((await new_database(url), "Home eu is not prepared"), (url + "x", "The database of home eu does not answer")):
        two = shop.model_copy(update={"homes": {"eu": SecretStr(there)}})
        with pytest.raises(BackupRefused, match=words):
            await take_backup(two, tmp_path / "b", PASSPHRASE, quiet)
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_that_is_not_there_is_said(shop: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="cannot be written: No such file or directory"):
        await take_backup(shop, tmp_path / "no" / "b", PASSPHRASE, quiet)


async def test_no_fitting_programs_and_a_database_that_refuses_are_said() -> None:
    with pytest.raises(ServerTrouble, match=r"of PostgreSQL 99 or newer are needed and this machine has those"):
        dump_programs(99)
    with pytest.raises(DumpFailed, match="pg_dump failed: "):
        async for _chunk in dump_programs(15).dump("postgresql+asyncpg://nobody:hunter2@127.0.0.1:1/nothing", ("store",)):
            pass
