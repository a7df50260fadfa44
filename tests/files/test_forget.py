"""Uploads that were never sent go after a while; what a message holds stays."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from ismessenger.contacts.forget import Order, forget
from ismessenger.contacts.model import Contact
from ismessenger.files.forget import KEPT, forget_unsent
from ismessenger.files.library import take_out
from ismessenger.files.model import StoredFile
from ismessenger.files.store import FileMissing
from ismessenger.kit.clock import now
from ismessenger.messages.model import ScheduledMessage
from tests.conftest import World

DAY = timedelta(days=1)


async def upload(world: World, name: str, age: timedelta, library_at: datetime | None = None) -> str:
    path = f"w/{world.workspace_id}/uploads/{name}"
    await world.installation.files.put(path, b"content")
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add(StoredFile(path=path, name=name, mime="text/plain", size=7, created_at=now() - age, library_at=library_at))
    return path


async def is_kept(world: World, path: str) -> bool:
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        row = (await db.execute(text("SELECT count(*) FROM file WHERE path = :path"), {"path": path})).scalar_one()
    try:
        await world.installation.files.stat(path)
    except FileMissing:
        assert row == 0
        return False
    assert row == 1
    return True


async def attach(world: World, path: str) -> None:
    """A message that holds the file."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        channel = (
            await db.execute(
                text(
                    "INSERT INTO channel (kind, name, route, config, secrets, status, created_at)"
                    " VALUES ('telegram', 'Bot', :path, '{}', '', 'connected', now()) RETURNING id"
                ),
                {"path": path},
            )
        ).scalar_one()
        contact = (
            await db.execute(text("INSERT INTO contact (status, created_at, created_source) VALUES ('open', now(), 'user') RETURNING id"))
        ).scalar_one()
        message = (
            await db.execute(
                text(
                    "INSERT INTO message"
                    " (contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at, created_at)"
                    " VALUES (:contact, :channel, 'outgoing', 'attachment', '{}', '', 'user', 'sent', '{}', now(), now()) RETURNING id"
                ),
                {"contact": contact, "channel": channel},
            )
        ).scalar_one()
        await db.execute(
            text(
                "INSERT INTO attachment (message_id, channel_id, kind, source, state, attempt, due_at, path)"
                " VALUES (:message, :channel, 'file', '{}', 'stored', 0, now(), :path)"
            ),
            {"message": message, "channel": channel, "path": path},
        )


async def test_old_uploads_that_no_message_holds_are_forgotten(world: World) -> None:
    old, young, sent = [await upload(world, name, age) for name, age in (("old", KEPT + DAY), ("young", KEPT - DAY), ("sent", KEPT + DAY))]
    await attach(world, sent)
    assert [await is_kept(world, path) for path in (old, young, sent)] == [True, True, True]
    await forget_unsent(world.installation)
    assert [await is_kept(world, path) for path in (old, young, sent)] == [False, True, True]


@pytest.mark.behaviour(225)
async def test_a_file_of_the_library_stays_until_nothing_holds_it(world: World) -> None:
    paths = [await upload(world, name, KEPT + DAY, now()) for name in ("library", "both", "taken-out")]
    await attach(world, paths[1])
    # The contact who got two of them is erased.
    await forget(world.installation, world.workspace_id, Order(paths=paths[:2], people=[], until=now()))
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        for (file_id,) in (await db.execute(text("SELECT id FROM file WHERE name IN ('both', 'taken-out')"))).all():
            await take_out(db, file_id)
    await forget_unsent(world.installation)
    # Links to it that were sent still work.
    assert [await is_kept(world, path) for path in paths] == [True, True, True]
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE file SET created_at = :old"), {"old": now() - KEPT - DAY})
    await forget_unsent(world.installation)
    assert [await is_kept(world, path) for path in paths] == [True, True, False]


async def test_what_a_scheduled_message_will_send_is_kept(world: World) -> None:
    path = await upload(world, "later", KEPT + DAY)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact = Contact(first_name="Ada")
        db.add(contact)
        await db.flush()
        file_id = (await db.execute(text("SELECT id FROM file"))).scalar_one()
        row = ScheduledMessage(contact_id=contact.id, member_id=1, client_id="c", due_at=now() + DAY, file_ids=[file_id])
        db.add(row)
    await forget_unsent(world.installation)
    assert await is_kept(world, path)
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await db.execute(text("UPDATE scheduled_message SET state = 'cancelled'"))
    await forget_unsent(world.installation)
    assert not await is_kept(world, path)
