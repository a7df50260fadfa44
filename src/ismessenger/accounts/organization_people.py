"""The people of an organization: who they are, what they may do in it, and how they leave it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, delete, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from ismessenger.accounts.model import Member
from ismessenger.accounts.organizations import OrganizationPlace
from ismessenger.accounts.remove import lead_elsewhere
from ismessenger.accounts.rights import OWNER
from ismessenger.conversations.unassign import unassign_all
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account, Invitation, Membership, Organization, OrganizationMember, Workspace

ORGANIZATION_ROLES = ("admin", "user_admin", "member")
ADMIN = "admin"
MOST = 1000


class PersonRefused(ValueError):
    """This cannot be done with the person; the text says why."""


class PersonNotFound(LookupError):
    """Nobody of the organization has this id."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an organization. ``workspaces`` are those of it that they may enter."""

    account: Account
    role: str
    workspaces: Sequence[Workspace]


async def people_of(installation: Installation, organization_id: int) -> list[Person]:
    """Everybody of an organization, by name; at most `MOST`."""
    belong = (
        select(Account, OrganizationMember.role)
        .join(OrganizationMember, col(OrganizationMember.account_id) == Account.id)
        .where(col(OrganizationMember.organization_id) == organization_id)
        .order_by(Account.name, col(Account.id))
        .limit(MOST)
    )
    enter = (
        select(Membership.account_id, Workspace)
        .join(Workspace, col(Workspace.id) == Membership.workspace_id)
        .where(col(Workspace.organization_id) == organization_id, col(Workspace.deleted_at).is_(None))
        .order_by(Workspace.name, col(Workspace.id))
    )
    async with installation.tenancy.catalog() as catalog:
        people = (await catalog.execute(belong)).all()
        places = (await catalog.execute(enter)).all()
    workspaces: dict[int, list[Workspace]] = {account.id: [] for account, _role in people}
    for account_id, workspace in places:
        workspaces.get(account_id, []).append(workspace)
    return [Person(account, role, workspaces[account.id]) for account, role in people]


async def change_organization_role(
    installation: Installation, place: OrganizationPlace, account_id: int, role: str, *, by: Account
) -> None:
    """Give somebody another role in the organization. Raises `PersonRefused`, `PersonNotFound`."""
    if role not in ORGANIZATION_ROLES:
        raise PersonRefused(gettext("Choose a role: Admin, User admin or Member."))
    async with installation.tenancy.catalog() as catalog:
        held = await _hold(catalog, place, account_id, by=by, stays_admin=role == ADMIN)
        if ADMIN in {role, held.role} and place.role != ADMIN:
            raise PersonRefused(gettext("Only an admin makes or changes admins."))
        held.role = role


async def remove_person(installation: Installation, place: OrganizationPlace, account_id: int, *, by: Account) -> None:
    """Take somebody out of the organization and all its workspaces; their contacts there are then nobody's.

    May be repeated where a crash left it half done. Raises `PersonRefused`, `PersonNotFound`.
    """
    async with installation.tenancy.catalog() as catalog:
        held = await _hold(catalog, place, account_id, by=by, stays_admin=False)
        if held.role == ADMIN and place.role != ADMIN:
            raise PersonRefused(gettext("Only an admin removes admins."))
        account = await catalog.get_one(Account, account_id)
        of_it = select(Workspace).where(col(Workspace.organization_id) == place.organization.id).order_by(col(Workspace.id))
        workspaces = list((await catalog.execute(of_it)).scalars())
    await _refuse_to_leave_ownerless(installation, workspaces, account_id)
    for workspace in workspaces:
        await _take_out(installation, workspace.id, account_id, closed=workspace.deleted_at is not None)
    async with installation.tenancy.catalog() as catalog:
        await _hold(catalog, place, account_id, by=by, stays_admin=False)
        open_ones = (
            col(Invitation.organization_id) == place.organization.id,
            col(Invitation.email) == account.email,
            col(Invitation.accepted_at).is_(None),
            col(Invitation.cancelled_at).is_(None),
        )
        await catalog.execute(update(Invitation).where(*open_ones).values(cancelled_at=now()))
        belongs = (col(OrganizationMember.organization_id) == place.organization.id, col(OrganizationMember.account_id) == account_id)
        await catalog.execute(delete(OrganizationMember).where(*belongs))


async def _hold(catalog: AsyncSession, place: OrganizationPlace, account_id: int, *, by: Account, stays_admin: bool) -> OrganizationMember:
    """Somebody's place, with the organization locked: two admins cannot end each other at once."""
    await catalog.execute(select(Organization.id).where(col(Organization.id) == place.organization.id).with_for_update())
    statement = select(OrganizationMember).where(col(OrganizationMember.organization_id) == place.organization.id)
    belong = {each.account_id: each for each in (await catalog.execute(statement)).scalars()}
    held = belong.get(account_id)
    if held is None:
        raise PersonNotFound(gettext("This person does not belong to the organization."))
    if account_id == by.id:
        raise PersonRefused(gettext("Nobody changes their own role. Ask another admin."))
    actor = belong.get(by.id)
    if actor is None or actor.role != place.role:
        raise PersonRefused(gettext("Your own role was changed meanwhile. Reload the page."))
    if held.role == ADMIN and not stays_admin and [each.account_id for each in belong.values() if each.role == ADMIN] == [account_id]:
        raise PersonRefused(gettext("An organization needs an admin. Make somebody else an admin first."))
    return held


async def _refuse_to_leave_ownerless(installation: Installation, workspaces: Sequence[Workspace], account_id: int) -> None:
    owned: list[str] = []
    for workspace in workspaces:
        if workspace.deleted_at is not None:
            continue
        async with installation.tenancy.reading(workspace.id) as db:
            owners = select(Member.account_id).where(col(Member.role) == OWNER, col(Member.removed_at).is_(None))
            if list((await db.execute(owners)).scalars()) == [account_id]:
                owned.append(workspace.name)
    if owned:
        raise PersonRefused(
            gettext("This is the only Owner of %(owned)s. Make somebody else an Owner there first.") % {"owned": ", ".join(owned)}
        )


async def _take_out(installation: Installation, workspace_id: int, account_id: int, *, closed: bool) -> None:
    async with installation.tenancy.workspace(workspace_id) as db:
        owns = and_(col(Member.role) == OWNER, col(Member.removed_at).is_(None))
        held = select(Member).where(or_(col(Member.account_id) == account_id, owns)).order_by(col(Member.id)).with_for_update()
        found = list((await db.execute(held)).scalars())
        member = next((each for each in found if each.account_id == account_id), None)
        if member is not None and member.removed_at is None:
            if member.role == OWNER and len(found) == 1 and not closed:
                raise PersonRefused(gettext("This is the only Owner of a workspace. Make somebody else an Owner there first."))
            member.removed_at, member.team_id = now(), None
            db.announce("member", 0, member_id=member.id)
        async with installation.tenancy.catalog() as catalog:
            await lead_elsewhere(catalog, account_id, workspace_id)
    if member is not None:
        await unassign_all(installation, workspace_id, member.id, by=None)
