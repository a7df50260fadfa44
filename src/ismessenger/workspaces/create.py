"""Make a workspace with its first owner. Catalog and home share no transaction, so every step may be repeated."""

import re
import unicodedata
from dataclasses import dataclass

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from ismessenger.accounts.join import add_to_workspace, check_newcomer, join_workspace
from ismessenger.accounts.model import Member
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.zones import is_zone
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.catalog import Account, Organization, OrganizationMember, Workspace
from ismessenger.tenancy.doors import DEFAULT_HOME

DEMO_SLUG = "pedal-pine"
"""What `create_workspace` makes of the name of the demo shop."""

MAX_NAME = 100
NAME_OF_ORGANIZATION = marked("An organization needs a name of at most %(most)s characters.")
NAME_OF_WORKSPACE = marked("A workspace needs a name of at most %(most)s characters.")
MAX_WORKSPACES = 100
MAX_ORGANIZATIONS = 20


class WorkspaceRefused(ValueError):
    """The workspace cannot be made, or not be like this; the text says why."""


@dataclass(frozen=True, slots=True)
class WorkspaceCreated:
    """The outcome of `create_workspace`."""

    workspace_id: int
    slug: str


async def create_workspace(
    installation: Installation, *, name: str, owner_email: str, owner_password: str, owner_name: str = "", home: str = DEFAULT_HOME
) -> WorkspaceCreated:
    """Make a workspace in an organization of its own, and its owner. Raises `WorkspaceRefused`, `MemberRefused`."""
    name = checked_name(name)
    checked_home(installation, home)
    called = owner_name or owner_email.partition("@")[0]
    check_newcomer(email=owner_email, password=owner_password, name=called, role="owner")
    workspace = await lay_workspace(installation, None, name, organization=name, timezone="UTC", home=home)
    await join_workspace(installation, workspace.id, email=owner_email, password=owner_password, name=called, role="owner")
    async with installation.tenancy.catalog() as catalog:
        (await catalog.get_one(Workspace, workspace.id)).ready_at = now()
    return WorkspaceCreated(workspace.id, workspace.slug)


async def add_workspace(
    installation: Installation,
    account: Account,
    *,
    name: str,
    organization_id: int | None = None,
    organization: str = "",
    timezone: str = "UTC",
    home: str = DEFAULT_HOME,
) -> WorkspaceCreated:
    """Make a workspace whose owner has an account: in an organization that there is, else in a new one. Raises `WorkspaceRefused`.

    Nobody enters it before all is in place; what a crash leaves half made is tidied away.
    """
    name = checked_name(name)
    organization = checked_name(organization or name, NAME_OF_ORGANIZATION)
    checked_home(installation, home)
    if not is_zone(timezone):
        raise WorkspaceRefused(gettext("Choose a time zone of the list."))
    if organization_id is None:
        await _check_room_for_organizations(installation, account.id)
    workspace = await lay_workspace(installation, organization_id, name, organization=organization, timezone=timezone, home=home)
    async with installation.tenancy.workspace(workspace.id) as db:
        owner = {"account_id": account.id, "name": account.name, "email": account.email, "picture": account.picture, "role": "owner"}
        statement = insert(Member).values(workspace_id=workspace.id, restrictions=[], created_at=now(), **owner)
        await db.execute(statement.on_conflict_do_nothing(index_elements=["workspace_id", "account_id"]))
    async with installation.tenancy.catalog() as catalog:
        await add_to_workspace(catalog, account.id, workspace.id)
        (await catalog.get_one(Workspace, workspace.id)).ready_at = now()
    return WorkspaceCreated(workspace.id, workspace.slug)


async def find_workspace(installation: Installation, named: str) -> Workspace:
    """A workspace by its id, slug or exact name. Raises `WorkspaceRefused`."""
    async with installation.tenancy.catalog() as catalog:
        number = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else -1  # noqa: PLR2004 - a bigint
        statement = select(Workspace).where((Workspace.id == number) | (Workspace.slug == named) | (Workspace.name == named))
        found = list((await catalog.execute(statement.limit(2))).scalars())
    if not found:
        raise WorkspaceRefused(gettext("There is no workspace %(named)s.") % {"named": repr(named)})
    if len(found) > 1:
        raise WorkspaceRefused(gettext("Several workspaces are called %(named)s: name one by its id or slug.") % {"named": repr(named)})
    return found[0]


def checked_name(name: str, refusal: str = NAME_OF_WORKSPACE) -> str:
    """A name as it is stored. Raises `WorkspaceRefused`."""
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise WorkspaceRefused(gettext(refusal) % {"most": MAX_NAME})
    return name


def checked_home(installation: Installation, home: str) -> None:
    """See that there is such a home. Raises `WorkspaceRefused`."""
    if home not in installation.tenancy.homes:
        known = ", ".join(installation.tenancy.homes)
        raise WorkspaceRefused(gettext("There is no home %(home)s. Known homes: %(known)s.") % {"home": repr(home), "known": known})


async def _check_room_for_organizations(installation: Installation, account_id: int) -> None:
    async with installation.tenancy.catalog() as catalog:
        own = select(func.count()).where(col(OrganizationMember.account_id) == account_id, col(OrganizationMember.role) == "admin")
        if (await catalog.execute(own)).scalar_one() >= MAX_ORGANIZATIONS:
            raise WorkspaceRefused(gettext("A person leads at most %(most)s organizations.") % {"most": MAX_ORGANIZATIONS})


async def lay_workspace(
    installation: Installation, organization_id: int | None, name: str, *, organization: str, timezone: str, home: str
) -> Workspace:
    """The workspace's row in the catalog, and its organization's where that is new."""
    async with installation.tenancy.catalog() as catalog:
        if organization_id is None:
            made = Organization(name=organization)
            catalog.add(made)
            await catalog.flush()
            organization_id = made.id
        # Held until the row is there, so that two at once do not both find room for the last one.
        held = select(Organization.id).where(Organization.id == organization_id).with_for_update()
        if (await catalog.execute(held)).first() is None:
            raise WorkspaceRefused(gettext("This organization does not exist any more."))
        has = select(func.count()).where(col(Workspace.organization_id) == organization_id)
        if (await catalog.execute(has)).scalar_one() >= MAX_WORKSPACES:
            raise WorkspaceRefused(
                gettext("An organization has at most %(most)s workspaces, those that are being deleted among them.")
                % {"most": MAX_WORKSPACES}
            )
        slug = await _free_slug(catalog, name)
        workspace = Workspace(organization_id=organization_id, slug=slug, name=name, home=home, timezone=timezone)
        catalog.add(workspace)
        await catalog.flush()
    return workspace


async def _free_slug(catalog: AsyncSession, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "workspace"
    await catalog.execute(text("SELECT pg_advisory_xact_lock(hashtext('slug/' || :base))"), {"base": base})
    taken = set((await catalog.execute(select(col(Workspace.slug)).where(col(Workspace.slug).startswith(base)))).scalars())
    if base not in taken:
        return base
    return next(slug for number in range(2, len(taken) + 3) if (slug := f"{base}-{number}") not in taken)
