"""From channels, adapters and stored webhooks to what the settings pages take."""

import inspect
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from ismessenger.channels.listing import Logged
from ismessenger.channels.model import ConnectedChannel
from ismessenger.channels.route import Target, endpoint_of
from ismessenger.installation import Installation
from ismessenger.plugins import Plugins
from ismessenger.sdk.channel import Channel, ShowsSetup
from ismessenger.sdk.words import gettext
from ismessenger.web.templating import inline


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A connected channel. ``reason`` says why it is broken; ``kind_name`` is empty if its plugin is gone."""

    id: int
    kind: str
    kind_name: str
    name: str
    status: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of channel that can be connected."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A webhook that did not become a message. ``body`` is readable text, perhaps only its beginning."""

    id: int
    at: datetime
    failed: bool
    waiting: bool
    note: str
    body: str
    cut: bool
    size_bytes: int


def row(channel: ConnectedChannel, plugins: Plugins) -> ChannelRow:
    """A line of the list."""
    adapter = plugins.channels.get(channel.kind)
    return ChannelRow(
        channel.id,
        channel.kind,
        adapter.name if adapter else "",
        channel.name,
        channel.status,
        gettext(channel.status_reason) if channel.status_reason else "",
        channel.created_at,
    )


def kind(adapter: Channel) -> KindView:
    """A line of the catalogue."""
    return KindView(adapter.kind, adapter.name)


def entry(logged: Logged) -> LogEntry:
    """A line of the log."""
    return LogEntry(
        id=logged.id,
        at=logged.received_at,
        failed=logged.state == "failed",
        waiting=logged.state == "pending",
        note=logged.note,
        body=logged.body.decode("utf-8", "replace").replace("\x00", "\ufffd"),
        cut=logged.size > len(logged.body),
        size_bytes=logged.size,
    )


def guide_of(adapter: Channel) -> Markup:
    """What to do at the provider, before the channel is connected."""
    return _setup(adapter, channel=None, endpoint=None, values={})


def setup_of(installation: Installation, target: Target) -> Markup:
    """The same once it is connected: with what has to be copied to the other side."""
    endpoint = endpoint_of(installation.settings.address, target.adapter.kind, target.route, target.channel_id)
    values = target.adapter.setup_values(target.config, endpoint) if isinstance(target.adapter, ShowsSetup) else {}
    return _setup(target.adapter, channel=target, endpoint=endpoint, values=values)


def _setup(adapter: Channel, **arguments: object) -> Markup:
    """The adapter's own ``setup.html``, which lies beside its module; a plugin may have none."""
    file = Path(inspect.getfile(type(adapter))).parent / "setup.html"
    return inline(file.read_text("utf-8"), **arguments) if file.is_file() else Markup()
