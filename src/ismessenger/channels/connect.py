"""Connect a provider's account to a workspace, and disconnect it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from pydantic import BaseModel, SecretStr, ValidationError
from sqlalchemy import text

from ismessenger.channels.config import close_config
from ismessenger.channels.model import ConnectedChannel
from ismessenger.channels.route import endpoint_of, load_target, tell_connected
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.kit.ids import new_route
from ismessenger.sdk.channel import Channel, Connectable, ConnectFailed, Endpoint, HasAccount, ShowsSetup
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import ChannelRoute

MAX_CHANNELS = 200


class ChannelRefused(ValueError):
    """The channel cannot be connected; the text says what to mend, ``errors`` which field."""

    def __init__(self, words: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.errors = dict(errors or {})


@dataclass(frozen=True, slots=True)
class ConnectedTo:
    """The outcome of `connect`; ``values`` are to be copied to the other side (a token, a script tag)."""

    channel_id: int
    webhook_url: str
    name: str
    values: Mapping[str, str] = field(default_factory=dict)


async def connect(
    installation: Installation, workspace_id: int, kind: str, *, name: str, values: Mapping[str, object], check: bool = True
) -> ConnectedTo:
    """Store a channel and register its webhook. Without ``check`` the provider is not asked. Raises `ChannelRefused`."""
    adapter = installation.plugins.channels.get(kind)
    if adapter is None:
        known = ", ".join(installation.plugins.channels)
        raise ChannelRefused(gettext("There is no channel kind %(kind)s. Known kinds: %(known)s.") % {"kind": repr(kind), "known": known})
    config = _config_of(adapter, values)
    row = await _store(installation, workspace_id, adapter, name.strip() or adapter.name, config)
    endpoint = endpoint_of(installation.settings.address, kind, row.route, row.id)
    if check and isinstance(adapter, Connectable):
        try:
            config = await _register(installation, adapter, config, endpoint)
        except ConnectFailed as error:
            await _forget(installation, workspace_id, row.id)
            raise ChannelRefused(str(error)) from error
        await _keep(installation, workspace_id, row, config)
    setup = adapter.setup_values(config, endpoint) if isinstance(adapter, ShowsSetup) else {}
    return ConnectedTo(row.id, endpoint.webhook_url, row.name, setup)


async def reconfigure(installation: Installation, workspace_id: int, channel_id: int, *, name: str, values: Mapping[str, object]) -> None:
    """Change a channel's settings; secrets that are left empty stay. Raises `ChannelRefused`."""
    target = await load_target(installation, workspace_id, channel_id)
    if target is None:
        raise ChannelRefused(gettext("This channel is not connected any more."))
    before = dict(target.config)
    given = {key: value for key, value in values.items() if value or not isinstance(before.get(key), SecretStr)}
    config = _config_of(target.adapter, before | given)
    if isinstance(target.adapter, Connectable):
        endpoint = endpoint_of(installation.settings.address, target.adapter.kind, target.route, channel_id)
        try:
            config = await _register(installation, target.adapter, config, endpoint)
        except ConnectFailed as error:
            raise ChannelRefused(str(error)) from error
    async with installation.tenancy.workspace(workspace_id) as db:
        row = await db.get_one(ConnectedChannel, (workspace_id, channel_id))
        row.name = name.strip() or row.name
        row.config, row.secrets = close_config(installation.vault, row.route, config)
        row.status, row.status_reason = "connected", None
    async with installation.tenancy.catalog() as catalog:
        (await catalog.get_one(ChannelRoute, target.route)).account = _account_of(target.adapter, config)
    await tell_connected(installation)


async def disconnect(installation: Installation, workspace_id: int, channel_id: int) -> None:
    """Stop a channel: its webhook is removed at the provider, history stays. A provider that refuses does not hold us back."""
    target = await load_target(installation, workspace_id, channel_id)
    await _forget(installation, workspace_id, channel_id)
    if target is not None and isinstance(target.adapter, Connectable):
        endpoint = endpoint_of(installation.settings.address, target.adapter.kind, target.route, channel_id)
        with suppress(ConnectFailed):
            await target.adapter.disconnect(target.config, endpoint, installation.http_of(target.adapter))


def _account_of(adapter: Channel, config: BaseModel) -> str | None:
    return adapter.account(config) if isinstance(adapter, HasAccount) else None


def _config_of(adapter: Channel, values: Mapping[str, object]) -> BaseModel:
    try:
        return adapter.Config.model_validate(values)
    except ValidationError as error:
        errors = {".".join(map(str, item["loc"])): item["msg"] for item in error.errors(include_input=False, include_url=False)}
        words = "; ".join(f"{name}: {message}" for name, message in errors.items())
        raise ChannelRefused(gettext("%(name)s cannot be connected: %(words)s") % {"name": adapter.name, "words": words}, errors) from None


async def _store(installation: Installation, workspace_id: int, adapter: Channel, name: str, config: BaseModel) -> ConnectedChannel:
    route = new_route()
    shown, secrets = close_config(installation.vault, route, config)
    async with installation.tenancy.workspace(workspace_id) as db:
        count = (await db.execute(text("SELECT count(*) FROM channel WHERE disconnected_at IS NULL"))).scalar_one()
        if count >= MAX_CHANNELS:
            raise ChannelRefused(gettext("A workspace has at most %(most)s channels.") % {"most": MAX_CHANNELS})
        row = ConnectedChannel(kind=adapter.kind, name=name[:100], route=route, config=shown, secrets=secrets)
        db.add(row)
        await db.flush()
    account = _account_of(adapter, config)
    async with installation.tenancy.catalog() as catalog:
        catalog.add(ChannelRoute(route=route, kind=adapter.kind, workspace_id=workspace_id, channel_id=row.id, account=account))
    await tell_connected(installation)
    return row


async def _register(installation: Installation, adapter: Connectable, config: BaseModel, endpoint: Endpoint) -> BaseModel:
    channel: Channel = adapter  # type: ignore[assignment]
    connected = await adapter.connect(config, endpoint, installation.http_of(channel))
    return config.model_copy(update=dict(connected.config))


async def _keep(installation: Installation, workspace_id: int, row: ConnectedChannel, config: BaseModel) -> None:
    shown, secrets = close_config(installation.vault, row.route, config)
    async with installation.tenancy.workspace(workspace_id) as db:
        stored = await db.get_one(ConnectedChannel, (workspace_id, row.id))
        stored.config, stored.secrets = shown, secrets


async def _forget(installation: Installation, workspace_id: int, channel_id: int) -> None:
    async with installation.tenancy.catalog() as catalog:
        statement = text("DELETE FROM catalog.channel_route WHERE workspace_id = :workspace_id AND channel_id = :channel_id")
        await catalog.execute(statement, {"workspace_id": workspace_id, "channel_id": channel_id})
    async with installation.tenancy.workspace(workspace_id) as db:
        row = await db.get(ConnectedChannel, (workspace_id, channel_id))
        if row is not None:
            row.status, row.disconnected_at = "disconnected", now()
