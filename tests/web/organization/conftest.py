"""The organization of a shop, as its people see it."""

from dataclasses import dataclass

import pytest
from sqlalchemy import text, update
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Account, OrganizationMember, Workspace
from tests.web.site import Shop


@dataclass
class Company:
    """An organization with one workspace; its Owner is the admin."""

    shop: Shop
    id: int

    @property
    def path(self) -> str:
        return f"/organizations/{self.id}"

    async def make(self, member: Member, role: str) -> None:
        """Give somebody a role past the verbs."""
        async with self.shop.installation.tenancy.catalog() as catalog:
            this = update(OrganizationMember).where(
                col(OrganizationMember.organization_id) == self.id, col(OrganizationMember.account_id) == member.account_id
            )
            await catalog.execute(this.values(role=role))

    async def role_of(self, member: Member) -> str | None:
        async with self.shop.installation.tenancy.catalog() as catalog:
            found = await catalog.get(OrganizationMember, {"organization_id": self.id, "account_id": member.account_id})
            return found.role if found else None

    async def has_totp(self, member: Member) -> None:
        async with self.shop.installation.tenancy.catalog() as catalog:
            await catalog.execute(update(Account).where(col(Account.id) == member.account_id).values(totp_enabled_at=now()))

    async def workspace_named(self, name: str) -> Workspace:
        async with self.shop.installation.tenancy.catalog() as catalog:
            query = text("SELECT id FROM catalog.workspace WHERE organization_id = :id AND name = :name")
            found = (await catalog.execute(query, {"id": self.id, "name": name})).scalar_one()
            return await catalog.get_one(Workspace, found)


@pytest.fixture
async def company(shop: Shop) -> Company:
    async with shop.installation.tenancy.catalog() as catalog:
        workspace = await catalog.get_one(Workspace, shop.world.workspace_id)
    return Company(shop, workspace.organization_id)
