"""A backup holds everything, and brings it back anywhere."""

import tempfile
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from ismessenger.accounts.passwords import verify_password
from ismessenger.backups.calm import REASON
from ismessenger.backups.restore import open_backup, restore_backup
from ismessenger.backups.take import take_backup
from ismessenger.channels.route import load_target
from ismessenger.demo.seed import PASSWORD
from ismessenger.embedded import EmbeddedPostgres, ServerTrouble, cluster
from ismessenger.embedded.binaries import postgres_programs
from ismessenger.embedded.user import server_user
from ismessenger.installation import open_installation
from ismessenger.kit.crypto import keys_in
from ismessenger.settings import Settings
from ismessenger.tenancy.owner import owner
from ismessenger.tenancy.state import state_of
from ismessenger.upgrade import homes_of
from tests.backups.conftest import FILE, PASSPHRASE, counts_of, quiet
from tests.files.conftest import BUCKET


@pytest.mark.behaviour(140)
async def test_the_demo_shop_moves_from_embedded_servers_to_a_url_and_back(shop: Settings, place: Settings, tmp_path: Path) -> None:
    before = await counts_of(shop)
    assert before["default/store.message"] > 100
    taken = await take_backup(shop, tmp_path / "shop.backup", PASSPHRASE, quiet)
    assert (taken.files, taken.unopened) == (1, [])
    restored = await restore_backup(place, open_backup(tmp_path / "shop.backup", PASSPHRASE), homes={}, replace=False, say=quiet)
    assert (restored.files, restored.unopened) == (taken.files, [])
    assert await counts_of(place) == before
    await check_life(place)
    # Once more, over what is there.
    again = await take_backup(place, tmp_path / "again.backup", PASSPHRASE, quiet)
    await restore_backup(shop, open_backup(tmp_path / "again.backup", PASSPHRASE), homes={}, replace=True, say=quiet)
    assert (again.files, await counts_of(shop)) == (taken.files, before)
    await check_life(shop)


async def check_life(settings: Settings) -> None:
    """A credential opens, a file can be read, somebody can sign in, and a new row gets a number of its own."""
    assert len(keys_in(settings.data_dir)) >= 1
    async with open_installation(settings) as installation:
        async with installation.tenancy.catalog() as catalog:
            workspace_id = (await catalog.execute(text("SELECT id FROM catalog.workspace"))).scalar_one()
            stored = (
                await catalog.execute(text("SELECT password_hash FROM catalog.account WHERE email = 'olivia@pedal.example'"))
            ).scalar_one()
        assert await verify_password(stored, PASSWORD)
        async with installation.tenancy.workspace(workspace_id) as db:
            channels = (await db.execute(text("SELECT id FROM channel"))).scalars().all()
            path = (await db.execute(text("SELECT path FROM file"))).scalar_one()
            await db.execute(text("INSERT INTO team (name, description, created_at) VALUES ('new', '', now())"))
            await db.rollback()
        assert all([await load_target(installation, workspace_id, id_) for id_ in channels])
        assert b"".join([piece async for piece in installation.files.read(path)]) == FILE


async def test_a_reply_that_waited_in_the_backup_is_not_sent_by_itself(shop: Settings, place: Settings, tmp_path: Path) -> None:
    (url,) = (await homes_of(shop)).values()
    async with owner(url) as connection:
        message = (
            await connection.execute(text("SELECT id FROM store.message WHERE traffic = 'outgoing' ORDER BY id LIMIT 1"))
        ).scalar_one()
        await connection.execute(text("UPDATE store.message SET status = 'queued' WHERE id = :id"), {"id": message})
        await connection.execute(text("DELETE FROM store.delivery WHERE message_id = :id"), {"id": message})
        await connection.execute(
            text(
                "INSERT INTO store.delivery (workspace_id, message_id, channel_id, contact_channel_id, lane, state, due_at, created_at)"
                " SELECT workspace_id, id, channel_id, 0, 'replies', 'due', now(), now() FROM store.message WHERE id = :id"
            ),
            {"id": message},
        )
    await take_backup(shop, tmp_path / "b", PASSPHRASE, quiet)
    restored = await restore_backup(place, open_backup(tmp_path / "b", PASSPHRASE), homes={}, replace=False, say=quiet)
    assert restored.unconfirmed == 1
    (there,) = (await homes_of(place)).values()
    async with owner(there) as connection:
        row = (await connection.execute(text("SELECT status, status_reason FROM store.message WHERE id = :id"), {"id": message})).one()
        assert tuple(row) == ("sending", REASON)
        assert (await connection.execute(text("SELECT count(*) FROM store.delivery WHERE state IN ('due', 'leased')"))).scalar_one() == 0


async def test_a_backup_goes_into_an_older_postgresql(shop: Settings, place: Settings, tmp_path: Path) -> None:
    try:
        programs = postgres_programs(15)
    except ServerTrouble:
        pytest.skip("this machine has no PostgreSQL 15")
    await take_backup(shop, tmp_path / "b", PASSPHRASE, quiet)
    with tempfile.TemporaryDirectory(prefix="ism-older-") as folder:
        Path(folder).chmod(0o711)
        cluster.create(Path(folder) / "cluster", Path(folder), programs, server_user())
        with EmbeddedPostgres(Path(folder)) as older:
            there = place.model_copy(update={"database_url": SecretStr(older.url)})
            await restore_backup(there, open_backup(tmp_path / "b", PASSPHRASE), homes={}, replace=False, say=quiet)
            assert (await state_of(older.url)).major == 15
            assert (await counts_of(there))["default/store.message"] > 100
            await check_life(there)


async def test_files_go_from_a_folder_to_a_bucket(shop: Settings, place: Settings, tmp_path: Path, s3_endpoint: str) -> None:
    await take_backup(shop, tmp_path / "b", PASSPHRASE, quiet)
    bucket = {"files_url": f"s3://{BUCKET}/backup", "files_s3_endpoint": s3_endpoint}
    keys = {"files_s3_access_key": SecretStr("access"), "files_s3_secret_key": SecretStr("secret")}
    there = place.model_copy(update=bucket | keys)
    await restore_backup(there, open_backup(tmp_path / "b", PASSPHRASE), homes={}, replace=False, say=quiet)
    await check_life(there)
    again = await take_backup(there, tmp_path / "again", PASSPHRASE, quiet)
    assert again.files == 1
