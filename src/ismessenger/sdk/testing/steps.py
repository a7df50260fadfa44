"""The tests of a step, and of a trigger, each in one class."""

# ruff: noqa: S101 - a test asserts

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, get_args

import pytest
from pydantic import BaseModel

from ismessenger.sdk.content import ContentAdapter
from ismessenger.sdk.step import (
    Answer,
    Checks,
    Exit,
    Fact,
    Fail,
    Fault,
    Gives,
    Heard,
    Jump,
    Next,
    Outcome,
    Result,
    Resumes,
    Scene,
    Step,
    Thing,
    TimeUp,
    Trigger,
    Variable,
    Wait,
)
from ismessenger.sdk.testing.scene import SOME_TIME, MadeUpScene

GROUPS = ("Messages", "Contact", "Conversation", "Logic", "Connections")
WRITE = "ISMESSENGER_WRITE_EXPECTED"

Case = dict[str, Any]
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ICON = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def cases_in(path: Path) -> list[Case]:
    """The cases of a file: ``{"cases": [{"name": …, "params": {…}, …}]}``."""
    cases: list[Case] = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return cases


class StepContract:
    """Inherit as ``class TestMyStep(StepContract)`` and set ``step`` and ``cases``, a JSON file of what it does.

    A case has a ``name``, ``params``, a ``scene`` (see `MadeUpScene`), and what is ``heard`` one after the other:
    ``{"result": {"ok": true}}``, ``{"answer": {content}, "payload": …}`` or ``{"time": true}``. ``expected`` holds what the step says of
    itself and answers. With ``ISMESSENGER_WRITE_EXPECTED=1`` in the environment what is missing there is written: read it before you
    keep it.
    """

    step: ClassVar[Step]
    cases: ClassVar[Path]

    def scene(self, given: Mapping[str, Any]) -> MadeUpScene:
        """The scene of a case."""
        return MadeUpScene(**{**given, "now": datetime.fromisoformat(given["now"]) if "now" in given else SOME_TIME})

    def name_of(self, thing: Thing, id_: Any) -> str:
        """What is called what, in summaries."""
        return f"{thing} {id_}"

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test per case."""
        _each_case(self.cases, metafunc)

    def test_says_what_it_is(self) -> None:
        _says_what_it_is(self.step)
        assert self.step.group in GROUPS

    def test_every_parameter_has_a_title(self) -> None:
        _has_titles(self.step.Params)

    def test_does_what_the_case_says(self, case: Case) -> None:
        _compare(self.cases, case, self._played(case))

    def test_its_exits_can_be_stored(self, case: Case) -> None:
        exits = [exit_.id for exit_ in self.step.exits(self.step.Params.model_validate(case["params"]))]
        assert len(set(exits)) == len(exits)
        assert all(_ID.fullmatch(exit_) for exit_ in exits)

    def test_it_goes_on_by_exits_that_it_has(self, case: Case) -> None:
        params = self.step.Params.model_validate(case["params"])
        exits = {exit_.id for exit_ in self.step.exits(params)} | {""}
        for outcome in self._outcomes(case, params):
            match outcome:
                case Next(exit=exit_) | Fail(exit=exit_) | Jump(otherwise=exit_):
                    assert exit_ in exits
                case Wait():
                    assert outcome.for_
                    assert outcome.until is not None or "time" not in outcome.for_

    def test_its_variables_are_those_it_names(self, case: Case) -> None:
        params = self.step.Params.model_validate(case["params"])
        named = {variable.name for variable in self.step.variables(params)} if isinstance(self.step, Gives) else set()
        for outcome in self._outcomes(case, params):
            if isinstance(outcome, (Next, Fail)):
                assert set(outcome.variables) <= named

    def _played(self, case: Case) -> Mapping[str, Any]:
        params = self.step.Params.model_validate(case["params"])
        return {
            **_shown(self.step, params, self.step.exits(params), self.name_of),
            "outcomes": [outcome_json(outcome) for outcome in self._outcomes(case, params)],
        }

    def _outcomes(self, case: Case, params: BaseModel) -> list[Outcome]:
        scene = self.scene(case.get("scene", {}))
        outcomes = [self.step.run(params, scene)]
        for told in case.get("heard", []):
            assert isinstance(self.step, Resumes)
            last = outcomes[-1]
            assert isinstance(last, Wait), "Something is heard, but the step does not wait."
            # Between the two the run is JSON in a database.
            scene.memory = json.loads(json.dumps(last.memory))
            outcomes.append(self.step.resume(params, scene, heard_from(told)))
        return outcomes


class TriggerContract:
    """Inherit as ``class TestMyTrigger(TriggerContract)`` and set ``trigger`` and ``cases``.

    A case has a ``name``, ``params`` and a ``fact`` with ``kind`` and ``details``; ``expected`` holds what the trigger says of itself and
    the variables, or null where the fact does not begin the workflow.
    """

    trigger: ClassVar[Trigger]
    cases: ClassVar[Path]

    def name_of(self, thing: Thing, id_: Any) -> str:
        """What is called what, in summaries."""
        return f"{thing} {id_}"

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test per case."""
        _each_case(self.cases, metafunc)

    def test_says_what_it_is(self) -> None:
        _says_what_it_is(self.trigger)

    def test_every_parameter_has_a_title(self) -> None:
        _has_titles(self.trigger.Params)

    def test_does_what_the_case_says(self, case: Case) -> None:
        params = self.trigger.Params.model_validate(case["params"])
        given = {"variables": [_variable_json(variable) for variable in self.trigger.variables(params)]}
        shown = {**_shown(self.trigger, params, (), self.name_of), **given, "begins_with": self._begins(case, params)}
        _compare(self.cases, case, shown)

    def test_it_gives_the_variables_that_it_names(self, case: Case) -> None:
        params = self.trigger.Params.model_validate(case["params"])
        begins = self._begins(case, params)
        assert begins is None or set(begins) <= {variable.name for variable in self.trigger.variables(params)}

    def _begins(self, case: Case, params: BaseModel) -> Mapping[str, Any] | None:
        fact = case.get("fact")
        begins = None if fact is None else self.trigger.match(params, Fact(fact["kind"], SOME_TIME, fact["details"]))
        return None if begins is None else dict(begins)


