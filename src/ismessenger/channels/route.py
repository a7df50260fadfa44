"""From a webhook's URL, or a provider's account id behind a shared URL, to the channel it is for."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

from pydantic import BaseModel
from sqlalchemy import text

from ismessenger.channels.config import open_config
from ismessenger.installation import Installation
from ismessenger.sdk.channel import Channel, Endpoint
from ismessenger.tenancy.doors import WorkspaceNotFound

KNOWN_SECONDS = 5.0
UNKNOWN_SECONDS = 1.0
CACHE_SIZE = 20_000


@dataclass(frozen=True, slots=True)
class Target:
    """A connected channel with its adapter and opened configuration."""

    home: str
    workspace_id: int
    channel_id: int
    route: str
    name: str
    adapter: Channel
    config: BaseModel


def endpoint_of(address: str, kind: str, route: str, channel_id: int) -> Endpoint:
    """Where the provider finds the channel. ``address`` is the public address of the installation."""
    return Endpoint(f"{address}/hooks/{kind}/{route}", address, str(channel_id), route)


class Routes:
    """A bounded cache in front of the catalog: a change is seen by every process within five seconds."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._cache: OrderedDict[tuple[str, str, str], tuple[float, list[Target]]] = OrderedDict()
        self._loading: dict[tuple[str, str, str], asyncio.Task[list[Target]]] = {}

    def known(self, kind: str, route: str) -> Target | None:
        """The channel of a webhook URL if it was asked for just now; ``None`` says nothing."""
        found = self._fresh((kind, "route", route))
        return found[0] if found else None

    async def find(self, kind: str, route: str) -> Target | None:
        """The channel of a webhook URL."""
        found = await self._cached(kind, "route", route)
        return found[0] if found else None

    async def of_account(self, kind: str, account: str) -> list[Target]:
        """The channels of a provider's account: several, if more than one workspace connected it."""
        return await self._cached(kind, "account", account)

    def _fresh(self, key: tuple[str, str, str]) -> list[Target] | None:
        known = self._cache.get(key)
        return known[1] if known is not None and known[0] > time.monotonic() else None

    async def _cached(self, kind: str, column: str, value: str) -> list[Target]:
        key = (kind, column, value)
        if (fresh := self._fresh(key)) is not None:
            return fresh
        if key not in self._loading:
            # Hundreds of webhooks may wait for the same channel: it is looked up once.
            self._loading[key] = asyncio.create_task(self._reload(key))
            self._loading[key].add_done_callback(lambda _task: self._loading.pop(key))
        return await asyncio.shield(self._loading[key])

    async def _reload(self, key: tuple[str, str, str]) -> list[Target]:
        targets = await self._load(*key)
        self._cache[key] = (time.monotonic() + (KNOWN_SECONDS if targets else UNKNOWN_SECONDS), targets)
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)
        return targets

    async def _load(self, kind: str, column: str, value: str) -> list[Target]:
        adapter = self._installation.plugins.channels.get(kind)
        if adapter is None or "\x00" in value:
            return []
        # ``column`` is one of two words of this module.
        statement = text(f"SELECT workspace_id, channel_id FROM catalog.channel_route WHERE kind = :kind AND {column} = :value")  # noqa: S608
        async with self._installation.tenancy.catalog() as db:
            rows = (await db.execute(statement, {"kind": kind, "value": value})).all()
        found = [await load_target(self._installation, workspace_id, channel_id) for workspace_id, channel_id in rows]
        return [target for target in found if target is not None]


async def load_target(installation: Installation, workspace_id: int, channel_id: int) -> Target | None:
    """A channel by its id; ``None`` if it is disconnected, or its plugin or its workspace is gone."""
    try:
        home = await installation.tenancy.home_of(workspace_id)
        async with installation.tenancy.reading(workspace_id) as db:
            statement = text("SELECT kind, name, route, config, secrets FROM channel WHERE id = :id AND disconnected_at IS NULL")
            row = (await db.execute(statement, {"id": channel_id})).one_or_none()
    except WorkspaceNotFound:
        return None  # purged since its route was read
    adapter = installation.plugins.channels.get(row.kind) if row else None
    if row is None or adapter is None:
        return None
    config = open_config(installation.vault, adapter.Config, row.route, row.config, row.secrets)
    return Target(home, workspace_id, channel_id, row.route, row.name, adapter, config)
