"""Sends what was replied: claim under a lease, call the provider outside any transaction, record what came of it.

A crash between the provider's answer and our record leaves an expired lease. Such an attempt is unconfirmed: it is settled by the
provider's echo or status, tried again only where the provider takes an idempotency key, and else shown to the agent. Never twice.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.channels.route import Target, load_target
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import SealBroken
from ismessenger.messages.allow import objection
from ismessenger.messages.media import with_link
from ismessenger.messages.order import Order
from ismessenger.messages.outcome import HELD, record_failure, record_sent, settle_expired
from ismessenger.messages.pace import Pace
from ismessenger.sdk.channel import (
    CredentialsInvalid,
    OutboundMessage,
    Rejected,
    SendFailed,
    Sent,
    Unconfirmed,
    WindowClosed,
    capabilities_of,
    permission,
)
from ismessenger.sdk.content import ContentAdapter
from ismessenger.sdk.words import gettext

log = structlog.get_logger()
LEASE = timedelta(seconds=30)
PUT_OFF = timedelta(minutes=1)
LONGEST_NAP = 0.2
AT_ONCE = 240
AT_ONCE_PER_CHANNEL = 24
RECORD_TRIES = 6

# From one channel that waits to the next, however much waits on each.
_FIND = text(
    "WITH RECURSIVE place AS ((SELECT workspace_id, channel_id FROM delivery WHERE lane = :lane AND state = 'due'"
    " ORDER BY workspace_id, channel_id LIMIT 1) UNION ALL SELECT n.* FROM place p CROSS JOIN LATERAL (SELECT workspace_id, channel_id"
    " FROM delivery WHERE lane = :lane AND state = 'due' AND (workspace_id, channel_id) > (p.workspace_id, p.channel_id)"
    " ORDER BY workspace_id, channel_id LIMIT 1) AS n)"
    " (SELECT * FROM place p WHERE EXISTS (SELECT FROM delivery d WHERE d.lane = :lane AND d.state = 'due' AND d.due_at <= :now"
    " AND d.workspace_id = p.workspace_id AND d.channel_id = p.channel_id OFFSET 0) LIMIT 1000)"
    " UNION (SELECT workspace_id, channel_id FROM delivery WHERE lane = :lane AND state = 'leased' AND lease_until < :now LIMIT 1000)"
)
# Of an identity only the oldest open delivery of each lane may go: one that waits for its next try holds the later ones back, but a
# reply does not wait for the broadcast that has not come to this person yet. OFFSET 0: asked for one delivery after the other, until
# there are enough. Joined, all that is open would be read for each claim.
_HEADS = (
    "SELECT d.id, d.message_id FROM delivery d WHERE d.channel_id = :channel_id AND d.lane = :lane AND d.state = 'due' AND d.due_at <= :now"
    " AND NOT EXISTS (SELECT FROM delivery e WHERE e.contact_channel_id = d.contact_channel_id AND e.state IN ('due', 'leased')"
    " AND (e.state = 'leased' OR (e.lane = d.lane AND e.id < d.id)) OFFSET 0) ORDER BY d.due_at, d.id LIMIT :limit"
)
_READY = text(_HEADS)
# As a subquery of IN it could be run again for every row, and so claim more than the limit.
CLAIM = text(
    f"WITH heads AS MATERIALIZED ({_HEADS} FOR NO KEY UPDATE SKIP LOCKED), held AS MATERIALIZED (SELECT d.id FROM heads d {HELD})"  # noqa: S608
    " UPDATE delivery SET state = 'leased', lease_until = :until, attempt = attempt + 1, undo = NULL"
    " WHERE id = ANY(ARRAY(SELECT id FROM held)) AND state = 'due' RETURNING id, message_id, contact_channel_id, attempt"
)
_PUT_OFF = text(
    "UPDATE delivery SET due_at = CAST(:due AS timestamptz), lease_until = CASE WHEN state = 'leased' THEN CAST(:due AS timestamptz) END"
    " WHERE channel_id = :channel_id AND lane = :lane AND ((state = 'due' AND due_at <= :now) OR (state = 'leased' AND lease_until < :now))"
)
_MARK = text("UPDATE message SET status = 'sending' WHERE id = ANY(:ids) AND status = 'queued' RETURNING id, contact_id")
_LOAD = text(
    "SELECT m.id, m.contact_id, m.client_id, m.body, m.reply_to_external, m.tag, cc.identifier, cc.last_incoming_at,"
    " a.path, a.file_name, c.blocked_at IS NOT NULL AS blocked FROM message m JOIN contact_channel cc ON cc.id = m.contact_channel_id"
    " JOIN contact c ON c.id = m.contact_id LEFT JOIN attachment a ON a.message_id = m.id AND a.state = 'stored' WHERE m.id = ANY(:ids)"
)


class Deliverer:
    """One per worker process and lane."""

    def __init__(self, installation: Installation, lane: str) -> None:
        self._installation = installation
        self._lane = lane
        self._pace = Pace(installation.redis)
        self._sending: dict[tuple[int, int], set[asyncio.Task[None]]] = {}

    async def find(self) -> Sequence[tuple[int, int]]:
        """Channels that have something to send or a lease that ran out."""
        found: list[tuple[int, int]] = []
        for home in self._installation.tenancy.homes:
            async with self._installation.tenancy.system(home) as connection:
                rows = (await connection.execute(_FIND, {"lane": self._lane, "now": now()})).all()
            found += [(row.workspace_id, row.channel_id) for row in rows]
        return found

    async def work(self, piece: tuple[int, int]) -> int:
        """Claim what a channel may send now and start sending; 0 if there is nothing to come back for at once."""
        workspace_id, channel_id = piece
        try:
            target = await load_target(self._installation, workspace_id, channel_id)
        except SealBroken:
            # Its key may come back: `ismessenger doctor` names the channel. Meanwhile others must not wait for it.
            log.error("channel.sealed", workspace_id=workspace_id, channel_id=channel_id)  # noqa: TRY400 - there is nothing to trace
            async with self._installation.tenancy.workspace(workspace_id) as db:
                await db.execute(_PUT_OFF, {"channel_id": channel_id, "lane": self._lane, "now": now(), "due": now() + PUT_OFF})
            return 0
        room = await self._room(piece)
        if target is not None and room:
            rate = capabilities_of(target.adapter, target.config).rate
            wanted = await self._count(workspace_id, channel_id, room)
            room = await self._pace.take(workspace_id, channel_id, rate, wanted, spare=self._lane == "bulk") if wanted else 0
            if wanted and room == 0:
                await asyncio.sleep(min(1 / rate.per_second, LONGEST_NAP))
                return 1
        orders = await self._claim(workspace_id, channel_id, max(room, 0), target)
        for order in orders:
            self._begin(piece, self._deliver(workspace_id, target, order))
        return len(orders)

    async def _room(self, piece: tuple[int, int]) -> int:
        """How many more messages may be under way on a channel. One whose provider hangs leaves the others theirs."""
        if sum(map(len, self._sending.values())) >= AT_ONCE:
            await asyncio.wait(set().union(*self._sending.values()), return_when=asyncio.FIRST_COMPLETED)
        return AT_ONCE_PER_CHANNEL - len(self._sending.get(piece, ()))

    def _begin(self, piece: tuple[int, int], sending: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(sending)
        under_way = self._sending.setdefault(piece, set())
        under_way.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            under_way.discard(task)
            if not under_way and self._sending.get(piece) is under_way:
                del self._sending[piece]

        task.add_done_callback(ended)

    async def _count(self, workspace_id: int, channel_id: int, limit: int) -> int:
        async with self._installation.tenancy.reading(workspace_id) as db:
            values = {"channel_id": channel_id, "lane": self._lane, "now": now(), "limit": limit}
            return len((await db.execute(_READY, values)).all())

    async def finish(self) -> None:
        """Wait for what is being sent."""
        if self._sending:
            await asyncio.wait(set().union(*self._sending.values()))

    async def _claim(self, workspace_id: int, channel_id: int, limit: int, target: Target | None) -> list[Order]:
        async with self._installation.tenancy.workspace(workspace_id) as db:
            await settle_expired(db, channel_id, idempotent=_idempotent(target))
            values = {"channel_id": channel_id, "lane": self._lane, "now": now(), "until": now() + LEASE, "limit": limit}
            claimed = {row.message_id: row for row in (await db.execute(CLAIM, values)).all()}
            if not claimed:
                return []
            for row in (await db.execute(_MARK, {"ids": list(claimed)})).all():
                db.announce("status", row.contact_id, id=row.id)
            rows = (await db.execute(_LOAD, {"ids": list(claimed)})).all()
        kind = target.adapter.kind if target else "none"
        orders = [self._order(workspace_id, channel_id, kind, claimed[row.id], row) for row in rows]
        return sorted(orders, key=lambda order: order.id)

    def _order(self, workspace_id: int, channel_id: int, kind: str, claim: Any, row: Any) -> Order:
        content = with_link(self._installation, workspace_id, ContentAdapter.validate_python(row.body), row.path, row.file_name)
        outbound = OutboundMessage(row.client_id, str(channel_id), row.identifier, content, row.reply_to_external, row.tag)
        identity, since = claim.contact_channel_id, row.last_incoming_at
        return Order(claim.id, kind, claim.attempt, row.id, row.contact_id, identity, since, outbound, blocked=row.blocked)

    async def _deliver(self, workspace_id: int, target: Target | None, order: Order) -> None:
        outcome = await self._send(target, order)
        for attempt in range(RECORD_TRIES):
            try:
                return await self._record(workspace_id, target, order, outcome)
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                words = (str(error).splitlines() or [""])[0]
                log.warning("delivery.not_recorded", message_id=order.message_id, attempt=attempt, error=words)
                await asyncio.sleep(0.5 * 2**attempt)
        # The lease runs out, and the attempt shows as unconfirmed.
        return None

    async def _send(self, target: Target | None, order: Order) -> Sent | SendFailed:
        if target is None:
            return CredentialsInvalid(gettext("This channel is not connected any more."))
        if order.blocked:
            return Rejected("blocked", gettext("This contact was blocked before the message went out."))
        capabilities = capabilities_of(target.adapter, target.config)
        allowed = permission(capabilities, last_incoming_at=order.last_incoming_at, now=now())
        if words := objection(allowed, order.outbound.content, order.outbound.tag):
            return WindowClosed(words)
        try:
            return await target.adapter.send(order.outbound, target.config, self._installation.http_of(target.adapter))
        except SendFailed as error:
            return error
        except Exception:
            # Whatever an adapter's bug was, the provider may have taken the message: it must not go out again by itself.
            log.exception("delivery.adapter_failed", kind=target.adapter.kind, message_id=order.message_id)
            return Unconfirmed(gettext("The %(name)s adapter failed while sending.") % {"name": target.adapter.name})

    async def _record(self, workspace_id: int, target: Target | None, order: Order, outcome: Sent | SendFailed) -> None:
        async with self._installation.tenancy.workspace(workspace_id) as db:
            if isinstance(outcome, Sent):
                await record_sent(db, order, outcome)
            else:
                verdict = await record_failure(db, order, outcome, idempotent=_idempotent(target))
                if verdict.pauses_channel:
                    await self._pace.pause(workspace_id, int(order.outbound.channel_id), verdict.after)
            db.ring(self._lane)


def _idempotent(target: Target | None) -> bool:
    return target is not None and capabilities_of(target.adapter, target.config).idempotency_key
