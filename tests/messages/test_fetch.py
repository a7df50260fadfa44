"""Where the files of messages are fetched from."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from ismessenger.channels.connect import connect
from ismessenger.messages.fetch import BACK_OFF, fetch
from ismessenger.messages.receive import receive
from ismessenger.messages.reply import Draft, Part, reply
from ismessenger.sdk.content import Media
from tests.conftest import World
from tests.messages.test_receive import wrote
from tests.standins.anything import AnyServer
from tests.standins.server import Answer

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 64
VALUES = {"telegram": {"bot_token": "123456:made-up-token-of-the-tests"}, "website_chat": {}}


@pytest.mark.behaviour(412)
@pytest.mark.parametrize("kind", list(VALUES))
async def test_a_file_that_is_sent_by_its_address_is_fetched_from_there(world: World, kind: str) -> None:
    channel = await connect(world.installation, world.workspace_id, kind, name="Line", values=VALUES[kind], check=False)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await receive(db, channel.channel_id, [wrote("77", "77:1")])
        contact_id = (await db.execute(text("SELECT id FROM contact"))).scalar_one()
    async with AnyServer() as server:
        server.answers["/a.png"] = Answer(PNG, headers={"Content-Type": "image/png"})
        async with world.installation.tenancy.workspace(world.workspace_id) as db:
            draft = Draft([Part(Media(kind="image", url=f"{server.url}/a.png"))])
            await reply(world.installation, db, contact_id, draft, by=world.agent)
            attachment_id = (await db.execute(text("SELECT id FROM attachment"))).scalar_one()
        assert await fetch(world.installation, (world.workspace_id, attachment_id)) == 1
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        stored = (await db.execute(text("SELECT state, file_name, mime, size, reason FROM attachment"))).one()
    assert tuple(stored) == ("stored", "a.png", "image/png", len(PNG), None)


@pytest.mark.behaviour(429)
async def test_a_file_waits_for_our_own_store_however_long_it_is_away(world: World, tmp_path: Path) -> None:
    store = tmp_path / "files"
    installation = replace(world.installation, settings=world.installation.settings.model_copy(update={"data_dir": tmp_path}))
    channel = await connect(installation, world.workspace_id, "website_chat", name="Line", values={}, check=False)
    async with installation.tenancy.workspace(world.workspace_id) as db:
        await receive(db, channel.channel_id, [wrote("77", "77:1")])
        contact_id = (await db.execute(text("SELECT id FROM contact"))).scalar_one()
    async with AnyServer() as server:
        server.answers["/a.png"] = Answer(PNG, headers={"Content-Type": "image/png"})
        async with installation.tenancy.workspace(world.workspace_id) as db:
            await reply(installation, db, contact_id, Draft([Part(Media(kind="image", url=f"{server.url}/a.png"))]), by=world.agent)
            attachment_id = (await db.execute(text("SELECT id FROM attachment"))).scalar_one()
        assert installation.files
        store.rmdir()
        store.write_text("not a folder")
        for _attempt in range(len(BACK_OFF) + 2):
            async with installation.tenancy.workspace(world.workspace_id) as db:
                await db.execute(text("UPDATE attachment SET due_at = now()"))
            assert await fetch(installation, (world.workspace_id, attachment_id)) == 0
        async with installation.tenancy.workspace(world.workspace_id) as db:
            due = "SELECT state, due_at <= now() + interval '2 minutes' FROM attachment"
            assert tuple((await db.execute(text(due))).one()) == ("pending", True)
            await db.execute(text("UPDATE attachment SET due_at = now()"))
        store.unlink()
        store.mkdir()
        assert await fetch(installation, (world.workspace_id, attachment_id)) == 1
    assert await installation.files.size(await _path(world)) == len(PNG)


async def _path(world: World) -> str:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        return str((await db.execute(text("SELECT path FROM attachment"))).scalar_one())


async def test_an_attempt_whose_answer_was_lost_leaves_no_second_file(world: World, tmp_path: Path) -> None:
    installation = replace(world.installation, settings=world.installation.settings.model_copy(update={"data_dir": tmp_path}))
    channel = await connect(installation, world.workspace_id, "website_chat", name="Line", values={}, check=False)
    async with installation.tenancy.workspace(world.workspace_id) as db:
        await receive(db, channel.channel_id, [wrote("77", "77:1")])
        contact_id = (await db.execute(text("SELECT id FROM contact"))).scalar_one()
    async with AnyServer() as server:
        server.answers["/a.png"] = Answer(PNG, headers={"Content-Type": "image/png"})
        async with installation.tenancy.workspace(world.workspace_id) as db:
            await reply(installation, db, contact_id, Draft([Part(Media(kind="image", url=f"{server.url}/a.png"))]), by=world.agent)
            attachment_id = (await db.execute(text("SELECT id FROM attachment"))).scalar_one()
        for _attempt in range(2):
            async with installation.tenancy.workspace(world.workspace_id) as db:
                await db.execute(text("UPDATE attachment SET state = 'pending', due_at = now()"))
            assert await fetch(installation, (world.workspace_id, attachment_id)) == 1
    assert [key async for key in installation.files.listed()] == [await _path(world)]
