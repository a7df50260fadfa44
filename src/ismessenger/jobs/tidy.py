"""The nightly tidying: raw webhooks and receipts that are no longer needed."""

from datetime import timedelta

from sqlalchemy import text

from ismessenger.installation import Installation
from ismessenger.kit.clock import now

KEEP_EVENTS = timedelta(days=7)
CHUNK = 5000

_EVENTS = text(
    "DELETE FROM inbound_event WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbound_event WHERE state = 'done' AND received_at < :before"
    " LIMIT :chunk))"
)


async def tidy(installation: Installation) -> None:
    """Delete webhooks that were settled a week ago, in chunks. Failed ones stay until somebody looks at them."""
    before = now() - KEEP_EVENTS
    for home in installation.tenancy.homes:
        deleted = CHUNK
        while deleted == CHUNK:
            async with installation.tenancy.system(home) as connection:
                deleted = (await connection.execute(_EVENTS, {"before": before, "chunk": CHUNK})).rowcount
