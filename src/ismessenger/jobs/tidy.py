"""The nightly tidying: raw webhooks and receipts, letters and links that are no longer needed."""

from datetime import timedelta

from sqlalchemy import text

from ismessenger.installation import Installation
from ismessenger.kit.clock import now

KEEP_EVENTS = timedelta(days=7)
KEEP_LETTERS = timedelta(days=30)
KEEP_LINKS = timedelta(days=30)
KEEP_BROWSERS = timedelta(days=365)
CHUNK = 5000

_EVENTS = text(
    "DELETE FROM inbound_event WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbound_event WHERE state = 'done' AND received_at < :before"
    " LIMIT :chunk))"
)

_PEOPLE = {
    # One that was never sent, because there is no mail server, goes too: what it says is no longer true.
    "DELETE FROM catalog.letter WHERE created_at < :before": KEEP_LETTERS,
    # So long somebody who follows an old link is told why it does not work.
    "DELETE FROM catalog.account_link WHERE expires_at < :before": KEEP_LINKS,
    "DELETE FROM catalog.sign_up WHERE expires_at < :before": KEEP_LINKS,
    "DELETE FROM catalog.known_browser WHERE seen_at < :before": KEEP_BROWSERS,
}


async def tidy(installation: Installation) -> None:
    """Delete what is no longer needed: in the homes and in the catalog."""
    await tidy_events(installation)
    async with installation.tenancy.catalog() as catalog:
        for statement, kept in _PEOPLE.items():
            await catalog.execute(text(statement), {"before": now() - kept})


async def tidy_events(installation: Installation) -> None:
    """Delete webhooks that were settled a week ago, in chunks. Failed ones stay until somebody looks at them."""
    before = now() - KEEP_EVENTS
    for home in installation.tenancy.homes:
        deleted = CHUNK
        while deleted == CHUNK:
            async with installation.tenancy.system(home) as connection:
                deleted = (await connection.execute(_EVENTS, {"before": before, "chunk": CHUNK})).rowcount
