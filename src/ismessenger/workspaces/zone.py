"""The time zone of a workspace: where its days begin."""

from sqlalchemy import select
from sqlmodel import col

from ismessenger.installation import Installation
from ismessenger.tenancy.catalog import Workspace


async def timezone_of(installation: Installation, workspace_id: int) -> str:
    """The zone's name; UTC for a workspace that is gone."""
    async with installation.tenancy.catalog() as catalog:
        found: str | None = (await catalog.execute(select(col(Workspace.timezone)).where(col(Workspace.id) == workspace_id))).scalar()
    return found or "UTC"
