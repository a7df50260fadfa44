"""Programs and stages for tests of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ismessenger.plugins import load_plugins
from ismessenger.sdk.step import Effect, Value
from workflows.definition import parse
from workflows.program import Program

from .scene import Scene

PLUGINS = load_plugins()


@dataclass
class Stage(Scene):
    """Keeps what it was shown."""

    applied: list[Effect] = field(default_factory=list)

    def enter(self, run_key: str, memory: Mapping[str, Any], variables: Mapping[str, Value]) -> None:
        self.run_key, self.memory, self.variables = run_key, memory, variables

    def apply(self, effect: Effect) -> None:
        self.applied.append(effect)


def placed(id_: str, kind: str, params: Mapping[str, Any] | None = None, /, **exits: str) -> dict[str, Any]:
    return {"id": id_, "kind": kind, "params": dict(params or {}), "exits": exits}


def program(*steps: Mapping[str, Any], trigger: Mapping[str, Any] | None = None) -> Program:
    definition = parse({"trigger": trigger or {"kind": "manual"}, "start": steps[0]["id"] if steps else None, "steps": list(steps)})
    return Program(definition, PLUGINS.steps, PLUGINS.triggers)
