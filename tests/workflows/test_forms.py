"""The form of a shortcut, and a step of somebody else."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import Field

from ismessenger.sdk.step import NEXT, Exit, Heard, Next, Outcome, Outgoing, Part, Scene, Send, Wait, widget
from ismessenger.sdk.testing import StepContract
from workflows.triggers.shortcut import Shortcut, read_form

FORM = Shortcut.Params.model_validate(
    {
        "name": "Escalate",
        "form": [
            {"label": "Why", "variable": "why", "required": True},
            {"label": "Amount", "variable": "amount", "type": "number"},
            {"label": "Urgency", "variable": "urgency", "type": "choice", "options": ["Low", "High"]},
            {"label": "Paid", "variable": "paid", "type": "checkbox"},
            {"label": "Agreed", "variable": "agreed", "type": "checkbox", "required": True},
            {"label": "Due", "variable": "due", "type": "date"},
            {"label": "At", "variable": "at", "type": "time"},
            {"label": "Mail", "variable": "mail", "type": "email"},
            {"label": "Phone", "variable": "phone", "type": "phone"},
            {"label": "Link", "variable": "link", "type": "url"},
        ],
    }
)


def test_a_form_becomes_variables_of_their_types() -> None:
    given = {"why": " Late ", "amount": "1,5", "urgency": "high", "agreed": "on", "due": "2026-12-24", "at": "09:30"}
    given |= {"mail": "ann@example.com", "phone": "+49 30 123456", "link": "example.com", "more": "ignored"}
    values, wrong = read_form(FORM, given)
    assert wrong == {}
    assert values == {
        "why": "Late",
        "amount": 1.5,
        "urgency": "High",
        "paid": False,
        "agreed": True,
        "due": "2026-12-24",
        "at": "09:30",
        "mail": "ann@example.com",
        "phone": "+4930123456",
        "link": "https://example.com",
    }


def test_what_may_be_empty_is_nothing() -> None:
    values, wrong = read_form(FORM, {"why": "x", "agreed": "1"})
    assert wrong == {}
    assert {name for name, value in values.items() if value is None} == {"amount", "urgency", "due", "at", "mail", "phone", "link"}


def test_a_form_that_is_filled_in_wrongly_says_what_is_wrong() -> None:
    given = {"amount": "much", "urgency": "medium", "due": "soon", "at": "25:00", "mail": "ann", "phone": "1", "link": "x"}
    _values, wrong = read_form(FORM, given)
    assert set(wrong) == {"why", "agreed", *given}
    assert wrong["why"] == "Why must be filled in."
    assert wrong["due"] == "Due: this is no date."
    assert all(words.endswith(".") for words in wrong.values())


def test_a_long_text_is_cut_and_holds_no_nul() -> None:
    values, _wrong = read_form(FORM, {"why": "a\x00b" + "x" * 20_000, "agreed": "1"})
    assert values["why"] == ("ab" + "x" * 20_000)[:10_000]


class Greet:
    kind: ClassVar = "greet"
    name: ClassVar = "Greet"
    icon: ClassVar = "hand"
    group: ClassVar = "Messages"
    description: ClassVar = "Say hello in the contact's language."

    class Params(Part):
        words: Annotated[str, Field(title="Words", max_length=200), widget("text")] = "Hello"

    def exits(self, _params: Params) -> Sequence[Exit]:
        return (NEXT,)

    def summary(self, params: Params, _name_of: Any) -> str:
        return params.words

    def run(self, params: Params, scene: Scene) -> Outcome:
        return Wait(("result",), effects=(Send(message=Outgoing(text=scene.filled(params.words))),))

    def resume(self, _params: Params, _scene: Scene, _heard: Heard) -> Outcome:
        return Next()


class TestAStepOfSomebodyElse(StepContract):
    step = Greet()  # type: ignore[assignment]  # mypy: a nested class cannot be set
    cases = Path(__file__).parent / "greet.json"


@pytest.mark.parametrize(
    "wrong", [Next("elsewhere"), Next(variables={"made_up": 1}), Wait(()), Wait(("time",))], ids=["exit", "variable", "nothing", "no time"]
)
def test_the_contract_finds_a_step_that_breaks_it(wrong: Outcome) -> None:
    class Wrong(Greet):
        def run(self, _params: Greet.Params, _scene: Scene) -> Outcome:
            return wrong

    class OfWrong(StepContract):
        step = Wrong()  # type: ignore[assignment]  # as above
        cases = Path(__file__).parent / "greet.json"

    def judged() -> None:
        OfWrong().test_it_goes_on_by_exits_that_it_has({"name": "x", "params": {}})
        OfWrong().test_its_variables_are_those_it_names({"name": "x", "params": {}})

    with pytest.raises(AssertionError):
        judged()


def test_the_contract_writes_what_is_missing_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "greet.json"
    file.write_text(json.dumps({"cases": [{"name": "hello", "params": {}}]}))

    class OfGreet(StepContract):
        step = Greet()  # type: ignore[assignment]  # mypy: a nested class cannot be set
        cases = file

    monkeypatch.delenv("ISMESSENGER_WRITE_EXPECTED", raising=False)
    with pytest.raises(AssertionError, match="ISMESSENGER_WRITE_EXPECTED"):
        OfGreet().test_does_what_the_case_says(json.loads(file.read_text())["cases"][0])
    monkeypatch.setenv("ISMESSENGER_WRITE_EXPECTED", "1")
    OfGreet().test_does_what_the_case_says(json.loads(file.read_text())["cases"][0])
    (case,) = json.loads(file.read_text())["cases"]
    assert case["expected"]["summary"] == "Hello"
    case["expected"]["summary"] = "Bye"
    with pytest.raises(AssertionError):
        OfGreet().test_does_what_the_case_says(case)


def test_the_variables_of_a_form_have_the_types_of_its_fields() -> None:
    types = {variable.name: variable.type for variable in Shortcut().variables(FORM)}
    assert {name: types[name] for name in ("why", "amount", "urgency", "paid", "due", "at", "mail")} == {
        "why": "text",
        "amount": "number",
        "urgency": "choice",
        "paid": "checkbox",
        "due": "date",
        "at": "time",
        "mail": "text",
    }
