"""The organizations that a person belongs to, and the workspaces that they may enter there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_
from sqlmodel import col, select

from ismessenger.installation import Installation
from ismessenger.tenancy.catalog import Membership, Organization, OrganizationMember, Workspace


@dataclass(frozen=True, slots=True)
class OrganizationPlace:
    """A person's place in an organization. ``role`` is admin, user_admin or member."""

    organization: Organization
    role: str


@dataclass(frozen=True, slots=True)
class Places:
    """An organization of a person with their workspaces there by name, deleted ones that can still be restored among them."""

    place: OrganizationPlace
    workspaces: Sequence[Workspace]


async def place_in(installation: Installation, account_id: int, organization_id: int) -> OrganizationPlace | None:
    """The account's place in an organization; ``None`` for a stranger."""
    statement = (
        select(Organization, OrganizationMember.role)
        .join(OrganizationMember, OrganizationMember.organization_id == Organization.id)  # type: ignore[arg-type]
        .where(Organization.id == organization_id, OrganizationMember.account_id == account_id)
    )
    async with installation.tenancy.catalog() as catalog:
        found = (await catalog.execute(statement)).one_or_none()
    return OrganizationPlace(*found) if found else None


async def places_of(installation: Installation, account_id: int) -> list[Places]:
    """Everything that a person belongs to, by name."""
    mine = select(Membership.workspace_id).where(col(Membership.account_id) == account_id)
    here = (col(Workspace.organization_id) == Organization.id, col(Workspace.ready_at).is_not(None), col(Workspace.id).in_(mine))
    statement = (
        select(Organization, OrganizationMember.role, Workspace)
        .join(OrganizationMember, col(OrganizationMember.organization_id) == Organization.id)
        .outerjoin(Workspace, and_(*here))
        .where(col(OrganizationMember.account_id) == account_id)
        .order_by(Organization.name, col(Organization.id), col(Workspace.name), col(Workspace.id))
    )
    async with installation.tenancy.catalog() as catalog:
        rows = (await catalog.execute(statement)).all()
    places = {organization.id: OrganizationPlace(organization, role) for organization, role, _workspace in rows}
    workspaces = [workspace for _organization, _role, workspace in rows if workspace is not None]
    return [Places(place, [each for each in workspaces if each.organization_id == id_]) for id_, place in places.items()]
