"""The scene of a case with variables as workflows write them."""

from dataclasses import dataclass

from ismessenger.sdk.step import Value
from ismessenger.sdk.testing import MadeUpScene
from workflows.expressions import fill


@dataclass
class Scene(MadeUpScene):
    def filled(self, words: str) -> str:
        return fill(words, self._lookup, timezone=self.timezone)

    def _lookup(self, name: str) -> Value:
        return self.variables[name]
