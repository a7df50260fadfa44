"""API tokens: a developer's keys to one workspace."""

from collections.abc import Sequence

from sqlmodel import select

from ismessenger.installation import Installation
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_token
from ismessenger.tenancy.catalog import ApiToken

PREFIX = "ism_"
SCOPES = ("contacts:read", "contacts:write", "messages:read", "messages:write", "conversations:write")


async def create_token(
    installation: Installation, workspace_id: int, name: str, *, scopes: Sequence[str] = SCOPES, created_by: str = ""
) -> str:
    """A new token; it is shown once and cannot be read back."""
    token = PREFIX + new_token()
    async with installation.tenancy.catalog() as catalog:
        catalog.add(
            ApiToken(token_hash=digest(token), workspace_id=workspace_id, name=name[:100], scopes=list(scopes), created_by=created_by)
        )
    return token


async def workspace_of_token(installation: Installation, token: str) -> int | None:
    """The workspace that a token opens; ``None`` if it is unknown or revoked."""
    statement = select(ApiToken.workspace_id).where(ApiToken.token_hash == digest(token), ApiToken.revoked_at.is_(None))  # type: ignore[union-attr]
    async with installation.tenancy.catalog() as catalog:
        return (await catalog.execute(statement)).scalar_one_or_none()
