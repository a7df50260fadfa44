"""Promise 27: every limit, at it and beyond it."""

from collections.abc import Mapping
from typing import Any

import pytest

from ismessenger.contacts import tags
from ismessenger.conversations import close
from ismessenger.messages import comment
from ismessenger.sdk.step import Checks, Fault
from workflows import reading
from workflows.check import problems
from workflows.steps import add_comment, close_conversation, update_tags

from .programs import PLUGINS, placed
from .test_check import Known, workflow

ASKS = {"category": "contactField", "field": "email", "operator": "exists"}


def case(number: int, conditions: int = 1) -> Mapping[str, Any]:
    return {"id": f"b{number}", "condition": {"$and": [ASKS] * conditions}}


def question(**more: Any) -> Mapping[str, Any]:
    return {"question": {"text": "Which?"}, **more}


def choice(options: list[str]) -> Mapping[str, Any]:
    return question(type="choice", options=options)


def days(value: int) -> Mapping[str, Any]:
    return {"value": value, "unit": "days"}


def headers(many: int) -> Mapping[str, Any]:
    return {"url": "https://example.com", "headers": [{"name": f"X-{n}", "value": "x"} for n in range(many)]}


def mapping(many: int) -> Mapping[str, Any]:
    return {"url": "https://example.com", "mapping": [{"path": "$.a", "variable": f"v{n}"} for n in range(many)]}


def faults(kind: str, params: Mapping[str, Any]) -> list[str]:
    step = PLUGINS.steps[kind]
    found = reading.faults(step.Params, params)
    if not found and isinstance(step, Checks):
        found = [fault if isinstance(fault, Fault) else Fault(fault) for fault in step.faults(step.Params.model_validate(params))]
    return [fault.field for fault in found]


@pytest.mark.behaviour(27)
@pytest.mark.parametrize(
    ("kind", "within", "beyond"),
    [
        ("branch", {"branches": [case(n) for n in range(9)]}, {"branches": [case(n) for n in range(10)]}),
        ("branch", {"branches": [case(1, 10)]}, {"branches": [case(1, 11)]}),
        ("ask_question", choice([f"{n}" * 20 for n in range(10)]), choice([f"{n}" for n in range(11)])),
        ("ask_question", choice(["x" * 20]), choice(["x" * 21])),
        ("ask_question", {**question(), "timeout": days(7)}, {**question(), "timeout": days(8)}),
        ("assign_to", {"timeout": days(7)}, {"timeout": {"value": 169, "unit": "hours"}}),
        ("wait", {"duration": days(7)}, {"duration": {"value": 10_081, "unit": "minutes"}}),
        ("http_request", headers(10), headers(11)),
        ("http_request", mapping(10), mapping(11)),
        ("jump_to", {"target": "a", "most": 10}, {"target": "a", "most": 11}),
        ("send_message", {"message": {"text": "x" * 2000}}, {"message": {"text": "x" * 2001}}),
        ("send_message", {"message": {"file_ids": [1, 2, 3, 4, 5]}}, {"message": {"file_ids": [1, 2, 3, 4, 5, 6]}}),
    ],
)
def test_a_step_has_limits(kind: str, within: Mapping[str, Any], beyond: Mapping[str, Any]) -> None:
    assert faults(kind, within) == []
    assert faults(kind, beyond)


def test_what_a_step_writes_is_no_longer_than_the_rest_of_the_house_takes() -> None:
    assert add_comment.MAX_COMMENT == comment.MAX_LENGTH
    assert close_conversation.MAX_SUMMARY == close.MAX_SUMMARY
    assert update_tags.MAX_NAME == tags.MAX_NAME


@pytest.mark.behaviour(27)
def test_a_trigger_has_ten_conditions_at_most() -> None:
    def found(many: int) -> list[str]:
        definition = workflow(placed("a", "wait"), trigger={"kind": "manual", "condition": {"$or": [ASKS] * many}})
        return [problem.words for problem in problems(definition, PLUGINS.steps, PLUGINS.triggers, Known())]

    assert found(10) == []
    assert found(11) == ["A trigger has at most 10 conditions."]
