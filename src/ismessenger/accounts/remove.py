"""Remove a member from a workspace. The account, the organization and the person's other workspaces stay."""

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ismessenger.accounts.access import hold_managed
from ismessenger.accounts.model import Member
from ismessenger.conversations.unassign import unassign_all
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Membership, SignInSession, Workspace


async def remove_member(installation: Installation, workspace_id: int, member_id: int, *, by: Member) -> None:
    """Close the workspace to a member; their contacts are then nobody's.

    Raises `NotManaged`, `AccessRefused`, `MemberNotFound`.
    """
    async with installation.tenancy.workspace(workspace_id) as db:
        member = await hold_managed(db, member_id, by=by, leaves_owners=True)
        member.removed_at, member.team_id = now(), None
        db.announce("member", 0, member_id=member.id)
        # If this commits and the workspace does not, the member is still in the list and can be removed once more.
        async with installation.tenancy.catalog() as catalog:
            await lead_elsewhere(catalog, member.account_id, workspace_id)
    # Outside: whoever assigns locks the contact and then the member. What a crash leaves over, the nightly tidying takes.
    await unassign_all(installation, workspace_id, member.id, by=by.id)


async def lead_elsewhere(catalog: AsyncSession, account_id: int, workspace_id: int) -> None:
    """Take the place away; browsers that have the workspace open go on in another one of the person, or are asked to choose."""
    await catalog.execute(delete(Membership).where(col(Membership.account_id) == account_id, col(Membership.workspace_id) == workspace_id))
    places = (
        select(col(Membership.workspace_id))
        .join(Workspace, col(Workspace.id) == col(Membership.workspace_id))
        .where(col(Membership.account_id) == account_id, col(Workspace.deleted_at).is_(None))
        .order_by(col(Membership.workspace_id))
        .limit(1)
    )
    sessions = update(SignInSession).where(col(SignInSession.account_id) == account_id, col(SignInSession.workspace_id) == workspace_id)
    await catalog.execute(sessions.values(workspace_id=places.scalar_subquery()))
