"""Sign in and out. The browser holds a random token, the catalog its SHA-256."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, and_, delete, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from ismessenger.accounts.language import remember_language
from ismessenger.accounts.model import Member
from ismessenger.accounts.organizations import OrganizationPlace
from ismessenger.accounts.passwords import hash_password, needs_rehash, verify_password
from ismessenger.accounts.presence import leave
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account, Membership, Organization, OrganizationMember, SignInSession, Workspace
from ismessenger.tenancy.doors import WorkspaceNotFound

LIFE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)
MAX_AGENT = 300
MAX_ADDRESS = 45


class SignInRefused(ValueError):
    """E-mail and password do not belong together."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser: its person, and the workspace it has open. ``lacks_totp``: the organization requires a second factor.

    ``organization`` is the workspace's, with the person's place in it.
    """

    token_hash: bytes
    account: Account
    workspace: Workspace | None
    lacks_totp: bool
    organization: OrganizationPlace | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is asking: the member in the workspace that the browser has open."""

    token_hash: bytes
    account: Account
    workspace: Workspace
    member: Member
    lacks_totp: bool
    organization: OrganizationPlace | None = None


async def check_credentials(installation: Installation, *, email: str, password: str) -> Account:
    """The account that an e-mail and its password belong to; no session yet. Raises `SignInRefused`."""
    async with installation.tenancy.catalog() as catalog:
        account = (await catalog.execute(select(Account).where(col(Account.email) == email.strip().lower()))).scalar_one_or_none()
    # An unknown address takes as long as a wrong password.
    if not await verify_password(account.password_hash if account else None, password) or account is None:
        raise SignInRefused(gettext("E-mail and password do not match."))
    if needs_rehash(account.password_hash):
        renewed = await hash_password(password)
        async with installation.tenancy.catalog() as catalog:
            (await catalog.get_one(Account, account.id)).password_hash = renewed
    return account


async def start_session(
    installation: Installation, account_id: int, *, workspace_id: int | None = None, user_agent: str = "", address: str = ""
) -> tuple[str, datetime]:
    """Sign a browser in, with this workspace open or else the person's first; returns the cookie's token and its end.

    Whoever calls this has found out that it is them. The e-mail's owner needs no workspace: they are shown what they can enter.
    """
    token, expires_at = new_token(), now() + LIFE
    async with installation.tenancy.catalog() as catalog:
        session = SignInSession(
            token_hash=digest(token),
            account_id=account_id,
            workspace_id=workspace_id if workspace_id is not None else await _first_workspace(catalog, account_id),
            user_agent=clean(user_agent, MAX_AGENT),
            address=address[:MAX_ADDRESS],
            expires_at=expires_at,
        )
        catalog.add(session)
        await remember_language(catalog, account_id)
    return token, expires_at


async def _first_workspace(catalog: AsyncSession, account_id: int) -> int | None:
    places = (
        select(col(Membership.workspace_id))
        .join(Workspace, col(Workspace.id) == col(Membership.workspace_id))
        .where(col(Membership.account_id) == account_id, col(Workspace.deleted_at).is_(None))
        .order_by(col(Membership.workspace_id))
    )
    return (await catalog.execute(places.limit(1))).scalar_one_or_none()


async def who_is(installation: Installation, token: str) -> SignedIn | None:
    """The member behind a cookie, or ``None`` if it is unknown, expired, or they have no place in the workspace."""
    browser = await browser_of(installation, token)
    if browser is None or browser.workspace is None:
        return None
    async with installation.tenancy.reading(browser.workspace.id) as db:
        mine = select(Member).where(col(Member.account_id) == browser.account.id, col(Member.removed_at).is_(None))
        member = (await db.execute(mine)).scalar_one_or_none()
    return (
        SignedIn(
            token_hash=browser.token_hash,
            account=browser.account,
            workspace=browser.workspace,
            member=member,
            lacks_totp=browser.lacks_totp,
            organization=browser.organization,
        )
        if member
        else None
    )


async def browser_of(installation: Installation, token: str) -> Browser | None:
    """The person behind a cookie, whatever workspace they have open; a deleted workspace is none."""
    token_hash = digest(token)
    async with installation.tenancy.catalog() as catalog:
        statement = (
            select(SignInSession, Account, Workspace, Organization, OrganizationMember)
            .join(Account, col(Account.id) == SignInSession.account_id)
            .outerjoin(Workspace, and_(col(Workspace.id) == SignInSession.workspace_id, col(Workspace.deleted_at).is_(None)))
            .outerjoin(Organization, col(Organization.id) == Workspace.organization_id)
            .outerjoin(
                OrganizationMember,
                and_(col(OrganizationMember.organization_id) == Organization.id, col(OrganizationMember.account_id) == Account.id),
            )
            .where(col(SignInSession.token_hash) == token_hash, col(SignInSession.expires_at) > now())
        )
        found = (await catalog.execute(statement)).one_or_none()
        if found is None:
            return None
        session, account, workspace, organization, place = found
        if session.seen_at < now() - SEEN_EVERY:
            session.seen_at = now()
    required = organization is not None and organization.totp_required_at is not None
    lacks_totp = required and account.totp_enabled_at is None
    return Browser(token_hash, account, workspace, lacks_totp, OrganizationPlace(organization, place.role) if place else None)


async def sign_out(installation: Installation, token: str) -> None:
    """End the session of a cookie; its sockets are closed by the change that this announces, and its person is offline."""
    for account_id, workspace_id in await _end(installation, col(SignInSession.token_hash) == digest(token)):
        # A workspace whose database is away, or that is gone, keeps nobody signed in.
        with suppress(WorkspaceNotFound, SQLAlchemyError, OSError):
            await leave(installation, workspace_id, account_id)
    async with installation.tenancy.catalog() as catalog:
        await catalog.execute(text("DELETE FROM catalog.sign_in_session WHERE expires_at < now()"))


async def sign_out_browser(installation: Installation, account_id: int, token_hash: bytes) -> None:
    """End one session of an account, from another browser."""
    await _end(installation, and_(col(SignInSession.account_id) == account_id, col(SignInSession.token_hash) == token_hash))


async def sign_out_everywhere(installation: Installation, account_id: int, *, but: bytes = b"") -> None:
    """End all sessions of an account, ``but`` the one with this hash."""
    await _end(installation, and_(col(SignInSession.account_id) == account_id, col(SignInSession.token_hash) != but))


async def _end(installation: Installation, which: ColumnElement[bool]) -> list[tuple[int, int]]:
    """End these sessions; returns account and workspace of those that had one open."""
    session = (col(SignInSession.account_id), col(SignInSession.workspace_id), col(SignInSession.token_hash))
    async with installation.tenancy.catalog() as catalog:
        ended = (await catalog.execute(delete(SignInSession).where(which).returning(*session))).all()
    here = [(account_id, workspace_id, token_hash) for account_id, workspace_id, token_hash in ended if workspace_id is not None]
    for _account_id, workspace_id, token_hash in here:
        # Without Redis no socket hears anything; when it is back, each of them asks again who it is.
        with suppress(RedisError, OSError):
            await installation.publisher.send(workspace_id, [{"kind": "signed_out", "contact_id": 0, "session": token_hash.hex()}])
    return [(account_id, workspace_id) for account_id, workspace_id, _token_hash in here]
