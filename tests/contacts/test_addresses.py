"""Where a contact can be reached, and taking one of its addresses away."""

import pytest
from sqlalchemy import text

from ismessenger.channels.connect import connect
from ismessenger.contacts.addresses import REMOVED, addresses, remove_address
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.lock import lock_contact
from tests.messages.conftest import Line, line  # noqa: F401 - a fixture
from tests.messages.test_receive import rows, take, wrote

_MESSAGE = text(
    "WITH sent AS (INSERT INTO message (contact_id, channel_id, contact_channel_id, traffic, kind, body, words, status, reactions, sent_at,"
    " created_at, source) SELECT contact_id, channel_id, id, 'outgoing', 'text', '{}', '', 'queued', '{}', now(), now(), 'user'"
    " FROM contact_channel RETURNING id, channel_id, contact_channel_id)"
    " INSERT INTO delivery (message_id, channel_id, contact_channel_id, lane, state, due_at, created_at)"
    " SELECT id, channel_id, contact_channel_id, 'replies', :state, now(), now() FROM sent"
)


async def remove(line: Line, address_id: int) -> None:  # noqa: F811
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        contact = await lock_contact(db, (await db.execute(text("SELECT min(id) FROM contact"))).scalar_one())
        await remove_address(db, contact, address_id, by=line.world.owner.id)


async def the_address(line: Line) -> int:  # noqa: F811
    return int(str((await rows(line, "SELECT min(id) FROM contact_channel"))[0][0]))


async def test_a_channel_is_active_inactive_or_unavailable(line: Line) -> None:  # noqa: F811
    world = line.world
    server = {"api_base_url": "https://integration.example"}
    for name, id_type in (("Sms", "phone"), ("App", "custom")):
        await connect(
            world.installation, world.workspace_id, "custom_channel", name=name, values={**server, "id_type": id_type}, check=False
        )
    await take(line, wrote("ada", "1"))
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        contact = await lock_contact(db, (await db.execute(text("SELECT id FROM contact"))).scalar_one())
        found = await addresses(world.installation, db, contact)
        assert [address.channel_name for address in found.active] == ["Bot"]
        assert ([each.name for each in found.inactive], [each.name for each in found.unavailable]) == ([], ["Sms", "App"])
        contact.phone = "+60123456789"
        found = await addresses(world.installation, db, contact)
        assert ([each.name for each in found.inactive], [each.name for each in found.unavailable]) == (["Sms"], ["App"])


async def test_a_removed_address_is_told_and_whoever_writes_from_there_is_a_new_contact(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"))
    await remove(line, await the_address(line))
    assert await rows(line, "SELECT last_channel_id FROM contact") == [(None,)]
    assert await rows(line, "SELECT details->>'identifier', actor_id FROM event WHERE kind = 'contact_channel.removed'") == [
        ("ada", line.world.owner.id)
    ]
    await take(line, wrote("ada", "2"))
    assert await rows(line, "SELECT count(*) FROM message GROUP BY contact_id") == [(1,), (1,)]


async def test_what_waited_to_be_sent_there_fails_with_the_reason(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"))
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await db.execute(_MESSAGE, {"state": "due"})
    await remove(line, await the_address(line))
    assert await rows(line, "SELECT status, status_reason FROM message WHERE traffic = 'outgoing'") == [("failed", REMOVED)]
    assert await rows(line, "SELECT state FROM delivery") == [("failed",)]


async def test_an_address_is_not_removed_while_something_is_sent_there(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"))
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await db.execute(_MESSAGE, {"state": "leased"})
    with pytest.raises(Refused):
        await remove(line, await the_address(line))
    assert await rows(line, "SELECT count(*) FROM contact_channel") == [(1,)]


async def test_the_address_of_another_contact_is_not_touched(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"), wrote("bo", "2"))
    ((others,),) = await rows(line, "SELECT max(id) FROM contact_channel")
    with pytest.raises(NotThere):
        await remove(line, int(str(others)))
