"""Change an organization: its name, its logo, and whether its people need a second factor."""

from contextlib import suppress

from sqlmodel import col, select

from ismessenger.accounts.model import Member
from ismessenger.accounts.organization_people import people_of
from ismessenger.files.pictures import keep_picture
from ismessenger.files.store import StoreUnavailable
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account, Organization, Workspace

MAX_NAME = 100


class OrganizationRefused(ValueError):
    """The organization cannot be like this; the text says why."""


async def rename_organization(installation: Installation, organization_id: int, name: str) -> None:
    """Give it another name. Raises `OrganizationRefused`."""
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise OrganizationRefused(gettext("An organization needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    async with installation.tenancy.catalog() as catalog:
        (await catalog.get_one(Organization, organization_id)).name = name


async def change_logo(installation: Installation, organization_id: int, content: bytes | None) -> None:
    """Show this picture, or none. Raises `PictureRefused`, `StoreUnavailable`."""
    key = await keep_picture(installation.files, f"organizations/{organization_id}", content) if content is not None else ""
    async with installation.tenancy.catalog() as catalog:
        organization = await catalog.get_one(Organization, organization_id, with_for_update=True)
        before, organization.logo = organization.logo, key
    if before:
        with suppress(StoreUnavailable):  # nothing points to it any more
            await installation.files.delete(before)


async def require_totp(installation: Installation, organization_id: int, *, required: bool, by: Account) -> None:
    """Let nobody without a second factor into the organization's workspaces, or let them again. Raises `OrganizationRefused`."""
    if required and by.totp_enabled_at is None:
        raise OrganizationRefused(gettext("Set up two-step sign-in for yourself first, so that you do not lock yourself out."))
    async with installation.tenancy.catalog() as catalog:
        organization = await catalog.get_one(Organization, organization_id, with_for_update=True)
        organization.totp_required_at = (organization.totp_required_at or now()) if required else None
    if required:
        await _hang_up(installation, organization_id)


async def _hang_up(installation: Installation, organization_id: int) -> None:
    """Have the open pages of those who lack it asked for again."""
    lacking = [person.account.id for person in await people_of(installation, organization_id) if person.account.totp_enabled_at is None]
    async with installation.tenancy.catalog() as catalog:
        of_it = select(Workspace.id).where(col(Workspace.organization_id) == organization_id, col(Workspace.deleted_at).is_(None))
        workspace_ids = list((await catalog.execute(of_it)).scalars())
    for workspace_id in workspace_ids if lacking else ():
        async with installation.tenancy.workspace(workspace_id) as db:
            theirs = select(Member.id).where(col(Member.account_id).in_(lacking), col(Member.removed_at).is_(None))
            for member_id in (await db.execute(theirs)).scalars():
                db.announce("member", 0, member_id=member_id)
