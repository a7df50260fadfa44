"""A definition ready to run: its steps' parameters read once, by the kinds that are installed."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ismessenger.sdk.step import Resumes, Step, Trigger
from workflows.definition import Definition, Placed


class Program:
    """A definition that was checked, with the kinds of steps and triggers. It does not change, and may be kept and shared."""

    def __init__(self, definition: Definition, steps: Mapping[str, Step], triggers: Mapping[str, Trigger]) -> None:
        self.definition = definition
        self._steps = steps
        self._triggers = triggers
        self._placed = {placed.id: placed for placed in definition.steps}
        self._resumable: dict[str, Resumes | None] = {}
        self._params: dict[str, BaseModel] = {}

    def placed(self, step_id: str) -> Placed | None:
        """A step of the definition by its id."""
        return self._placed.get(step_id)

    def step(self, kind: str) -> Step | None:
        """A kind of step, if it is installed."""
        return self._steps.get(kind)

    def resumable(self, kind: str) -> Resumes | None:
        """A kind of step that waits."""
        if kind not in self._resumable:
            step = self._steps.get(kind)
            self._resumable[kind] = step if isinstance(step, Resumes) else None
        return self._resumable[kind]

    @property
    def trigger(self) -> Trigger | None:
        """The kind of its trigger, if it is installed."""
        return self._triggers.get(self.definition.trigger.kind) if self.definition.trigger else None

    def params(self, placed: Placed) -> Any:
        """The parameters of a step. Raises pydantic's `ValidationError` for what no published definition holds."""
        if (read := self._params.get(placed.id)) is None:
            read = self._params[placed.id] = self._steps[placed.kind].Params.model_validate(placed.params)
        return read
