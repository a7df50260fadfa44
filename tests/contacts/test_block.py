"""Blocked people: their messages are kept, nothing opens, nobody can write to them until they are let in again."""

import pytest
from sqlalchemy import text

from ismessenger.contacts.block import block_contact, block_contacts, unblock_contacts
from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.close import close, reopen
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.reply import send_again
from ismessenger.sdk.channel import ContactChanged
from tests.messages.conftest import Line, line  # noqa: F401 - a fixture
from tests.messages.test_receive import NOON, rows, take, wrote


async def contact_of(line: Line) -> int:  # noqa: F811
    ((contact_id,),) = await rows(line, "SELECT id FROM contact")
    return int(str(contact_id))


async def closed_and_blocked(line: Line) -> int:  # noqa: F811
    await take(line, wrote("ada", "1"))
    contact_id = await contact_of(line)
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        contact = await lock_contact(db, contact_id)
        await close(db, contact, by=line.world.agent.id)
        assert await block_contact(db, contact, by=line.world.agent.id)
        assert contact.blocked_at is not None
    return contact_id


@pytest.mark.behaviour(6)
async def test_a_blocked_contact_can_be_neither_opened_nor_closed(line: Line) -> None:  # noqa: F811
    contact_id = await closed_and_blocked(line)
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        contact = await lock_contact(db, contact_id)
        with pytest.raises(ConversationRefused):
            await reopen(db, contact, by=line.world.owner.id)
        with pytest.raises(ConversationRefused):
            await close(db, contact, by=line.world.owner.id)


@pytest.mark.behaviour(6)
async def test_what_a_blocked_contact_writes_is_kept_and_opens_nothing(line: Line) -> None:  # noqa: F811
    await closed_and_blocked(line)
    await take(line, wrote("ada", "2", "let me in"), ContactChanged("ada", NOON, happened="referral", opens=True))
    assert await rows(line, "SELECT status, preview FROM contact") == [("closed", "let me in")]
    assert await rows(line, "SELECT count(*) FROM conversation") == [(1,)]


@pytest.mark.behaviour(6)
async def test_a_message_to_a_blocked_contact_is_not_sent_again(line: Line) -> None:  # noqa: F811
    contact_id = await closed_and_blocked(line)
    statement = text(
        "INSERT INTO message (contact_id, channel_id, traffic, kind, body, words, status, reactions, sent_at, created_at, source)"
        " VALUES (:contact, :channel, 'outgoing', 'text', '{}', '', 'failed', '{}', now(), now(), 'user') RETURNING id"
    )
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        message_id = (await db.execute(statement, {"contact": contact_id, "channel": line.channel_id})).scalar_one()
        with pytest.raises(ReplyRefused, match="blocked"):
            await send_again(db, message_id)


async def test_after_unblocking_the_next_message_opens_again(line: Line) -> None:  # noqa: F811
    contact_id = await closed_and_blocked(line)
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        assert await unblock_contacts(db, [contact_id], by=line.world.agent.id) == [contact_id]
    await take(line, wrote("ada", "2"))
    assert await rows(line, "SELECT status, blocked_at FROM contact") == [("open", None)]


async def test_blocking_twice_is_told_once(line: Line) -> None:  # noqa: F811
    await take(line, wrote("ada", "1"), wrote("bo", "2"))
    ids = [id_ for (id_,) in await rows(line, "SELECT id FROM contact ORDER BY id")]
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        assert sorted(await block_contacts(db, ids, actor="user", by=line.world.owner.id)) == ids
        assert await block_contacts(db, ids, actor="user", by=line.world.owner.id) == []
        assert sum(change["kind"] == "event" for change in db.changes) == len(ids)
    told = await rows(line, "SELECT contact_id, actor_id FROM event WHERE kind = 'contact.blocked' ORDER BY contact_id")
    assert told == [(id_, line.world.owner.id) for id_ in ids]
