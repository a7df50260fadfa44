"""An installation with durable servers of its own, and what benchmarks put into it as the owner, by COPY."""

import secrets
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import orjson
from pydantic import SecretStr

from benchmarks.webhooks import CUSTOM_TOKEN, SECRET
from channels_adapters.custom_channel.config import CustomChannelConfig
from channels_adapters.messenger.config import MessengerConfig
from ismessenger.channels.config import close_config
from ismessenger.embedded.attach import environment_of
from ismessenger.embedded.temporary import temporary_servers
from ismessenger.installation import Installation, open_installation
from ismessenger.kit.crypto import digest
from ismessenger.kit.ids import new_route, new_token
from ismessenger.settings import Settings
from ismessenger.tenancy.migrate import migrate
from ismessenger.web.edge import SESSION_COOKIE

KEY = "a-key-of-the-benchmarks-0123456789"


@dataclass(frozen=True)
class Line:
    """A connected channel of a workspace."""

    workspace_id: int
    channel_id: int
    route: str


@dataclass(frozen=True)
class Place:
    """Where everything happens. ``owner`` goes around the views."""

    settings: Settings
    installation: Installation
    owner: asyncpg.Connection

    def environment(self, port: int = 0) -> dict[str, str]:
        """What a process of ours needs to know."""
        told = environment_of(self.settings.model_copy(update={"port": port or self.settings.port}))
        return {**told, "ISMESSENGER_SECRET_KEYS": KEY, "ISMESSENGER_LOG_LEVEL": "warning", "ISMESSENGER_META_APP_SECRET": SECRET}

    async def lines(self, count: int, kind: str = "custom_channel") -> list[Line]:
        """New workspaces with one channel each."""
        return [await self._line(kind) for _number in range(count)]

    async def _line(self, kind: str) -> Line:
        """A channel that nobody at the provider knows of."""
        organization = await self.owner.fetchval("INSERT INTO catalog.organization (name, created_at) VALUES ('Bench', now()) RETURNING id")
        workspace_id = await self.owner.fetchval(
            "INSERT INTO catalog.workspace (organization_id, slug, name, home, timezone, created_at, ready_at)"
            " VALUES ($1, $2, 'Bench', 'default', 'UTC', now(), now()) RETURNING id",
            organization,
            f"bench-{secrets.token_hex(6)}",
        )
        route = new_route()
        shown, sealed = close_config(self.installation.vault, route, _config(kind))
        channel_id = await self.owner.fetchval(
            "INSERT INTO store.channel (workspace_id, kind, name, route, config, secrets, status, created_at)"
            " VALUES ($1, $2, 'Bench', $3, $4, $5, 'connected', now()) RETURNING id",
            workspace_id,
            kind,
            route,
            orjson.dumps(shown).decode(),
            sealed,
        )
        await self.owner.execute(
            "INSERT INTO catalog.channel_route (route, kind, workspace_id, channel_id) VALUES ($1, $2, $3, $4)",
            route,
            kind,
            workspace_id,
            channel_id,
        )
        return Line(workspace_id, channel_id, route)

    async def pile_up(self, bodies: Iterable[tuple[Line, bytes]], state: str) -> None:
        """Store webhooks as if they had come in, in one commit."""
        columns = ["workspace_id", "channel_id", "headers", "query", "body", "received_at", "state", "attempt"]
        headers, arrived = orjson.dumps({"content-type": "application/json"}).decode(), datetime.now(UTC)
        records = [(line.workspace_id, line.channel_id, headers, "", body, arrived, state, 0) for line, body in bodies]
        await self.owner.copy_records_to_table("inbound_event", schema_name="store", columns=columns, records=records)

    async def cookies(self, workspace_id: int, count: int) -> list[str]:
        """New members who are signed in; returns what their browsers send."""
        names = [f"agent-{workspace_id}-{number}" for number in range(count)]
        statement = (
            "INSERT INTO catalog.account (email, name, password_hash, created_at)"
            " SELECT n || '@example.com', n, 'nobody signs in by this', now() FROM unnest($1::text[]) AS u(n) RETURNING id"
        )
        accounts = [row["id"] for row in await self.owner.fetch(statement, names)]
        tokens, now = [new_token() for _name in names], datetime.now(UTC)
        await self._copy("catalog.membership", ["account_id", "workspace_id"], [(id_, workspace_id) for id_ in accounts])
        columns = ["token_hash", "account_id", "workspace_id", "user_agent", "created_at", "seen_at", "expires_at"]
        life = (now, now, now + timedelta(days=1))
        sessions = [(digest(token), id_, workspace_id, "bench", *life) for token, id_ in zip(tokens, accounts, strict=True)]
        await self._copy("catalog.sign_in_session", columns, sessions)
        columns = ["workspace_id", "account_id", "name", "email", "role", "restrictions", "created_at"]
        nothing: list[str] = []
        people = zip(accounts, names, strict=True)
        members = [(workspace_id, id_, name, f"{name}@example.com", "agent", nothing, now) for id_, name in people]
        await self._copy("store.member", columns, members)
        return [f"{SESSION_COOKIE}={token}" for token in tokens]

    async def _copy(self, table: str, columns: list[str], records: Sequence[tuple[object, ...]]) -> None:
        schema, _dot, name = table.partition(".")
        await self.owner.copy_records_to_table(name, schema_name=schema, columns=columns, records=records)


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """A migrated installation on temporary servers, gone when the block ends."""
    with temporary_servers() as (postgres, redis), tempfile.TemporaryDirectory(prefix="ismessenger-bench-") as folder:
        await migrate({"default": postgres.url})
        settings = Settings(
            _env_file=None,
            data_dir=Path(folder),
            database_url=SecretStr(postgres.url),
            redis_url=SecretStr(redis.url),
            secret_keys=[SecretStr(KEY)],
        )
        owner = await asyncpg.connect(plain_url(postgres.url))
        try:
            async with open_installation(settings) as installation:
                yield Place(settings, installation, owner)
        finally:
            await owner.close()


def plain_url(url: str) -> str:
    """A URL of ours as asyncpg takes it."""
    return url.replace("postgresql+asyncpg", "postgresql", 1)


def _config(kind: str) -> MessengerConfig | CustomChannelConfig:
    if kind == "messenger":
        return MessengerConfig(page_id="104", page_access_token=SecretStr("token"), app_secret=SecretStr(SECRET))
    return CustomChannelConfig(id_type="custom", api_base_url="http://127.0.0.1:9", api_token=SecretStr(CUSTOM_TOKEN))
