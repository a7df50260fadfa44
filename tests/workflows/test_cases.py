"""Every step and trigger does what its golden cases say."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ismessenger.plugins import load_plugins
from ismessenger.sdk.testing import StepContract, TriggerContract

from .scene import Scene

CASES = Path(__file__).parent / "cases"
PLUGINS = load_plugins()


class OfStep(StepContract):
    def scene(self, given: Mapping[str, Any]) -> Scene:
        return Scene(**{**given, **({"now": datetime.fromisoformat(given["now"])} if "now" in given else {})})


def _named(kind: str) -> str:
    return f"Test{''.join(word.title() for word in kind.split('_'))}"


for _kind, _step in PLUGINS.steps.items():
    globals()[_named(_kind)] = type(_named(_kind), (OfStep,), {"step": _step, "cases": CASES / f"{_kind}.json"})
for _kind, _trigger in PLUGINS.triggers.items():
    globals()[f"{_named(_kind)}Begins"] = type(
        f"{_named(_kind)}Begins", (TriggerContract,), {"trigger": _trigger, "cases": CASES / f"{_kind}.json"}
    )
