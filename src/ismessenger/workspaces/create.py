"""Make a workspace with its first owner. Catalog and home share no transaction, so every step may be repeated."""

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from ismessenger.accounts.join import check_newcomer, join_workspace
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Organization, Workspace
from ismessenger.tenancy.doors import DEFAULT_HOME

MAX_NAME = 100


class WorkspaceRefused(ValueError):
    """The workspace cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class WorkspaceCreated:
    """The outcome of `create_workspace`."""

    workspace_id: int
    slug: str


async def create_workspace(
    installation: Installation,
    *,
    name: str,
    owner_email: str,
    owner_password: str,
    owner_name: str = "",
    home: str = DEFAULT_HOME,
    organization: str = "",
) -> WorkspaceCreated:
    """Make a workspace and its owner, in an organization of its own, which is called like it or else ``organization``.

    Raises `WorkspaceRefused`, `MemberRefused`.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise WorkspaceRefused(f"A workspace needs a name of at most {MAX_NAME} characters.")
    if home not in installation.tenancy.homes:
        known = ", ".join(installation.tenancy.homes)
        raise WorkspaceRefused(f"There is no home {home!r}. Known homes: {known}.")
    called = owner_name or owner_email.partition("@")[0]
    check_newcomer(email=owner_email, password=owner_password, name=called, role="owner")
    async with installation.tenancy.catalog() as catalog:
        founded = Organization(name=organization or name)
        catalog.add(founded)
        await catalog.flush()
        slug = await _free_slug(catalog, name)
        workspace = Workspace(organization_id=founded.id, slug=slug, name=name, home=home)
        catalog.add(workspace)
        await catalog.flush()
    await join_workspace(installation, workspace.id, email=owner_email, password=owner_password, name=called, role="owner")
    async with installation.tenancy.catalog() as catalog:
        (await catalog.get_one(Workspace, workspace.id)).ready_at = now()
    return WorkspaceCreated(workspace.id, slug)


async def find_workspace(installation: Installation, named: str) -> Workspace:
    """A workspace by its id, slug or exact name. Raises `WorkspaceRefused`."""
    async with installation.tenancy.catalog() as catalog:
        number = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else -1  # noqa: PLR2004 - a bigint
        statement = select(Workspace).where((Workspace.id == number) | (Workspace.slug == named) | (Workspace.name == named))
        found = list((await catalog.execute(statement.limit(2))).scalars())
    if not found:
        raise WorkspaceRefused(f"There is no workspace {named!r}.")
    if len(found) > 1:
        raise WorkspaceRefused(f"Several workspaces are called {named!r}: name one by its id or slug.")
    return found[0]


async def _free_slug(catalog: AsyncSession, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "workspace"
    await catalog.execute(text("SELECT pg_advisory_xact_lock(hashtext('slug/' || :base))"), {"base": base})
    taken = set((await catalog.execute(select(col(Workspace.slug)).where(col(Workspace.slug).startswith(base)))).scalars())
    if base not in taken:
        return base
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{base}-{number}") not in taken)
