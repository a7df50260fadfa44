"""The organizations that a person belongs to."""

from dataclasses import dataclass

from sqlmodel import select

from ismessenger.installation import Installation
from ismessenger.tenancy.catalog import Organization, OrganizationMember


@dataclass(frozen=True, slots=True)
class OrganizationPlace:
    """A person's place in an organization. ``role`` is admin, user_admin or member."""

    organization: Organization
    role: str


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