def outcome_json(outcome: Outcome) -> Mapping[str, Any]:
    """What a step answered, as JSON; what is empty is left out."""
    told: dict[str, Any] = {type(outcome).__name__.lower(): True}
    for name in outcome.__dataclass_fields__:
        value = getattr(outcome, name)
        if name == "effects":
            value = [effect.model_dump(mode="json", exclude_defaults=True) | {"do": effect.do} for effect in value]
        if value not in (None, "", (), [], {}):
            told[name.rstrip("_")] = value.isoformat() if isinstance(value, datetime) else value
    plain: Mapping[str, Any] = json.loads(json.dumps(told))
    return plain


def heard_from(told: Mapping[str, Any]) -> Heard:
    """What a case says was heard."""
    match told:
        case {"result": given}:
            return Result(**given)
        case {"answer": content}:
            return Answer(ContentAdapter.validate_python(content), told.get("message_id"), told.get("payload"))
        case {"time": True}:
            return TimeUp()
    raise ValueError(f"Nothing is heard in {told}.")


def _each_case(path: Path, metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = cases_in(path)
        metafunc.parametrize("case", cases, ids=[case["name"] for case in cases])


def _says_what_it_is(kind: Step | Trigger) -> None:
    assert _KIND.fullmatch(kind.kind)
    assert kind.name.strip()
    assert kind.description.endswith(".")
    assert _ICON.fullmatch(kind.icon)


def _has_titles(model: type[BaseModel]) -> None:
    schema = model.model_json_schema()
    for name, shape in schema.get("properties", {}).items():
        assert shape.get("title"), f"{name} has no title."
        things = {shape["thing"]} if "thing" in shape else set()
        assert things <= set(get_args(Thing))


def _shown(kind: Step | Trigger, params: BaseModel, exits: Sequence[Exit], name_of: Callable[[Thing, Any], str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"summary": kind.summary(params, name_of)}
    if exits:
        shown["exits"] = [f"{exit_.id}: {exit_.label} ({exit_.kind})" for exit_ in exits]
    if isinstance(kind, Gives) and (given := kind.variables(params)):
        shown["variables"] = [_variable_json(variable) for variable in given]
    if isinstance(kind, Checks) and (faults := kind.faults(params)):
        shown["faults"] = [f"{fault.field}: {fault.words}" if isinstance(fault, Fault) else fault for fault in faults]
    return shown


def _variable_json(variable: Variable) -> str:
    options = ", ".join(value for value, _label in variable.options)
    return f"{variable.name} ({variable.type}{f': {options}' if options else ''})"


def _compare(path: Path, case: Case, shown: Mapping[str, Any]) -> None:
    if "expected" not in case and os.environ.get(WRITE):
        _write(path, case["name"], shown)
    else:
        assert shown == case.get("expected"), f"Set {WRITE}=1 to write what is missing."


def _write(path: Path, name: str, shown: Mapping[str, Any]) -> None:
    told = json.loads(path.read_text(encoding="utf-8"))
    for case in told["cases"]:
        if case["name"] == name:
            case["expected"] = shown
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


_OF_SCENE: type[Scene] = MadeUpScene  # a scene as steps see it
