"""API tokens: a developer's keys to one workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import or_, select, update
from sqlmodel import col

from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import ApiToken, Workspace

PREFIX = "ism_"
MAX_NAME = 100
MAX_TOKENS = 100
USED_EVERY = timedelta(minutes=1)

Scope = Literal["contacts:read", "contacts:write", "messages:read", "messages:write", "conversations:write"]
SCOPES: Final[tuple[Scope, ...]] = ("contacts:read", "contacts:write", "messages:read", "messages:write", "conversations:write")


class TokenRefused(ValueError):
    """A token cannot be like that; the text says why."""


class TokenNotFound(LookupError):
    """There is no such token, or it was revoked."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a token opens."""

    workspace_id: int
    scopes: frozenset[str]


async def create_token(
    installation: Installation, workspace_id: int, name: str, *, scopes: Sequence[str] = SCOPES, created_by: str = ""
) -> str:
    """A new token; it is shown once and cannot be read back. Raises `TokenRefused`."""
    name = name.strip()
    if not name or len(name) > MAX_NAME:
        raise TokenRefused(gettext("A token needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if not scopes or set(scopes) - set(SCOPES):
        raise TokenRefused(gettext("Choose what the token may do: %(scopes)s.") % {"scopes": ", ".join(SCOPES)})
    token = PREFIX + new_token()
    kept: list[str] = [scope for scope in SCOPES if scope in scopes]
    async with installation.tenancy.catalog() as catalog:
        some = select(col(ApiToken.id)).where(col(ApiToken.workspace_id) == workspace_id, col(ApiToken.revoked_at).is_(None))
        if len((await catalog.execute(some.limit(MAX_TOKENS))).all()) == MAX_TOKENS:
            raise TokenRefused(gettext("A workspace has at most %(most)s tokens. Revoke one that nobody uses.") % {"most": MAX_TOKENS})
        catalog.add(ApiToken(token_hash=digest(token), workspace_id=workspace_id, name=name, scopes=kept, created_by=created_by))
    return token


async def list_tokens(installation: Installation, workspace_id: int) -> Sequence[ApiToken]:
    """The tokens of a workspace that work, the newest first."""
    statement = select(ApiToken).where(col(ApiToken.workspace_id) == workspace_id, col(ApiToken.revoked_at).is_(None))
    async with installation.tenancy.catalog() as catalog:
        return list((await catalog.execute(statement.order_by(col(ApiToken.id).desc()))).scalars())


async def revoke_token(installation: Installation, workspace_id: int, token_id: int) -> None:
    """End a token; whatever uses it is refused from the next call on. Raises `TokenNotFound`."""
    this = (col(ApiToken.id) == token_id, col(ApiToken.workspace_id) == workspace_id, col(ApiToken.revoked_at).is_(None))
    async with installation.tenancy.catalog() as catalog:
        revoked = update(ApiToken).where(*this).values(revoked_at=now()).returning(col(ApiToken.id))
        if (await catalog.execute(revoked)).first() is None:
            raise TokenNotFound(gettext("This token was revoked already."))


async def key_of(installation: Installation, token: str) -> Key | None:
    """What a token opens; ``None`` if it is unknown or revoked, or its workspace was deleted. Its use is noted to the minute."""
    statement = (
        select(ApiToken)
        .join(Workspace, col(Workspace.id) == col(ApiToken.workspace_id))
        .where(col(ApiToken.token_hash) == digest(token), col(ApiToken.revoked_at).is_(None), col(Workspace.deleted_at).is_(None))
    )
    async with installation.tenancy.catalog() as catalog:
        found = (await catalog.execute(statement)).scalar_one_or_none()
        if found is None:
            return None
        if found.last_used_at is None or found.last_used_at <= now() - USED_EVERY:
            # Of many calls at once one writes.
            stale = or_(col(ApiToken.last_used_at).is_(None), col(ApiToken.last_used_at) <= now() - USED_EVERY)
            used = update(ApiToken).where(col(ApiToken.token_hash) == found.token_hash, stale).values(last_used_at=now())
            await catalog.execute(used.execution_options(synchronize_session=False))
    return Key(found.workspace_id, frozenset(found.scopes))
