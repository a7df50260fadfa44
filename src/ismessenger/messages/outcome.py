"""Records what came of sending a message."""

from collections.abc import Sequence

from sqlalchemy import text

from ismessenger.contacts.lock import keep_people_of
from ismessenger.kit.clock import now
from ismessenger.kit.metrics import DELIVERIES
from ismessenger.messages.order import Order
from ismessenger.messages.retry import Verdict, judge
from ismessenger.messages.status import MAX_REASON, raise_statuses, take_early
from ismessenger.notifications.notify import notify
from ismessenger.sdk.channel import SendFailed, Sent
from ismessenger.sdk.words import marked
from ismessenger.tenancy.doors import WriteSession

# A delivery is claimed with its message and its contact (see `contacts/lock.py`). What somebody else holds, because it is being erased,
# comes with the next look. LIMIT 1: looked up for one delivery after the other, however many messages and contacts there are.
HELD = (
    "CROSS JOIN LATERAL (SELECT m.contact_id FROM message m WHERE m.id = d.message_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED) AS m"
    " CROSS JOIN LATERAL (SELECT FROM contact c WHERE c.id = m.contact_id LIMIT 1 FOR KEY SHARE SKIP LOCKED) AS c"
)

# An echo that was imported before our own send was recorded is that send.
_DROP_ECHO = text("DELETE FROM message WHERE channel_id = :channel_id AND external_id = :external_id AND id <> :id AND source = 'echo'")
_NAME = text(
    "UPDATE message SET external_id = COALESCE(external_id, :external_id), unconfirmed_at = NULL, status_reason = NULL WHERE id = :id"
)
_DONE = text("UPDATE delivery SET state = 'done', lease_until = NULL WHERE id = :id AND state IN ('leased', 'unconfirmed')")
_AGAIN = text("UPDATE delivery SET state = 'due', lease_until = NULL, due_at = :due WHERE id = :id AND state = 'leased'")
_QUEUED = text("UPDATE message SET status = 'queued', status_reason = :reason WHERE id = :id AND status IN ('queued', 'sending')")
_FAILED = text("UPDATE delivery SET state = 'failed', lease_until = NULL WHERE id = :id AND state = 'leased'")
_UNCONFIRMED = text("UPDATE delivery SET state = 'unconfirmed', lease_until = NULL WHERE id = :id AND state = 'leased'")
_DOUBT = text("UPDATE message SET unconfirmed_at = :now, status_reason = :reason WHERE id = ANY(:ids) AND status IN ('queued', 'sending')")
_EXPIRED = text(
    "WITH expired AS MATERIALIZED (SELECT d.id, d.message_id FROM delivery d WHERE d.channel_id = :channel_id AND d.state = 'leased'"  # noqa: S608
    f" AND d.lease_until < :now FOR NO KEY UPDATE SKIP LOCKED), held AS MATERIALIZED (SELECT d.id, m.contact_id FROM expired d {HELD})"
    " UPDATE delivery SET state = :state, lease_until = NULL, due_at = :now FROM held WHERE delivery.id = held.id"
    " RETURNING delivery.id, delivery.message_id, held.contact_id"
)
_BREAK = text(
    "UPDATE channel SET status = 'broken', status_reason = :reason WHERE id = :id AND status <> 'broken' AND disconnected_at IS NULL"
    " RETURNING id"
)
_MEND = text("UPDATE channel SET status = 'connected', status_reason = NULL WHERE id = :id AND status = 'broken'")
_GONE = text("UPDATE contact_channel SET unreachable_at = COALESCE(unreachable_at, :now) WHERE id = :id")
# A run that waits until its message was sent (its id says which entry of which run wrote it) hears what came of it.
_HEARD = text(
    "INSERT INTO workflow_signal (contact_id, kind, payload, due_at, at)"
    " SELECT m.contact_id, 'result', jsonb_build_object('run_id', r.id, 'key', split_part(m.client_id, '/', 3) || '/' ||"
    " split_part(m.client_id, '/', 4), 'ok', CAST(:ok AS boolean), 'reason', CAST(:reason AS text),"
    " 'details', jsonb_build_object('message_id', m.id)), :now, :now"
    " FROM message m JOIN workflow_run r ON r.contact_id = m.contact_id"
    " AND r.id = CASE WHEN m.client_id LIKE 'workflow/%' THEN CAST(split_part(m.client_id, '/', 2) AS bigint) END"
    " WHERE m.id = ANY(:ids) AND m.source = 'workflow' AND r.ended_at IS NULL AND 'result' = ANY(r.waits_for) RETURNING id"
)
DOUBT = marked("Nobody knows whether this was sent: the connection broke before an answer came.")


