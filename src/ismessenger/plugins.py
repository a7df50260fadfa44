"""Finds channels, steps, triggers and integrations through entry points: ours and third parties' alike.

A broken one is listed with its error and stops nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from ismessenger.sdk.channel import Channel
from ismessenger.sdk.drawing import read_drawing
from ismessenger.sdk.integration import Integration
from ismessenger.sdk.step import Drawn, Step, Trigger

REQUIRED: Final[Mapping[str, Sequence[str]]] = {
    "channel": ("kind", "name", "source", "capabilities", "Config", "verify", "parse", "send"),
    "integration": ("kind", "name", "base_url", "Config", "call"),
    "step": ("kind", "name", "description", "icon", "group", "Params", "exits", "summary", "run"),
    "trigger": ("kind", "name", "description", "icon", "listens", "Params", "summary", "variables", "match"),
}
"""What a plugin of each sort must have. The groups of entry points are called ``ismessenger.channels`` and so on."""


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plugin that could not be loaded; ``error`` says why in one line."""

    name: str
    package: str
    error: str


@dataclass(frozen=True, slots=True)
class Plugins:
    """What was found, each by its kind, and what is broken."""

    channels: Mapping[str, Channel]
    broken: tuple[BrokenPlugin, ...]
    integrations: Mapping[str, Integration]
    steps: Mapping[str, Step]
    triggers: Mapping[str, Trigger]


def load_plugins() -> Plugins:
    """Load every entry point of our groups."""
    broken: list[BrokenPlugin] = []
    found = {f"{sort}s": _load_all(sort, broken) for sort in REQUIRED}
    return Plugins(**found, broken=tuple(broken))


@lru_cache(maxsize=1)
def plugin_locales() -> tuple[Path, ...]:
    """The folders of translations that packages of third parties bring along, beside their modules."""
    points = {point.module.partition(".")[0] for sort in REQUIRED for point in entry_points(group=f"ismessenger.{sort}s")}
    specs = [find_spec(package) for package in sorted(points)]
    homes = [Path(home) / "locales" for spec in specs if spec for home in spec.submodule_search_locations or ()]
    return tuple(home for home in homes if home.is_dir())


def _load_all(sort: str, broken: list[BrokenPlugin]) -> dict[str, Any]:
    loaded: dict[str, Any] = {}
    for point in sorted(entry_points(group=f"ismessenger.{sort}s"), key=lambda point: point.name):
        try:
            loaded[point.name] = _load(point, sort)
        except Exception as error:  # noqa: BLE001 - whatever a third party's import raises must not stop the start
            package = point.dist.name if point.dist else "?"
            broken.append(BrokenPlugin(point.name, package, f"{type(error).__name__}: {error}"))
    return loaded


def _load(point: EntryPoint, sort: str) -> Any:
    plugin = point.load()()
    missing = [name for name in REQUIRED[sort] if not hasattr(plugin, name)]
    if missing:
        raise TypeError(f"the {sort} lacks {', '.join(missing)}")
    if isinstance(plugin, Drawn):
        read_drawing(plugin.drawing)
    if plugin.kind != point.name:
        raise TypeError(f"the entry point is called {point.name!r} and the {sort} {plugin.kind!r}")
    return plugin
