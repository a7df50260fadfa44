"""Sign in and out. The browser holds a random token, the catalog its SHA-256."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import delete, text
from sqlmodel import col, select

from ismessenger.accounts.model import Member
from ismessenger.accounts.passwords import hash_password, needs_rehash, verify_password
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.tenancy.catalog import Account, Membership, SignInSession, Workspace

LIFE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)
MAX_AGENT = 300


class SignInRefused(ValueError):
    """E-mail and password do not belong together, or there is no workspace to enter."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is asking: the member in the workspace that the browser has open."""

    token_hash: bytes
    account_id: int
    workspace: Workspace
    member: Member


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
    """The member behind a cookie, or ``None`` if it is unknown, expired or the member was removed."""
    token_hash = digest(token)
    async with installation.tenancy.catalog() as catalog:
        statement = (
            select(SignInSession, Workspace)
            .join(Workspace, Workspace.id == SignInSession.workspace_id)  # type: ignore[arg-type]
            .where(SignInSession.token_hash == token_hash, SignInSession.expires_at > now())
        )
        found = (await catalog.execute(statement)).one_or_none()
        if found is None:
            return None
        session, workspace = found
        if session.seen_at < now() - SEEN_EVERY:
            session.seen_at = now()
    async with installation.tenancy.reading(workspace.id) as db:
        mine = select(Member).where(Member.account_id == session.account_id, Member.removed_at.is_(None))  # type: ignore[union-attr]
        member = (await db.execute(mine)).scalar_one_or_none()
    return SignedIn(token_hash, session.account_id, workspace, member) if member else None


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
