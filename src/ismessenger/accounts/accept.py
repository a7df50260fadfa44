"""Accept an invitation. Its link proves the mailbox; the account that accepts must have the address that was invited."""

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ismessenger.accounts.join import add_to_workspace
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account, Invitation, Membership, Organization, OrganizationMember, Workspace

State = Literal["open", "accepted", "cancelled", "expired", "deleted"]

_JOIN: Final = text(
    "INSERT INTO member (account_id, name, email, picture, role, status, restrictions, team_id, created_at)"
    " VALUES (:account_id, :name, :email, :picture, :role, 'online', :restrictions, (SELECT id FROM team WHERE id = :team_id), :at)"
    " ON CONFLICT (workspace_id, account_id) DO UPDATE SET name = excluded.name, email = excluded.email, picture = excluded.picture,"
    " role = excluded.role, restrictions = excluded.restrictions, team_id = excluded.team_id, removed_at = NULL"
    # Somebody who was removed afterwards does not come back by the same link.
    " WHERE member.removed_at < :at RETURNING id"
)
_MATES: Final = text("SELECT id FROM member WHERE team_id = (SELECT team_id FROM member WHERE id = :id) AND removed_at IS NULL")


class AcceptanceRefused(ValueError):
    """The invitation does not let this account in."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers. ``into`` is the name of the workspace, or of the organization where it is to that only."""

    invitation: Invitation
    state: State
    into: str
    has_account: bool


async def offer_behind(installation: Installation, token: str) -> Offer | None:
    """The offer of a link; ``None`` if no invitation has it (any more: a new letter makes the older link useless)."""
    statement = (
        select(Invitation, col(Organization.name), Workspace, col(Account.id))
        .join(Organization, col(Organization.id) == col(Invitation.organization_id))
        .outerjoin(Workspace, col(Workspace.id) == col(Invitation.workspace_id))
        .outerjoin(Account, col(Account.email) == col(Invitation.email))
        .where(col(Invitation.token_hash) == digest(token))
    )
    async with installation.tenancy.catalog() as catalog:
        found = (await catalog.execute(statement)).one_or_none()
    if found is None:
        return None
    invitation, organization, workspace, account_id = found
    into = workspace.name if workspace else organization
    return Offer(invitation, _state(invitation, workspace), into, has_account=account_id is not None)


def _state(invitation: Invitation, workspace: Workspace | None) -> State:
    if workspace is not None and workspace.deleted_at is not None:
        return "deleted"
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.cancelled_at is not None:
        return "cancelled"
    return "expired" if invitation.expires_at <= now() else "open"


async def accept(installation: Installation, token: str, account: Account) -> int | None:
    """Let an account in; the id of its workspace now, ``None`` if it is the organization only. Repeating it changes nothing.

    Raises `AcceptanceRefused`.
    """
    invitation = await _take(installation, token, account)
    if invitation.workspace_id is None:
        return None
    async with installation.tenancy.workspace(invitation.workspace_id) as db:
        values = {
            "account_id": account.id,
            "name": account.name,
            "email": account.email,
            "picture": account.picture,
            "role": invitation.role,
            "restrictions": list(invitation.restrictions),
            "team_id": invitation.team_id,
            "at": invitation.accepted_at,
        }
        member_id = (await db.execute(_JOIN, values)).scalar_one_or_none()
        if member_id is not None:
            for (mate_id,) in (await db.execute(_MATES, {"id": member_id})).all():
                db.announce("member", 0, member_id=mate_id)
    return invitation.workspace_id


async def _take(installation: Installation, token: str, account: Account) -> Invitation:
    """Use the invitation up. It may be taken twice by the same account as long as that has its place."""
    async with installation.tenancy.catalog() as catalog:
        statement = (
            select(Invitation, Workspace)
            .outerjoin(Workspace, col(Workspace.id) == col(Invitation.workspace_id))
            .where(col(Invitation.token_hash) == digest(token))
            .with_for_update(of=Invitation)
        )
        found = (await catalog.execute(statement)).one_or_none()
        if found is None or found[0].email != account.email:
            raise AcceptanceRefused(gettext("This invitation is not for this account."))
        invitation, workspace = found
        state = _state(invitation, workspace)
        if state == "accepted" and await _has_place(catalog, invitation, account.id):
            return invitation
        if state != "open":
            raise AcceptanceRefused(gettext("This invitation cannot be accepted any more."))
        invitation.accepted_at = now()
        if invitation.workspace_id is not None:
            await add_to_workspace(catalog, account.id, invitation.workspace_id)
        else:
            belongs = insert(OrganizationMember).values(
                organization_id=invitation.organization_id, account_id=account.id, role=invitation.organization_role, created_at=now()
            )
            await catalog.execute(belongs.on_conflict_do_nothing())
        verified = update(Account).where(col(Account.id) == account.id, col(Account.email_verified_at).is_(None))
        await catalog.execute(verified.values(email_verified_at=now()))
    return invitation


async def _has_place(catalog: AsyncSession, invitation: Invitation, account_id: int) -> bool:
    if invitation.workspace_id is None:
        place: object = await catalog.get(OrganizationMember, {"organization_id": invitation.organization_id, "account_id": account_id})
    else:
        place = await catalog.get(Membership, {"workspace_id": invitation.workspace_id, "account_id": account_id})
    return place is not None


def masked(email: str) -> str:
    """An address that its owner recognizes and nobody else learns: ``a…@example.com``."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"
