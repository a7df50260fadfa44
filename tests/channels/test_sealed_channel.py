"""A channel whose credentials no key opens waits by itself until the key is back."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ismessenger.channels.connect import connect
from ismessenger.channels.drain import drain_channel
from ismessenger.kit.clock import shifted
from ismessenger.kit.crypto import Vault
from ismessenger.messages.deliver import Deliverer
from tests.conftest import World, forget_work

STRANGE = Vault(["another-key-of-the-tests-0123456789"]).seal(b"{}", "channel/x")


@pytest.mark.behaviour(149)
async def test_what_waits_for_an_unopenable_channel_is_put_off_and_done_when_the_key_is_back(world: World) -> None:
    installation = world.installation
    await forget_work(installation)
    values = {"id_type": "custom", "api_base_url": "https://their.example"}
    made = await connect(installation, world.workspace_id, "custom_channel", name="Till", values=values)
    piece = (world.workspace_id, made.channel_id)
    async with installation.tenancy.workspace(world.workspace_id) as db:
        genuine = (await db.execute(text("SELECT secrets FROM channel"))).scalar_one()
        await db.execute(text("UPDATE channel SET secrets = :secrets"), {"secrets": STRANGE})
        event = text("INSERT INTO inbound_event (channel_id, headers, query, body, received_at) VALUES (:id, '{}', '', '{}', now())")
        await db.execute(event, {"id": made.channel_id})
        contact = "INSERT INTO contact (status, created_at, created_source) VALUES ('open', now(), 'contact') RETURNING id"
        contact_id = (await db.execute(text(contact))).scalar_one()
        message = text(
            "INSERT INTO message (contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at, created_at)"
            " VALUES (:contact, :channel, 'outgoing', 'text', '{}', '', 'user', 'queued', '{}', now(), now()) RETURNING id"
        )
        message_id = (await db.execute(message, {"contact": contact_id, "channel": made.channel_id})).scalar_one()
        delivery = text(
            "INSERT INTO delivery (message_id, channel_id, contact_channel_id, lane, state, due_at, created_at)"
            " VALUES (:id, :channel, 1, 'replies', 'due', now(), now())"
        )
        await db.execute(delivery, {"id": message_id, "channel": made.channel_id})
    deliverer = Deliverer(installation, "replies")
    assert await deliverer.find() == [piece]
    assert await drain_channel(installation, *piece) == 0
    assert await deliverer.work(piece) == 0
    assert await deliverer.find() == []
    async with installation.tenancy.workspace(world.workspace_id) as db:
        assert (await db.execute(text("SELECT due_at > now() FROM inbound_event"))).scalar_one()
        await db.execute(text("UPDATE channel SET secrets = :secrets"), {"secrets": genuine})
    with shifted(timedelta(minutes=2)):
        assert await deliverer.find() == [piece]
        assert await drain_channel(installation, *piece) == 1
    await forget_work(installation)
