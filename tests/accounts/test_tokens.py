"""API tokens: what they open, when they were used, how they end."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from ismessenger.accounts.tokens import (
    MAX_TOKENS,
    SCOPES,
    Key,
    TokenNotFound,
    TokenRefused,
    create_token,
    key_of,
    list_tokens,
    revoke_token,
)
from ismessenger.kit.clock import now
from ismessenger.kit.crypto import digest
from ismessenger.tenancy.catalog import ApiToken, Workspace
from tests.conftest import World


async def used_at(world: World, token: str) -> object:
    async with world.installation.tenancy.catalog() as catalog:
        return (await catalog.execute(select(col(ApiToken.last_used_at)).where(col(ApiToken.token_hash) == digest(token)))).scalar_one()


async def test_a_token_opens_its_workspace_with_its_scopes(world: World) -> None:
    token = await create_token(world.installation, world.workspace_id, "Orders", scopes=["messages:write", "contacts:read"])
    assert await key_of(world.installation, token) == Key(world.workspace_id, frozenset({"contacts:read", "messages:write"}))
    assert await key_of(world.installation, token[:-1]) is None
    (listed,) = await list_tokens(world.installation, world.workspace_id)
    assert (listed.name, listed.scopes) == ("Orders", ["contacts:read", "messages:write"])
    assert token.encode() not in listed.token_hash


@pytest.mark.behaviour(133)
async def test_a_revoked_token_opens_nothing(world: World) -> None:
    token = await create_token(world.installation, world.workspace_id, "Orders")
    (listed,) = await list_tokens(world.installation, world.workspace_id)
    with pytest.raises(TokenNotFound):
        await revoke_token(world.installation, world.workspace_id + 1, listed.id)
    assert await key_of(world.installation, token) is not None
    await revoke_token(world.installation, world.workspace_id, listed.id)
    assert await key_of(world.installation, token) is None
    assert await list_tokens(world.installation, world.workspace_id) == []
    with pytest.raises(TokenNotFound):
        await revoke_token(world.installation, world.workspace_id, listed.id)


async def test_the_tokens_of_a_deleted_workspace_are_refused(world: World) -> None:
    token = await create_token(world.installation, world.workspace_id, "Orders")
    assert await key_of(world.installation, token) is not None
    async with world.installation.tenancy.catalog() as catalog:
        await catalog.execute(update(Workspace).where(col(Workspace.id) == world.workspace_id).values(deleted_at=now()))
    assert await key_of(world.installation, token) is None


async def test_its_use_is_noted_to_the_minute(world: World) -> None:
    token = await create_token(world.installation, world.workspace_id, "Orders")
    assert await used_at(world, token) is None
    await key_of(world.installation, token)
    first = await used_at(world, token)
    assert first is not None
    await key_of(world.installation, token)
    assert await used_at(world, token) == first
    async with world.installation.tenancy.catalog() as catalog:
        earlier = update(ApiToken).where(col(ApiToken.token_hash) == digest(token)).values(last_used_at=now() - timedelta(minutes=2))
        await catalog.execute(earlier)
    await key_of(world.installation, token)
    assert await used_at(world, token) != first


@pytest.mark.parametrize(("name", "scopes"), [(" ", SCOPES), ("x" * 101, SCOPES), ("Orders", []), ("Orders", ["contacts:read", "all"])])
async def test_a_token_without_a_name_or_with_scopes_that_do_not_exist_is_refused(world: World, name: str, scopes: list[str]) -> None:
    with pytest.raises(TokenRefused):
        await create_token(world.installation, world.workspace_id, name, scopes=scopes)


async def test_a_workspace_has_a_bounded_number_of_tokens(world: World) -> None:
    async with world.installation.tenancy.catalog() as catalog:
        for number in range(MAX_TOKENS):
            catalog.add(ApiToken(token_hash=digest(f"{world.workspace_id}/{number}"), workspace_id=world.workspace_id, name="x"))
    with pytest.raises(TokenRefused, match="at most 100"):
        await create_token(world.installation, world.workspace_id, "One more")
