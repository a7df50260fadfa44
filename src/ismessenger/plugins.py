"""Finds channels through entry points: ours and third parties' alike. A broken one is listed with its error and stops nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from ismessenger.sdk.channel import Channel

REQUIRED = ("kind", "name", "source", "capabilities", "Config", "verify", "parse", "send")


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plugin that could not be loaded; ``error`` says why in one line."""

    name: str
    package: str
    error: str


@dataclass(frozen=True, slots=True)
class Plugins:
    """What was found: channels by kind, and what is broken."""

    channels: Mapping[str, Channel]
    broken: tuple[BrokenPlugin, ...]


def load_plugins() -> Plugins:
    """Load every entry point of the group ``ismessenger.channels``."""
    channels: dict[str, Channel] = {}
    broken = []
    for point in entry_points(group="ismessenger.channels"):
        try:
            channel = _load(point)
        except Exception as error:  # noqa: BLE001 - whatever a third party's import raises must not stop the start
            package = point.dist.name if point.dist else "?"
            broken.append(BrokenPlugin(point.name, package, f"{type(error).__name__}: {error}"))
        else:
            channels[channel.kind] = channel
    return Plugins(dict(sorted(channels.items())), tuple(broken))


def _load(point: EntryPoint) -> Channel:
    channel: Channel = point.load()()
    missing = [name for name in REQUIRED if not hasattr(channel, name)]
    if missing:
        raise TypeError(f"the channel lacks {', '.join(missing)}")
    if channel.kind != point.name:
        raise TypeError(f"the entry point is called {point.name!r} and the channel {channel.kind!r}")
    return channel
