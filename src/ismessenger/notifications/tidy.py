"""Old notifications go, read or not: by then they tell nobody anything. Lines that are over for everybody count as read."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.notifications.settle import LONG_TAKEN
from ismessenger.workspaces.prune import prune

KEPT: Final = timedelta(days=90)
_OLD = text("DELETE FROM notification WHERE id IN (SELECT id FROM notification WHERE at < :before LIMIT :chunk) RETURNING id")


async def tidy_notifications(installation: Installation) -> None:
    """Take away what is older than 90 days, and settle what nobody needs to be told any more."""
    await prune(installation, _OLD, now() - KEPT)
    await prune(installation, LONG_TAKEN, now())
