"""What workflows keep sealed, and what they were asking, on its way from one installation to another."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from ismessenger.automation.call import Caller
from ismessenger.automation.connections import connect, list_connections, opened
from ismessenger.automation.define import Naming, add_workflow
from ismessenger.automation.secrets import add_secret, list_secrets, open_secrets
from ismessenger.workspaces.take_in import LOST_CONNECTION, UNASKED, import_workspace
from tests.automation.outside import Outside
from tests.conftest import World, forget_work
from tests.standins.anything import AnyServer
from tests.standins.google_sheets import GoogleSheetsServer
from tests.workspaces.test_transfer import PASSPHRASE, export
from workflows.definition import Definition, parse

VALUE = "opensesame-42"


@pytest.fixture
async def outside(world: World) -> AsyncIterator[Outside]:
    """A workspace with a secret, a connection, and a run that asks something."""
    asking = await Outside(world.installation, world.workspace_id).begin()
    integration = world.installation.plugins.integrations["google_sheets"]
    config = integration.Config.model_validate({"service_account": GoogleSheetsServer().key_file})
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await add_secret(db, world.installation.vault, "KEY", VALUE, by_id=None)
        await connect(db, world.installation.vault, integration, "Books", config, by_id=None)
    yield asking
    await forget_work(world.installation)


@pytest.mark.behaviour(143)
async def test_secrets_and_connections_travel_under_the_passphrase_only(outside: Outside, world: World, tmp_path: Path) -> None:
    path = tmp_path / "shop.tar"
    await export(world, path, PASSPHRASE)
    assert VALUE.encode() not in path.read_bytes()
    made = await import_workspace(world.installation, path, PASSPHRASE, name="Copy")
    async with world.installation.tenancy.reading(made.workspace_id) as db:
        assert (await open_secrets(db, world.installation.vault, ["key"])).values == {"key": VALUE}
        (row,) = await list_connections(db)
        assert "PRIVATE KEY" in opened(world.installation.plugins, world.installation.vault, row).config.service_account.get_secret_value()  # type: ignore[attr-defined]
    bare = await import_workspace(world.installation, path, None, name="Bare")
    async with world.installation.tenancy.reading(bare.workspace_id) as db:
        assert await list_secrets(db) == []
        (row,) = await list_connections(db)
        assert (row.secrets, row.error) == (None, LOST_CONNECTION)


@pytest.mark.behaviour(331)
async def test_what_a_run_was_asking_is_not_asked_by_the_copy_and_its_run_hears_so(outside: Outside, world: World, tmp_path: Path) -> None:
    async with AnyServer() as server:
        await outside.call(url=server.url)
        path = tmp_path / "shop.tar"
        await export(world, path, None)
        made = await import_workspace(world.installation, path, None, name="Copy")
        caller = Caller(world.installation)
        await caller.work((made.workspace_id, 0))
        await caller.finish()
        assert server.requests == []
    async with world.installation.tenancy.reading(made.workspace_id) as db:
        (told,) = (await db.execute(text("SELECT payload FROM workflow_signal WHERE kind = 'result'"))).scalars()
    assert (told["ok"], told["reason"]) == (False, UNASKED)


@pytest.mark.behaviour(143)
async def test_the_address_of_an_incoming_webhook_stays_behind_and_the_copy_has_one_of_its_own(world: World, tmp_path: Path) -> None:
    hooked = parse({"trigger": {"kind": "webhook"}, "steps": []})
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        kept = (await add_workflow(db, Naming("Orders"), hooked, most=10, by=None)).hook_secret
        await add_workflow(db, Naming("Welcome"), Definition(), most=10, by=None)
    assert kept
    path = tmp_path / "shop.tar"
    await export(world, path, PASSPHRASE)
    assert kept.encode() not in path.read_bytes()
    made = await import_workspace(world.installation, path, PASSPHRASE, name="Copy")
    async with world.installation.tenancy.reading(made.workspace_id) as db:
        secrets = {row.name: row.hook_secret for row in await db.execute(text("SELECT name, hook_secret FROM workflow"))}
    assert secrets["Welcome"] is None
    assert len(secrets["Orders"]) == len(kept)
    assert secrets["Orders"] != kept
    assert made.new_webhooks == ["Orders"]
