"""From a webhook's URL, or a provider's account id behind a shared URL, to the channel it is for."""

import asyncio
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy import text

from ismessenger.channels.config import open_config
from ismessenger.installation import Installation
from ismessenger.sdk.channel import Channel, Endpoint
from ismessenger.tenancy.doors import WorkspaceNotFound

KNOWN_SECONDS = 5.0
UNKNOWN_SECONDS = 5.0
CACHE_SIZE = 20_000
UNKNOWN_SIZE = 20_000
PATIENCE_SECONDS = 0.25
CONNECTED = "channels/connected"
"""In Redis, the number of times that something was connected: what was unknown before is looked for again."""

NEVER = -1

_Key = tuple[str, str, str]
_Kept = TypeVar("_Kept")


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
    """A bounded cache in front of the catalog: a change is seen by every process within five seconds, a new channel at once."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._cache: OrderedDict[_Key, tuple[float, list[Target]]] = OrderedDict()
        # Apart from the others, so that nobody who guesses addresses drives a known one out.
        self._unknown: OrderedDict[_Key, tuple[float, int]] = OrderedDict()
        self._loading: dict[_Key, asyncio.Task[list[Target]]] = {}

    def known(self, kind: str, route: str) -> Target | None:
        """The channel of a webhook URL if it was asked for just now; ``None`` says nothing."""
        found = self._fresh((kind, "route", route))
        return found[0] if found else None

    async def find(self, kind: str, route: str) -> Target | None:
        """The channel of a webhook URL."""
        found = await self._cached(kind, "route", route)
        return found[0] if found else None

    def remembers(self, kind: str, column: str, value: str) -> bool:
        """Whether asking for it costs no more than it did others in the last seconds."""
        key = (kind, column, value)
        return key in self._cache or key in self._loading or self._missed(key) is not None

    async def of_account(self, kind: str, account: str) -> list[Target]:
        """The channels of a provider's account: several, if more than one workspace connected it."""
        return await self._cached(kind, "account", account)

    def _missed(self, key: _Key) -> int | None:
        """If it was looked for in vain just now: how often something had been connected until then."""
        until, connected = self._unknown.get(key, (0.0, 0))
        return connected if until > time.monotonic() else None

    def _fresh(self, key: _Key) -> list[Target] | None:
        known = self._cache.get(key)
        return known[1] if known is not None and known[0] > time.monotonic() else None

    async def _cached(self, kind: str, column: str, value: str) -> list[Target]:
        key = (kind, column, value)
        if (fresh := self._fresh(key)) is not None:
            return fresh
        if (connected := self._missed(key)) is not None and await self._connected() in {connected, None}:
            return []
        if key not in self._loading:
            # Hundreds of webhooks may wait for the same channel: it is looked up once.
            self._loading[key] = asyncio.create_task(self._reload(key))
            self._loading[key].add_done_callback(lambda _task: self._loading.pop(key))
        return await asyncio.shield(self._loading[key])

    async def _reload(self, key: _Key) -> list[Target]:
        connected = None if key in self._cache else await self._connected()
        targets = await self._load(*key)
        if targets:
            _remember(self._cache, key, (time.monotonic() + KNOWN_SECONDS, targets), CACHE_SIZE)
            self._unknown.pop(key, None)
            return targets
        self._cache.pop(key, None)
        _remember(self._unknown, key, (time.monotonic() + UNKNOWN_SECONDS, NEVER if connected is None else connected), UNKNOWN_SIZE)
        return targets

    async def _connected(self) -> int | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return int(await self._installation.redis.get(CONNECTED) or 0)
        except (RedisError, OSError, TimeoutError):
            return None

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


async def tell_connected(installation: Installation) -> None:
    """Let every process look again for what it did not find before. Without Redis that takes five seconds."""
    with suppress(RedisError, OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await installation.redis.incr(CONNECTED)


def _remember(cache: OrderedDict[_Key, _Kept], key: _Key, kept: _Kept, size: int) -> None:
    cache[key] = kept
    if len(cache) > size:
        cache.popitem(last=False)


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
