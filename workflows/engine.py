"""The engine: a function of definition, state and signal. It decides; who calls it carries the effects out.

    advanced = begin(program, variables, scene)            a new run, up to where it first waits or ends
    advanced = resume(program, state, heard, scene)        the same from a wait on

A step is left and the next one entered until one waits or nothing stands behind an exit, at most `MAX_ENTRIES` steps for a signal, and
`MAX_AT_ONCE` for those of one moment: what comes of most effects is told at once. Effects are carried out in order; the scene is told of
each (`Stage.apply`), so that later steps see what became of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol, assert_never

from pydantic import ValidationError

from ismessenger.sdk.step import Answer, Effect, Fail, Heard, Jump, Next, Outcome, Result, Scene, TimeUp, Value, Wait
from ismessenger.sdk.words import gettext
from workflows.definition import Placed
from workflows.program import Program
from workflows.state import State, StateTooLarge, Waiting, bounded, shortened, with_variables

MAX_ENTRIES: Final = 100
"""Steps that one signal may set going: a loop of jumps cannot spin."""

MAX_AT_ONCE: Final = 500
"""Steps of one moment, whatever is told meanwhile: a loop of messages cannot spin either."""


class WaitsForNothing(RuntimeError):
    """A step is broken: its wait would never end."""


class Stage(Scene, Protocol):
    """A scene that the engine sets up for each step."""

    def enter(self, run_key: str, memory: Mapping[str, Any], variables: Mapping[str, Value]) -> None:
        """What `memory`, `run_key` and the variables of the run are now."""
        ...

    def apply(self, effect: Effect) -> None:
        """Show what an effect changes about the contact."""
        ...


@dataclass(frozen=True, slots=True)
class Trace:
    """One thing a run did at a step: it left it by ``exit``, or with ``exit`` None it waits there, or failed there with ``error``.

    ``entered`` marks the first one of each entry; ``variables`` are those that it set.
    """

    step_id: str
    entry: int
    kind: str
    began_at: datetime
    exit: str | None = None
    error: str = ""
    output: Mapping[str, Any] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    entered: bool = False
    variables: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advanced:
    """What a signal did: the new state, and what happened, in order. The effects are those of the traces."""

    state: State
    trail: tuple[Trace, ...]

    @property
    def effects(self) -> Sequence[Effect]:
        """What is to happen, in order."""
        return [effect for trace in self.trail for effect in trace.effects]


def begin(program: Program, variables: Mapping[str, Value], stage: Stage) -> Advanced:
    """A new run, from the first step to where it waits or ends."""
    run = _Run(program, stage, State(variables={}))
    try:
        run.state = with_variables(run.state, dict(variables))
    except StateTooLarge as error:
        return Advanced(run.state.model_copy(update={"standing": "failed"}), (_not_begun(stage, str(error)),))
    return run.go_to(program.definition.start)


def resume(program: Program, state: State, heard: Heard, stage: Stage) -> Advanced | None:
    """The same run after a signal; None if it does not wait for such a one."""
    if state.waiting is None or state.step is None or _name(heard) not in state.waiting.for_:
        return None
    placed = program.placed(state.step)
    if placed is None:
        raise LookupError(f"A run stands at the step {state.step}, which its definition does not have.")
    return _Run(program, stage, state).hear(placed, heard)


def repeat(program: Program, state: State, stage: Stage) -> Advanced:
    """A run that failed, from the step where it failed on: the step is entered anew."""
    return _Run(program, stage, state).go_to(state.step)


def end(state: State) -> State:
    """The state of a run that somebody ended."""
    return state.model_copy(update={"standing": "ended", "waiting": None})


def _name(heard: Heard) -> str:
    match heard:
        case Result():
            return "result"
        case Answer():
            return "answer"
        case TimeUp():
            return "time"
        case _:
            assert_never(heard)


def _not_begun(stage: Scene, reason: str) -> Trace:
    return Trace("", 0, "", stage.now, error=reason)


class _Run:
    """One signal's way through the steps."""

    def __init__(self, program: Program, stage: Stage, state: State) -> None:
        self._program = program
        self._stage = stage
        self._trail: list[Trace] = []
        self._told = state.entries
        self.state = state

    def go_to(self, step_id: str | None) -> Advanced:
        """Enter steps until one waits or none is left."""
        for _entered in range(MAX_ENTRIES):
            if step_id is None:
                break
            placed = self._program.placed(step_id)
            if placed is None:
                return self._failed_at(step_id, "The step that comes next does not exist any more.")
            if self.state.since == self._stage.now and self.state.at_once >= MAX_AT_ONCE:
                return self._failed_at(step_id, f"The workflow went through {MAX_AT_ONCE} steps at once, which looks like a loop.")
            self._enter(placed)
            step_id = self._answered(placed, self._ask(placed))
            if self.state.standing in {"waiting", "failed"}:
                return self._advanced()
        if step_id is None:
            return self._over("done")
        return self._failed_at(step_id, f"The workflow went through {MAX_ENTRIES} steps at once, which looks like a loop.")

    def hear(self, placed: Placed, heard: Heard) -> Advanced:
        """Give a waiting step what it waited for."""
        waiting = self.state.waiting
        step = self._program.resumable(placed.kind)
        if waiting is None or step is None:
            raise LookupError(f"The step {placed.kind} cannot be resumed.")
        self._set_stage(waiting.memory)
        outcome = step.resume(self._program.params(placed), self._stage, heard)
        self.state = self.state.model_copy(update={"waiting": None, "standing": "new"})
        step_id = self._answered(placed, outcome)
        return self._advanced() if self.state.standing in {"waiting", "failed"} else self.go_to(step_id)

    def _enter(self, placed: Placed) -> None:
        now = self._stage.now
        update = {
            "step": placed.id,
            "since": now,
            "entries": self.state.entries + 1,
            "at_once": self.state.at_once + 1 if self.state.since == now else 1,
            "standing": "new",
            "waiting": None,
        }
        self.state = self.state.model_copy(update=update)
        self._set_stage({})

    def _set_stage(self, memory: Mapping[str, Any]) -> None:
        self._stage.enter(f"{self.state.step}/{self.state.entries}", memory, self.state.variables)

    def _ask(self, placed: Placed) -> Outcome:
        step = self._program.step(placed.kind)
        if step is None:
            return Fail(gettext("The plugin of the step “%(kind)s” is not installed.") % {"kind": placed.kind})
        try:
            params = self._program.params(placed)
        except ValidationError:
            return Fail(
                gettext("What was set for the step “%(kind)s” cannot be read any more. Look at it in the builder and publish again.")
                % {"kind": placed.kind}
            )
        return step.run(params, self._stage)

    def _answered(self, placed: Placed, outcome: Outcome) -> str | None:
        """Take an answer in; the id of the step that comes next."""
        try:
            return self._take(placed, outcome)
        except (StateTooLarge, WaitsForNothing) as error:
            return self._take(placed, Fail(str(error)))

    def _take(self, placed: Placed, outcome: Outcome) -> str | None:
        match outcome:
            case Next():
                self.state = with_variables(self.state, dict(outcome.variables))
                for effect in outcome.effects:
                    self._stage.apply(effect)
                self._trace(
                    placed, exit=outcome.exit, output=outcome.output, effects=tuple(outcome.effects), variables=self._now(outcome.variables)
                )
                return placed.exits.get(outcome.exit)
            case Wait():
                if not outcome.for_ or ("time" in outcome.for_ and outcome.until is None):
                    raise WaitsForNothing(gettext("The step “%(kind)s” waits for nothing that could come.") % {"kind": placed.kind})
                waiting = Waiting(for_=tuple(outcome.for_), until=outcome.until, shown=outcome.shown, memory=dict(outcome.memory))
                self.state = bounded(self.state.model_copy(update={"waiting": waiting, "standing": "waiting"}))
                for effect in outcome.effects:
                    self._stage.apply(effect)
                self._trace(placed, effects=tuple(outcome.effects))
                return None
            case Jump():
                return self._jump(placed, outcome)
            case Fail():
                return self._fail(placed, outcome)
            case _:
                assert_never(outcome)

    def _jump(self, placed: Placed, jump: Jump) -> str | None:
        done = self.state.jumps.get(placed.id, 0)
        if done >= jump.most:
            self._trace(placed, exit=jump.otherwise, output={"jumps": done})
            return placed.exits.get(jump.otherwise)
        self.state = self.state.model_copy(update={"jumps": {**self.state.jumps, placed.id: done + 1}})
        self._trace(placed, exit="jump", output={"jumps": done + 1})
        return jump.to

    def _fail(self, placed: Placed, failed: Fail) -> str | None:
        if failed.exit and failed.exit in placed.exits:
            self.state = with_variables(self.state, dict(failed.variables))
            self._trace(placed, exit=failed.exit, error=failed.reason, output=failed.output, variables=self._now(failed.variables))
            return placed.exits[failed.exit]
        self._trace(placed, exit=failed.exit or None, error=failed.reason, output=failed.output)
        self.state = self.state.model_copy(update={"standing": "failed", "waiting": None})
        return None

    def _now(self, given: Mapping[str, Value]) -> dict[str, Value]:
        """What was set, as it was kept: long texts are cut."""
        return {name: self.state.variables[name] for name in given}

    def _trace(
        self,
        placed: Placed,
        *,
        exit: str | None = None,  # noqa: A002 - the field's name
        error: str = "",
        output: Mapping[str, Any] | None = None,
        effects: tuple[Effect, ...] = (),
        variables: Mapping[str, Value] | None = None,
    ) -> None:
        began = self.state.since or self._stage.now
        entered, self._told = self.state.entries > self._told, self.state.entries
        shown = shortened(output) if output else {}
        trace = Trace(placed.id, self.state.entries, placed.kind, began, exit, error, shown, effects, entered, variables or {})
        self._trail.append(trace)

    def _failed_at(self, step_id: str | None, reason: str) -> Advanced:
        self._trail.append(Trace(step_id or "", self.state.entries, "", self._stage.now, error=reason))
        return self._over("failed")

    def _over(self, standing: str) -> Advanced:
        self.state = self.state.model_copy(update={"standing": standing, "waiting": None})
        return self._advanced()

    def _advanced(self) -> Advanced:
        return Advanced(self.state, tuple(self._trail))
