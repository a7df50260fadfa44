"""What one process of an installation holds while it runs: settings, homes, keys, Redis, plugins, HTTP clients."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial

import httpx
from redis.asyncio import Redis
from sqlalchemy import text

from ismessenger.files.store import FileStore, open_store
from ismessenger.kit.crypto import Vault
from ismessenger.kit.http import outside_client, provider_client
from ismessenger.plugins import Plugins, load_plugins
from ismessenger.realtime.publish import Publisher
from ismessenger.sdk.channel import Channel
from ismessenger.sdk.integration import Integration
from ismessenger.settings import Settings
from ismessenger.tenancy.doors import DEFAULT_HOME, Tenancy
from ismessenger.tenancy.homes import learn_homes, open_homes

# Shorter than the lease of a delivery, so that a worker never sends what another may already be sending.
SEND_SECONDS = 15
# Longer than anything waits for a bell. A Redis that hangs counts as one that is away.
REDIS_SECONDS = 3


@dataclass
class Installation:
    """Passed to whoever needs more than a session."""

    settings: Settings
    tenancy: Tenancy
    vault: Vault
    redis: Redis
    publisher: Publisher
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @cached_property
    def plugins(self) -> Plugins:
        """Channels found on this installation."""
        return load_plugins()

    @cached_property
    def files(self) -> FileStore:
        """Where files live."""
        return open_store(self.settings)

    def http_of(self, channel: Channel) -> httpx.AsyncClient:
        """The client with which a kind of channel reaches its provider, or the operator's stand-in for it."""
        if channel.kind not in self._clients:
            base_url = self.settings.provider_base_urls.get(channel.kind, channel.base_url)
            self._clients[channel.kind] = provider_client(base_url, settings=self.settings, timeout=SEND_SECONDS)
        return self._clients[channel.kind]

    def http_of_integration(self, integration: Integration) -> httpx.AsyncClient:
        """The same for an integration and its service."""
        name = f"integration/{integration.kind}"
        if name not in self._clients:
            base_url = self.settings.provider_base_urls.get(integration.kind, integration.base_url)
            self._clients[name] = provider_client(base_url, settings=self.settings, timeout=SEND_SECONDS)
        return self._clients[name]

    @cached_property
    def outside(self) -> httpx.AsyncClient:
        """The client for addresses that other people wrote."""
        return self._clients.setdefault("", outside_client(self.settings))

    async def close(self) -> None:
        """Close the clients."""
        for client in self._clients.values():
            await client.aclose()


@asynccontextmanager
async def open_installation(settings: Settings, *, pool_size: int = 10) -> AsyncIterator[Installation]:
    """Connect to everything. ``settings`` must name a database and a Redis (see ``embedded``)."""
    if settings.database_url is None or settings.redis_url is None:
        raise ValueError("The settings name no database or no Redis.")
    vault = Vault.of(settings)
    homes = {DEFAULT_HOME: settings.database_url.get_secret_value()}
    homes |= {name: url.get_secret_value() for name, url in settings.homes.items()}
    homes |= await open_homes(homes[DEFAULT_HOME], vault)
    tenancy = Tenancy(homes, pool_size=pool_size)
    redis: Redis = Redis.from_url(
        settings.redis_url.get_secret_value(),
        health_check_interval=15,
        socket_connect_timeout=REDIS_SECONDS,
        socket_timeout=REDIS_SECONDS,
    )
    publisher = Publisher(redis, tenancy)
    tenancy.aftermath = publisher
    tenancy.learn = partial(learn_homes, tenancy, vault)
    try:
        await tenancy.check_roles()
        installation = Installation(settings, tenancy, vault, redis, publisher)
        try:
            yield installation
        finally:
            await installation.close()
    finally:
        await publisher.close()
        await redis.aclose()
        await tenancy.close()


async def database_answers(installation: Installation) -> None:
    """Ask every home one question; raises what the driver raises."""
    for engines in installation.tenancy.homes.values():
        async with engines.app.connect() as connection:
            await connection.execute(text("SELECT 1"))
