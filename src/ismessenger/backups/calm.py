"""What a restored home must not do by itself: send again what may have been sent after the backup was taken."""

from sqlalchemy import text

from ismessenger.tenancy.owner import owner

REASON = "Nobody knows whether this was sent: it comes from a backup that was taken before."
_DOUBT = text(
    "UPDATE store.message SET status = 'sending', unconfirmed_at = now(), status_reason = :reason FROM store.delivery"
    " WHERE delivery.workspace_id = message.workspace_id AND delivery.message_id = message.id AND delivery.state IN ('due', 'leased')"
    " AND message.status IN ('queued', 'sending')"
)
# What was scheduled for a time that has passed since.
_MISSED = text(
    "WITH missed AS (UPDATE store.scheduled_message SET state = 'failed', reason = :reason WHERE state = 'waiting' AND due_at <= now()"
    " RETURNING workspace_id, id) DELETE FROM store.wakeup USING missed WHERE wakeup.workspace_id = missed.workspace_id"
    " AND wakeup.kind = 'send' AND wakeup.subject_id = missed.id"
)
_STOP = text("UPDATE store.delivery SET state = 'unconfirmed', lease_until = NULL WHERE state IN ('due', 'leased')")


async def calm(url: str) -> int:
    """Show every reply that waited to be sent as unconfirmed; returns how many there were."""
    async with owner(url) as connection:
        await connection.execute(_DOUBT, {"reason": REASON})
        await connection.execute(_MISSED, {"reason": REASON})
        return (await connection.execute(_STOP)).rowcount
