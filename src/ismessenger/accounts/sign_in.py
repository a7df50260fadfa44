"""Sign in and out. The browser holds a random token, the catalog its SHA-256."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import and_, delete, text
from sqlmodel import col, select

from ismessenger.accounts.model import Member
from ismessenger.accounts.passwords import hash_password, needs_rehash, verify_password
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.tenancy.catalog import Account, Membership, Organization, SignInSession, Workspace

LIFE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)
MAX_AGENT = 300


class SignInRefused(ValueError):
    """E-mail and password do not belong together, or there is no workspace to enter."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A signed-in browser: its person, and the workspace it has open. ``lacks_totp``: the organization requires a second factor."""

    token_hash: bytes
    account: Account
    workspace: Workspace | None
    lacks_totp: bool


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is asking: the member in the workspace that the browser has open."""

    token_hash: bytes
    account: Account
    workspace: Workspace
    member: Member
    lacks_totp: bool


async def sign_in(installation: Installation, *, email: str, password: str, user_agent: str = "") -> tuple[str, datetime]:
    """Check a password and start a session; returns the cookie's token and its end. Raises `SignInRefused`."""
    async with installation.tenancy.catalog() as catalog:
        account = (await catalog.execute(select(Account).where(Account.email == email.strip().lower()))).scalar_one_or_none()
    # An unknown address takes as long as a wrong password.
    if not await verify_password(account.password_hash if account else None, password) or account is None:
        raise SignInRefused("E-mail and password do not match.")
    token, expires_at = new_token(), now() + LIFE
    async with installation.tenancy.catalog() as catalog:
        if needs_rehash(account.password_hash):
            (await catalog.get_one(Account, account.id)).password_hash = await hash_password(password)
        places = select(Membership.workspace_id).where(Membership.account_id == account.id).order_by(Membership.workspace_id)  # type: ignore[arg-type]
        workspace_id = (await catalog.execute(places.limit(1))).scalar_one_or_none()
        if workspace_id is None:
            raise SignInRefused("This account belongs to no workspace. Ask its owner to invite you.")
        catalog.add(
            SignInSession(
                token_hash=digest(token),
                account_id=account.id,
                workspace_id=workspace_id,
                user_agent=user_agent.replace("\x00", "")[:MAX_AGENT],
                expires_at=expires_at,
            )
        )
    return token, expires_at


async def who_is(installation: Installation, token: str) -> SignedIn | None:
    """The member behind a cookie, or ``None`` if it is unknown, expired, or they have no place in the workspace."""
    browser = await browser_of(installation, token)
    if browser is None or browser.workspace is None:
        return None
    async with installation.tenancy.reading(browser.workspace.id) as db:
        mine = select(Member).where(Member.account_id == browser.account.id, Member.removed_at.is_(None))  # type: ignore[union-attr]
        member = (await db.execute(mine)).scalar_one_or_none()
    return (
        SignedIn(
            token_hash=browser.token_hash,
            account=browser.account,
            workspace=browser.workspace,
            member=member,
            lacks_totp=browser.lacks_totp,
        )
        if member
        else None
    )


async def browser_of(installation: Installation, token: str) -> Browser | None:
    """The person behind a cookie, whatever workspace they have open; a deleted workspace is none."""
    token_hash = digest(token)
    async with installation.tenancy.catalog() as catalog:
        statement = (
            select(SignInSession, Account, Workspace, Organization.totp_required_at)
            .join(Account, Account.id == SignInSession.account_id)  # type: ignore[arg-type]
            .outerjoin(Workspace, and_(col(Workspace.id) == SignInSession.workspace_id, col(Workspace.deleted_at).is_(None)))
            .outerjoin(Organization, col(Organization.id) == Workspace.organization_id)
            .where(SignInSession.token_hash == token_hash, SignInSession.expires_at > now())
        )
        found = (await catalog.execute(statement)).one_or_none()
        if found is None:
            return None
        session, account, workspace, totp_required_at = found
        if session.seen_at < now() - SEEN_EVERY:
            session.seen_at = now()
    return Browser(token_hash, account, workspace, lacks_totp=totp_required_at is not None and account.totp_enabled_at is None)


async def sign_out(installation: Installation, token: str) -> None:
    """End the session; its sockets are closed by the change that this announces."""
    token_hash = digest(token)
    async with installation.tenancy.catalog() as catalog:
        statement = delete(SignInSession).where(col(SignInSession.token_hash) == token_hash).returning(col(SignInSession.workspace_id))
        workspace_id = (await catalog.execute(statement)).scalar_one_or_none()
        await catalog.execute(text("DELETE FROM catalog.sign_in_session WHERE expires_at < now()"))
    if workspace_id is None:
        return
    # Without Redis no socket hears anything; when it is back, each of them asks again who it is.
    with suppress(RedisError, OSError):
        await installation.publisher.send(workspace_id, [{"kind": "signed_out", "contact_id": 0, "session": token_hash.hex()}])
