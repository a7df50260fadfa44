"""Change what the catalog knows of a workspace."""

from ismessenger.installation import Installation
from ismessenger.kit.zones import is_zone
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Workspace
from ismessenger.workspaces.create import WorkspaceRefused, checked_name


async def change_workspace(installation: Installation, workspace_id: int, *, name: str, timezone: str) -> None:
    """Give a workspace another name or time zone. Raises `WorkspaceRefused`."""
    name = checked_name(name)
    if not is_zone(timezone):
        raise WorkspaceRefused(gettext("Choose a time zone of the list."))
    async with installation.tenancy.catalog() as catalog:
        workspace = await catalog.get_one(Workspace, workspace_id)
        workspace.name, workspace.timezone = name, timezone
