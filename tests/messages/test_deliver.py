"""Messages go out: also to somebody who is being erased, and from a channel on which a broadcast waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from ismessenger.contacts.erase import erase_contacts
from ismessenger.kit.clock import now
from ismessenger.messages.deliver import CLAIM, Deliverer
from ismessenger.messages.order import Order
from ismessenger.messages.outcome import record_failure, record_sent
from ismessenger.messages.status import apply_statuses
from ismessenger.sdk.channel import ContactGone, OutboundMessage, Sent, StatusChanged
from ismessenger.sdk.content import Text
from tests.conftest import World
from tests.tenancy.test_jobs_of_twins import PERSON, SAME, Server, Twin, make_twin

Work = Callable[[Twin], Awaitable[object]]

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


@pytest.fixture
async def twin(world: World) -> AsyncIterator[Twin]:
    """A workspace with one message that is to be sent."""
    async with Server() as server:
        yield await make_twin(world, "ours", server)


@pytest.fixture
async def engine(world: World) -> AsyncIterator[AsyncEngine]:
    """The database, as its owner."""
    url = world.installation.settings.database_url
    assert url is not None
    engine = create_async_engine(url.get_secret_value())
    yield engine
    await engine.dispose()


async def _erase(twin: Twin) -> None:
    async with twin.world.installation.tenancy.workspace(twin.world.workspace_id) as db:
        await erase_contacts(db, [SAME], by=None)


async def _send(twin: Twin) -> None:
    deliverer = Deliverer(twin.world.installation, "replies")
    await deliverer.work(twin.piece)
    await deliverer.finish()


async def _record(twin: Twin, outcome: Sent | ContactGone) -> None:
    outbound = OutboundMessage("same", str(SAME), PERSON, Text(text="ours"))
    order = Order(SAME, "custom_channel", 1, SAME, SAME, SAME, None, outbound)
    async with twin.world.installation.tenancy.workspace(twin.world.workspace_id) as db:
        if isinstance(outcome, Sent):
            await record_sent(db, order, outcome)
        else:
            await record_failure(db, order, outcome, idempotent=False)


async def _sent(twin: Twin) -> None:
    await _record(twin, Sent("out-1"))


async def _failed(twin: Twin) -> None:
    await _record(twin, ContactGone("gone", "This person left."))


async def _receipt(twin: Twin) -> None:
    async with twin.world.installation.tenancy.workspace(twin.world.workspace_id) as db:
        await apply_statuses(db, SAME, [StatusChanged(status="delivered", at=now(), our_id="same")])


@pytest.mark.behaviour(191)
@pytest.mark.parametrize("held", ["message", "delivery", "contact_channel"])
@pytest.mark.parametrize("eraser_first", [True, False], ids=["eraser-first", "eraser-last"])
@pytest.mark.parametrize(
    ("state", "work"), [("due", _send), ("leased", _send), ("leased", _sent), ("leased", _failed), ("leased", _receipt)]
)
async def test_who_is_erased_and_what_is_sent_never_wait_for_each_other(
    twin: Twin, engine: AsyncEngine, work: Work, *, state: str, eraser_first: bool, held: str
) -> None:
    async with engine.connect() as bystander:
        await bystander.execute(text(f"UPDATE store.delivery SET state = '{state}', lease_until = now() - interval '1 minute'"))
        await bystander.commit()
        row = f"id = {SAME} AND workspace_id = {twin.world.workspace_id}"
        await bystander.execute(text(f"SELECT FROM store.{held} WHERE {row} FOR UPDATE"))
        both: list[asyncio.Future[object]] = []
        for step in (_erase, work) if eraser_first else (work, _erase):
            both.append(asyncio.ensure_future(step(twin)))
            await _stand(engine, both)
        await bystander.rollback()
        await asyncio.gather(*both)
    for table in ("contact", "message", "delivery"):
        assert await twin.rows(f"SELECT count(*) FROM {table}") == [(0,)]


async def _stand(engine: AsyncEngine, tasks: Collection[asyncio.Future[object]]) -> None:
    """Wait until each of them is done or waits for somebody."""
    # Within one transaction the view shows the same all the time.
    async with asyncio.timeout(30), engine.execution_options(isolation_level="AUTOCOMMIT").connect() as looking:
        while (await looking.execute(_WAITING)).scalar_one() < sum(not task.done() for task in tasks):  # noqa: ASYNC110 - the condition is the database's
            await asyncio.sleep(0.01)


_MANY = 2_000
_PEOPLE = (
    "INSERT INTO contact (first_name, status, created_at, created_source, tag_ids, fields)"
    f" SELECT 'P' || n, 'open', now(), 'contact', '{{}}', '{{}}' FROM generate_series(1, {_MANY}) AS n"
)
_IDENTITIES = (
    "INSERT INTO contact_channel (contact_id, channel_id, identifier, meta, created_at)"
    f" SELECT id, {SAME}, 'x' || id, '{{}}', now() FROM contact WHERE id <> {SAME}"
)
_MESSAGES = (
    "INSERT INTO message (contact_id, channel_id, contact_channel_id, traffic, kind, body, words, source, status, reactions, sent_at,"
    " created_at) SELECT contact_id, channel_id, id, 'outgoing', 'text', '{}', '', 'broadcast', 'queued', '{}', now(), now()"
    f" FROM contact_channel WHERE id <> {SAME}"
)
_DELIVERIES = (
    "INSERT INTO delivery (message_id, channel_id, contact_channel_id, lane, state, attempt, due_at, created_at)"
    f" SELECT id, channel_id, contact_channel_id, 'bulk', 'due', 0, now(), now() FROM message WHERE id <> {SAME}"
)


async def test_what_is_next_is_found_without_reading_all_that_waits(twin: Twin, engine: AsyncEngine) -> None:
    values = {"channel_id": SAME, "lane": "bulk", "now": now(), "until": now(), "limit": 24}
    async with twin.world.installation.tenancy.workspace(twin.world.workspace_id) as db:
        for statement in (_PEOPLE, _IDENTITIES, _MESSAGES, _DELIVERIES):
            await db.execute(text(statement))
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as owner:
        await owner.execute(text("ANALYZE store.delivery, store.message, store.contact"))
    async with twin.world.installation.tenancy.workspace(twin.world.workspace_id) as db:
        plan = "\n".join((await db.execute(text(f"EXPLAIN {CLAIM.text}"), values)).scalars())
        await db.execute(text("DELETE FROM contact"))
    assert "delivery_due_idx" in plan, plan
    assert not [words for words in ("Seq Scan", "Sort", "Hash") if words in plan], plan
