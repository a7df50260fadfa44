"""The workspaces of an organization, and what one of them holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, text
from sqlmodel import col, select

from ismessenger.installation import Installation
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Membership, Workspace

MOST = 10_000

_CONTENT = text(
    "SELECT (SELECT count(*) FROM member WHERE removed_at IS NULL) AS members,"
    " (SELECT count(*) FROM channel WHERE disconnected_at IS NULL) AS channels,"
    " (SELECT count(*) FROM (SELECT FROM contact LIMIT :most) AS first_ones) AS contacts"
)


class WorkspaceUnknown(LookupError):
    """The organization has no such workspace."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A workspace and how many people may enter it."""

    workspace: Workspace
    people: int


@dataclass(frozen=True, slots=True)
class Content:
    """What goes with a workspace. ``contacts`` stops at `MOST`."""

    members: int
    channels: int
    contacts: int


async def workspaces_of(installation: Installation, organization_id: int) -> Sequence[Listed]:
    """All that are finished, by name, deleted ones among them."""
    people = select(func.count()).where(col(Membership.workspace_id) == Workspace.id).scalar_subquery()
    statement = (
        select(Workspace, people)
        .where(col(Workspace.organization_id) == organization_id, col(Workspace.ready_at).is_not(None))
        .order_by(Workspace.name, col(Workspace.id))
    )
    async with installation.tenancy.catalog() as catalog:
        return [Listed(workspace, number) for workspace, number in (await catalog.execute(statement)).all()]


async def workspace_in(installation: Installation, organization_id: int, workspace_id: int) -> Workspace:
    """One of them. Raises `WorkspaceUnknown`."""
    statement = select(Workspace).where(
        col(Workspace.id) == workspace_id, col(Workspace.organization_id) == organization_id, col(Workspace.ready_at).is_not(None)
    )
    async with installation.tenancy.catalog() as catalog:
        found: Workspace | None = (await catalog.execute(statement)).scalar_one_or_none()
    if found is None:
        raise WorkspaceUnknown(gettext("There is no such workspace."))
    return found


async def content_of(installation: Installation, workspace_id: int) -> Content:
    """What would go with it."""
    async with installation.tenancy.reading(workspace_id) as db:
        row = (await db.execute(_CONTENT, {"most": MOST})).one()
    return Content(row.members, row.channels, row.contacts)