async def record_sent(db: WriteSession, order: Order, sent: Sent) -> None:
    """The provider took the message."""
    channel_id = int(order.outbound.channel_id)
    await keep_people_of(db, [order.message_id])
    if sent.external_id:
        names = {"channel_id": channel_id, "external_id": sent.external_id, "id": order.message_id}
        await db.execute(_DROP_ECHO, names)
    await db.execute(_NAME, {"id": order.message_id, "external_id": sent.external_id})
    await db.execute(_DONE, {"id": order.id})
    await db.execute(_MEND, {"id": channel_id})
    early = await take_early(db, channel_id, [sent.external_id]) if sent.external_id else []
    steps = [(order.message_id, sent.status, now(), None), *((order.message_id, value, at, reason) for _id, value, at, reason in early)]
    await raise_statuses(db, steps)
    await _tell_run(db, order, ok=True)
    DELIVERIES.labels(kind=order.kind, outcome="sent").inc()


async def record_failure(db: WriteSession, order: Order, error: SendFailed, *, idempotent: bool) -> Verdict:
    """The provider did not take it, or nobody knows. Returns what was decided."""
    verdict = judge(error, attempt=order.attempt, idempotent=idempotent)
    reason = verdict.words[:MAX_REASON]
    await keep_people_of(db, [order.message_id])
    if verdict.loses_contact:
        await db.execute(_GONE, {"id": order.contact_channel_id, "now": now()})
    match verdict.what:
        case "again":
            await db.execute(_QUEUED, {"id": order.message_id, "reason": reason})
            await db.execute(_AGAIN, {"id": order.id, "due": now() + verdict.after})
            db.announce("status", order.contact_id, id=order.message_id)
        case "unconfirmed":
            await db.execute(_DOUBT, {"ids": [order.message_id], "now": now(), "reason": DOUBT})
            await db.execute(_UNCONFIRMED, {"id": order.id})
            db.announce("status", order.contact_id, id=order.message_id)
            # It may well have arrived, and can be answered.
            await _tell_run(db, order, ok=True)
        case "failed":
            await raise_statuses(db, [(order.message_id, "failed", now(), reason)])
            await db.execute(_FAILED, {"id": order.id})
            await _tell_run(db, order, ok=False, reason=reason)
    if verdict.breaks_channel:
        broken = (await db.execute(_BREAK, {"id": int(order.outbound.channel_id), "reason": reason})).scalar_one_or_none()
        if broken is not None:
            await notify(db, "channel_broken", None, to=None, subject_id=broken)
    DELIVERIES.labels(kind=order.kind, outcome=verdict.what).inc()
    return verdict


async def _tell_run(db: WriteSession, order: Order, *, ok: bool, reason: str = "") -> None:
    if order.outbound.id.startswith("workflow/"):
        await _tell_runs(db, [order.message_id], ok=ok, reason=reason)


async def _tell_runs(db: WriteSession, message_ids: Sequence[int], *, ok: bool, reason: str = "") -> None:
    if (await db.execute(_HEARD, {"ids": list(message_ids), "ok": ok, "reason": reason, "now": now()})).all():
        db.ring("automation")


async def settle_expired(db: WriteSession, channel_id: int, *, idempotent: bool) -> None:
    """Leases that ran out: whoever held them died between claiming and recording."""
    values = {"channel_id": channel_id, "now": now(), "state": "due" if idempotent else "unconfirmed"}
    expired = (await db.execute(_EXPIRED, values)).all()
    if not idempotent and expired:
        await db.execute(_DOUBT, {"ids": [row.message_id for row in expired], "now": now(), "reason": DOUBT})
        await _tell_runs(db, [row.message_id for row in expired], ok=True)
    for row in expired:
        db.announce("status", row.contact_id, id=row.message_id)
