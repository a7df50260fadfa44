"""A scene for tests of steps, told in the words of a case."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ismessenger.sdk.step import Value

SOME_TIME = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_VARIABLE = re.compile(r"\{\{\s*\$([\w.]+)[^{}]*\}\}|\$([A-Za-z]\w*(?:\.\w+)*)")


@dataclass
class MadeUpScene:
    """What a step sees. ``holds`` are the conditions that match, ``tags`` the ids of tags by their names."""

    now: datetime = SOME_TIME
    timezone: str = "UTC"
    variables: Mapping[str, Value] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)
    holds: Sequence[Mapping[str, Any]] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    run_key: str = "run/1"

    def filled(self, words: str) -> str:
        """Variables in their simplest form; an unknown one stays."""
        return _VARIABLE.sub(self._put, words)

    def variable(self, name: str) -> Value:
        """One of those given."""
        return self.variables.get(name)

    def matches(self, condition: Mapping[str, Any]) -> bool:
        """Whether the case says that it holds."""
        return condition in self.holds

    def tag_named(self, name: str) -> int | None:
        """One of those given, whatever its capitals."""
        return {known.casefold(): tag_id for known, tag_id in self.tags.items()}.get(name.casefold())

    def _put(self, found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name not in self.variables:
            return found[0]
        value = self.variables[name]
        return "" if value is None else str(value)
