"""The nightly tidying: webhooks, letters, links, notifications and runs that are no longer needed, workspaces whose grace is over."""

from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.automation.tidy import tidy_runs
from ismessenger.background.forget import forget_files_of_jobs
from ismessenger.conversations.unassign import unassign_removed
from ismessenger.files.forget import forget_unsent
from ismessenger.files.store import StoreUnavailable
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.notifications.tidy import tidy_notifications
from ismessenger.workspaces.delete import due_for_purge
from ismessenger.workspaces.purge import purge_workspace

log = structlog.get_logger()


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
    """Delete what is no longer needed, in the homes and in the catalog, and free the contacts of members whose removal was broken off."""
    await tidy_events(installation)
    await purge_workspaces(installation)
    async with installation.tenancy.catalog() as catalog:
        for statement, kept in _PEOPLE.items():
            await catalog.execute(text(statement), {"before": now() - kept})
    await unassign_removed(installation)
    await tidy_notifications(installation)
    await tidy_runs(installation)
    try:
        await forget_unsent(installation)
        await forget_files_of_jobs(installation)
    except (StoreUnavailable, OSError) as error:
        log.warning("files.not_forgotten", error=(str(error).splitlines() or [""])[0])


async def tidy_events(installation: Installation) -> None:
    """Delete webhooks that were settled a week ago, in chunks. Failed ones stay until somebody looks at them."""
    before = now() - KEEP_EVENTS
    for home in installation.tenancy.homes:
        deleted = CHUNK
        while deleted == CHUNK:
            async with installation.tenancy.system(home) as connection:
                deleted = (await connection.execute(_EVENTS, {"before": before, "chunk": CHUNK})).rowcount


async def purge_workspaces(installation: Installation) -> None:
    """Take away deleted workspaces whose grace is over. One that fails is tried again the next night."""
    for workspace_id in await due_for_purge(installation):
        try:
            await purge_workspace(installation, workspace_id)
        except (SQLAlchemyError, StoreUnavailable, OSError) as error:
            log.warning("workspace.not_purged", workspace_id=workspace_id, error=(str(error).splitlines() or [""])[0])
