"""Invite people by e-mail. An invitation is a row of the catalog and a link that works for a week; the newest link counts."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ismessenger.accounts.access import Access, NotManaged, check_access
from ismessenger.accounts.join import check_email
from ismessenger.accounts.letters import Words, send
from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import may_manage
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.catalog import Account, Invitation, Workspace

LIFE = timedelta(days=7)

_LETTER = Words(
    marked("%(inviter)s invites you to %(workspace)s"),
    marked("""Hello,

%(inviter)s invites you to work with them in the workspace %(workspace)s on IS-Messenger.

Open this link to accept. It works until %(until)s:

%(link)s

If you do not know what this is about, leave it: nothing happens.
"""),
)


class InvitationRefused(ValueError):
    """This person cannot be invited; the text says why."""


class InvitationNotFound(LookupError):
    """There is no such invitation, or it is not open any more."""


async def open_invitations(catalog: AsyncSession, workspace_id: int) -> Sequence[Invitation]:
    """Those to a workspace that were neither accepted nor cancelled, the newest first; also those that have expired."""
    statement = select(Invitation).where(*_open(), col(Invitation.workspace_id) == workspace_id)
    return list((await catalog.execute(statement.order_by(col(Invitation.sent_at).desc(), col(Invitation.id).desc()))).scalars())


async def invite(installation: Installation, workspace: Workspace, *, email: str, access: Access, by: Member) -> None:
    """Offer somebody a place in a workspace, by letter. Raises `NotManaged`, `AccessRefused`, `InvitationRefused`, `MemberRefused`."""
    email = check_email(email)
    _see_managed(by, access.role)
    await _see_free(installation, workspace, email, access)
    token, at = new_token(), now()
    values = {
        "token_hash": digest(token),
        "organization_id": workspace.organization_id,
        "organization_role": "member",
        "workspace_id": workspace.id,
        "email": email,
        "role": access.role,
        "restrictions": sorted(set(access.restrictions)),
        "team_id": access.team_id,
        "invited_by": by.name,
        "created_at": at,
        "sent_at": at,
        "expires_at": at + LIFE,
    }
    async with installation.tenancy.catalog() as catalog:
        await _end_expired(catalog, workspace.id, email)
        # Of two who invite the same person at once, the second is told: an index allows one open invitation.
        new = insert(Invitation).values(**values).on_conflict_do_nothing().returning(Invitation)
        made = (await catalog.execute(new)).scalar_one_or_none()
        if made is None:
            raise InvitationRefused(
                gettext("%(email)s is invited already. Send the letter again, or cancel that invitation first.") % {"email": email}
            )
        await _write(catalog, installation, made, workspace.name, token)


async def _see_free(installation: Installation, workspace: Workspace, email: str, access: Access) -> None:
    """See that the access can be given, and that the person is not here yet."""
    async with installation.tenancy.catalog() as catalog:
        account_id = (await catalog.execute(select(col(Account.id)).where(col(Account.email) == email))).scalar_one_or_none()
    async with installation.tenancy.reading(workspace.id) as db:
        await check_access(db, access)
        here = exists().where(col(Member.account_id) == account_id, col(Member.removed_at).is_(None))
        if account_id is not None and (await db.execute(select(here))).scalar_one():
            raise InvitationRefused(gettext("%(email)s is a member of this workspace already.") % {"email": email})


async def _end_expired(catalog: AsyncSession, workspace_id: int, email: str) -> None:
    same = (*_open(), col(Invitation.workspace_id) == workspace_id, col(Invitation.email) == email)
    await catalog.execute(update(Invitation).where(*same, col(Invitation.expires_at) <= now()).values(cancelled_at=now()))


async def send_again(installation: Installation, workspace: Workspace, invitation_id: int, *, by: Member) -> Invitation:
    """A new letter with a new link for a week; the link of the one before is dead. Raises `InvitationNotFound`, `NotManaged`."""
    token = new_token()
    async with installation.tenancy.catalog() as catalog:
        invitation = await _hold(catalog, workspace.id, invitation_id, by)
        invitation.token_hash, invitation.sent_at, invitation.expires_at = digest(token), now(), now() + LIFE
        invitation.invited_by = by.name
        await _write(catalog, installation, invitation, workspace.name, token)
    return invitation


async def cancel(installation: Installation, workspace_id: int, invitation_id: int, *, by: Member) -> Invitation:
    """Take an invitation back: its link is dead. Raises `InvitationNotFound`, `NotManaged`."""
    async with installation.tenancy.catalog() as catalog:
        invitation = await _hold(catalog, workspace_id, invitation_id, by)
        invitation.cancelled_at = now()
    return invitation


async def _hold(catalog: AsyncSession, workspace_id: int, invitation_id: int, by: Member) -> Invitation:
    statement = select(Invitation).where(*_open(), col(Invitation.id) == invitation_id, col(Invitation.workspace_id) == workspace_id)
    invitation: Invitation | None = (await catalog.execute(statement.with_for_update())).scalar_one_or_none()
    if invitation is None:
        raise InvitationNotFound(gettext("This invitation was accepted or cancelled meanwhile."))
    _see_managed(by, invitation.role)
    return invitation


def _see_managed(by: Member, role: str) -> None:
    if not may_manage(by, role):
        raise NotManaged(gettext("Managers invite Agents only. Ask an Owner."))


def _open() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Invitation.accepted_at).is_(None), col(Invitation.cancelled_at).is_(None)


async def _write(catalog: AsyncSession, installation: Installation, invitation: Invitation, workspace_name: str, token: str) -> None:
    link = f"{installation.settings.address}/invitations/{token}"
    facts = {"inviter": invitation.invited_by, "workspace": workspace_name, "until": invitation.expires_at, "link": link}
    await send(catalog, invitation.email, _LETTER, **facts)
