"""Take everything of a workspace away. May be killed at any point and run again: it goes on with what is left.

First the addresses go, so that nothing new comes in; last the workspace's row in the catalog, so that nothing is forgotten.
"""

from contextlib import suppress

import structlog
from redis.exceptions import RedisError
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from ismessenger.channels.connect import disconnect
from ismessenger.channels.model import ConnectedChannel
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import ApiToken, ChannelRoute, Workspace
from ismessenger.tenancy.doors import WorkspaceNotFound, workspace_key
from ismessenger.tenancy.rows import workspace_metadata

log = structlog.get_logger()
BATCH = 2000
# A worker was just handling one of its messages: a child came after its table was done, or both waited for each other.
HELD = {"23503", "40P01"}


async def purge_workspace(installation: Installation, workspace_id: int) -> int:
    """Purge a workspace whose time has come; returns how many rows that took away. Nothing happens to any other."""
    if not await _begin(installation, workspace_id):
        return 0
    await _leave_providers(installation, workspace_id)
    total = 0
    try:
        # A webhook that was being read while this began may have left rows behind the first round.
        left = True
        while left:
            rows, left = await _take_rows(installation, workspace_id)
            total += rows
    except WorkspaceNotFound:
        log.info("purge.home_gone", workspace_id=workspace_id)
    await _take_files(installation, workspace_id)
    await _take_keys(installation, workspace_id)
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(delete(Workspace).where(col(Workspace.id) == workspace_id))
    log.info("workspace.purged", workspace_id=workspace_id, rows=total)
    return total


async def _begin(installation: Installation, workspace_id: int) -> bool:
    """Take the addresses and keys, if it is due: from now on it cannot be restored."""
    async with installation.tenancy.catalog() as catalog:
        workspace = await catalog.get(Workspace, workspace_id, with_for_update=True)
        if workspace is None:
            return False
        if workspace.ready_at is not None and (workspace.purge_at is None or workspace.purge_at > now()):
            return False
        workspace.deleted_at = workspace.deleted_at or now()
        workspace.purge_at = workspace.purge_at or now()
        await catalog.execute(delete(ApiToken).where(col(ApiToken.workspace_id) == workspace_id))
    return True


async def _leave_providers(installation: Installation, workspace_id: int) -> None:
    """Have no webhooks sent here any more; a provider that cannot be reached learns it from the 404."""
    try:
        async with installation.tenancy.reading(workspace_id) as db:
            statement = select(col(ConnectedChannel.id)).where(col(ConnectedChannel.disconnected_at).is_(None))
            channel_ids = list((await db.execute(statement)).scalars())
    except WorkspaceNotFound:
        channel_ids = []
    for channel_id in channel_ids:
        try:
            await disconnect(installation, workspace_id, channel_id)
        except Exception:
            # Whatever is wrong with an adapter or its settings: the workspace goes.
            log.exception("purge.not_disconnected", workspace_id=workspace_id, channel_id=channel_id)
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(delete(ChannelRoute).where(col(ChannelRoute.workspace_id) == workspace_id))


async def _take_rows(installation: Installation, workspace_id: int) -> tuple[int, bool]:
    """Every table once, children before parents, in short transactions. Returns how many rows went, and whether to come again."""
    total, held = 0, False
    for table in reversed(workspace_metadata.sorted_tables):
        # The view shows this workspace only; the name is our own.
        statement = text(f"DELETE FROM {table.name} WHERE id IN (SELECT id FROM {table.name} LIMIT :batch)")  # noqa: S608
        deleted = BATCH
        while deleted == BATCH:
            try:
                async with installation.tenancy.workspace(workspace_id) as db:
                    deleted = (await db.execute(statement, {"batch": BATCH})).rowcount  # type: ignore[attr-defined]
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in HELD:
                    raise
                deleted, held = 0, True
            total += deleted
    return total, bool(total) or held


async def _take_files(installation: Installation, workspace_id: int) -> None:
    while keys := await _some_files(installation, workspace_id):
        for key in keys:
            await installation.files.delete(key)


async def _some_files(installation: Installation, workspace_id: int) -> list[str]:
    found: list[str] = []
    async for key in installation.files.listed(workspace_key(workspace_id)):
        found.append(key)
        if len(found) == BATCH:
            break
    return found


async def _take_keys(installation: Installation, workspace_id: int) -> None:
    with suppress(RedisError, OSError):
        async for key in installation.redis.scan_iter(match=workspace_key(workspace_id, "*"), count=1000):
            await installation.redis.delete(key)
