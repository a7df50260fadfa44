"""The reference of B2: what a careful programmer writes first, one transaction per message on eight connections.

It does what a message needs and no more: contact, identity and conversation if they are new, the message, its contact's and its
conversation's newest state, the webhook settled, and the change told through Redis after the commit. Reading the webhooks is free.
"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
import orjson
import uvloop
from redis.asyncio import Redis

CONNECTIONS = 8
# The state of webhooks that wait for us and not for the worker.
KEPT = "kept"

_NEW_CONTACT = (
    "INSERT INTO contact (workspace_id, first_name, last_name, email, language, status, created_at, created_source)"
    " VALUES ($1, $2, $3, $4, $5, 'open', now(), 'contact') RETURNING id"
)
_NEW_IDENTITY = (
    "INSERT INTO contact_channel (workspace_id, contact_id, channel_id, identifier, meta, created_at)"
    " VALUES ($1, $2, $3, $4, '{}', now()) RETURNING id"
)
_NEW_CONVERSATION = (
    "INSERT INTO conversation (workspace_id, contact_id, opened_at, opened_source, contact_type)"
    " VALUES ($1, $2, now(), 'contact', 'new') RETURNING id"
)
_KNOWN = (
    "SELECT cc.contact_id, cc.id, v.id FROM contact_channel cc"
    " LEFT JOIN conversation v ON v.workspace_id = cc.workspace_id AND v.contact_id = cc.contact_id AND v.closed_at IS NULL"
    " WHERE cc.workspace_id = $1 AND cc.channel_id = $2 AND cc.identifier = $3"
)
_MESSAGE = (
    "INSERT INTO message (workspace_id, contact_id, channel_id, contact_channel_id, conversation_id, traffic, kind, body, words, source,"
    " external_id, status, reactions, sent_at, created_at)"
    " VALUES ($1, $2, $3, $4, $5, 'incoming', 'text', $6, $7, 'contact', $8, 'received', '{}', $9, now())"
    " ON CONFLICT (workspace_id, channel_id, external_id) WHERE external_id IS NOT NULL DO NOTHING RETURNING id"
)
_CONTACT = (
    "UPDATE contact SET last_message_at = $3, last_incoming_at = $3, last_incoming_id = $4, last_channel_id = $5, preview = $6,"
    " preview_traffic = 'incoming' WHERE workspace_id = $1 AND id = $2"
)
_CONVERSATION = "UPDATE conversation SET incoming_count = incoming_count + 1 WHERE workspace_id = $1 AND id = $2"
_DONE = "UPDATE inbound_event SET state = 'done' WHERE workspace_id = $1 AND id = $2"


@dataclass(frozen=True)
class Webhook:
    """A stored row, and what its body says."""

    workspace_id: int
    channel_id: int
    id: int
    body: bytes


async def receive(connection: asyncpg.Connection, redis: Redis, webhook: Webhook) -> None:
    """One message, one transaction."""
    body = orjson.loads(webhook.body)
    event = body["events"][0]
    words, at = event["message"]["text"], datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    place = webhook.workspace_id
    async with connection.transaction():
        contact_id, identity_id, conversation_id = await _known(connection, webhook, body)
        content = orjson.dumps({"type": "text", "text": words}).decode()
        message = (place, contact_id, webhook.channel_id, identity_id, conversation_id, content, words, event["mId"], at)
        message_id = await connection.fetchval(_MESSAGE, *message)
        await connection.execute(_CONTACT, place, contact_id, at, message_id, webhook.channel_id, words[:200])
        await connection.execute(_CONVERSATION, place, conversation_id)
        await connection.execute(_DONE, place, webhook.id)
    change = orjson.dumps([{"kind": "message", "contact_id": contact_id, "id": message_id}])
    await redis.xadd(f"by-hand/{place}", {"d": change}, maxlen=5000, approximate=True)


async def _known(connection: asyncpg.Connection, webhook: Webhook, body: dict[str, dict[str, str]]) -> tuple[int, int, int]:
    place, channel_id, identifier = webhook.workspace_id, webhook.channel_id, body["contactId"]
    if found := await connection.fetchrow(_KNOWN, place, channel_id, identifier):
        return found[0], found[1], found[2]
    person = body["contact"]
    names = (person["firstName"], person["lastName"], person["email"], person["language"])
    contact_id = await connection.fetchval(_NEW_CONTACT, place, *names)
    identity_id = await connection.fetchval(_NEW_IDENTITY, place, contact_id, channel_id, identifier)
    return contact_id, identity_id, await connection.fetchval(_NEW_CONVERSATION, place, contact_id)


async def run(url: str, redis_url: str, workspaces: Sequence[int]) -> dict[str, float]:
    """Work the webhooks of some workspaces off: how many, in how many seconds."""
    redis = Redis.from_url(redis_url)
    connections = [await asyncpg.connect(url, server_settings={"search_path": "store"}) for _number in range(CONNECTIONS)]
    statement = "SELECT workspace_id, channel_id, id, body FROM inbound_event WHERE workspace_id = ANY($1) AND state = $2 ORDER BY id"
    webhooks = [Webhook(*row) for row in await connections[0].fetch(statement, workspaces, KEPT)]
    shares: dict[int, list[Webhook]] = defaultdict(list)
    for webhook in webhooks:
        # A contact's messages stay in order, and no two connections meet at one contact.
        shares[hash((webhook.workspace_id, orjson.loads(webhook.body)["contactId"])) % CONNECTIONS].append(webhook)

    async def work(connection: asyncpg.Connection, share: Sequence[Webhook]) -> None:
        for webhook in share:
            await receive(connection, redis, webhook)

    began = time.perf_counter()
    await asyncio.gather(*(work(connection, shares[number]) for number, connection in enumerate(connections)))
    took = time.perf_counter() - began
    for connection in connections:
        await connection.close()
    await redis.aclose()
    return {"count": len(webhooks), "seconds": took}


if __name__ == "__main__":
    print(orjson.dumps(uvloop.run(run(**orjson.loads(sys.stdin.read())))).decode())
