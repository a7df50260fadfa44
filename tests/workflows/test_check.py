from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ismessenger.sdk.step import Exit, Fault, Step, Thing, Trigger, Variable
from workflows.check import Problem, problems
from workflows.definition import Definition, parse
from workflows.look import blank, looks
from workflows.outline import Outline
from workflows.steps.wait import Wait

from .programs import PLUGINS, placed

ASKS = {"$and": [{"category": "contactField", "field": "email", "operator": "exists"}]}


class Known:
    """Everything is there but what is numbered 404 or called GONE."""

    variables: Sequence[Variable] = (Variable("contact.firstname", "First name"),)

    def name(self, thing: Thing, id_: int | str) -> str | None:
        return None if id_ in {404, "404", "GONE"} else f"{thing} {id_}"

    def condition_fault(self, condition: Mapping[str, Any], variables: Sequence[Variable]) -> str:
        asked = [leaf["field"] for leaf in condition.get("$and", []) if leaf["category"] == "variable"]
        unknown = set(asked) - {variable.name for variable in variables}
        return f"There is no variable {unknown.pop()}." if unknown else ""


def workflow(*steps: Mapping[str, Any], trigger: Mapping[str, Any] | None = None, start: str | None = "a") -> Definition:
    return parse({"trigger": trigger or {"kind": "manual"}, "start": start if steps else None, "steps": list(steps)})


def found(definition: Definition) -> list[Problem]:
    return problems(definition, PLUGINS.steps, PLUGINS.triggers, Known())


def say(text: str) -> Mapping[str, Any]:
    return {"message": {"text": text}}


def test_a_workflow_that_is_in_order_has_no_problems() -> None:
    assert found(workflow(placed("a", "send_message", say("Hi {{$contact.firstname | title}}"), next="b"), placed("b", "wait"))) == []


@pytest.mark.behaviour(287)
def test_an_empty_one_says_where_to_begin() -> None:
    assert problems(Definition(), PLUGINS.steps, PLUGINS.triggers, Known()) == [
        Problem("trigger", "", "Choose what begins the workflow."),
        Problem("trigger", "", "No step stands behind the trigger yet."),
    ]


@pytest.mark.behaviour(287)
@pytest.mark.parametrize("kind", sorted(PLUGINS.steps))
def test_what_is_wrong_with_parameters_is_said_in_words(kind: str) -> None:
    for problem in found(workflow(placed("a", kind, {"nonsense": 1, "timeout": "soon", "message": 7}))):
        assert problem.step == "a"
        assert problem.words.endswith((".", "name"))
        assert "input" not in problem.words.lower()


@pytest.mark.behaviour(287)
@pytest.mark.parametrize(
    ("params", "field", "words"),
    [
        ({"message": {"text": "x" * 2001}}, "message.text", "At most 2000 characters fit here."),
        ({"message": {"text": "x", "file_ids": [1] * 6}}, "message.file_ids", "There are at most 5."),
        ({"message": {"text": ["x"]}}, "message.text", "Words are wanted."),
        ({"channel_id": "x", **say("x")}, "channel_id", "A whole number is wanted."),
        ({"failure_branch": "maybe", **say("x")}, "failure_branch", "Yes or no is wanted."),
        ({"typo": 1, **say("x")}, "typo", "There is no such setting here."),
        ({}, "message", "Write a message, or choose a file."),
        ({"channel_id": 404, **say("x")}, "channel_id", "This channel was deleted. Choose another one."),
        ({"message": {"file_ids": [1, 404]}}, "message.file_ids.1", "This file was deleted. Choose another one."),
        (say("{{$nobody}}"), "message.text", "There is no variable $nobody."),
        (say("{{$contact.firstname | date}}"), "message.text", None),
        (say("{{secret.GONE}}"), "message.text", "There is no secret GONE."),
        ({"message": {"content": {"type": "text", "text": "$nobody"}}}, "message.content", "There is no variable $nobody."),
    ],
)
def test_each_problem_names_its_field(params: Mapping[str, Any], field: str, words: str | None) -> None:
    (problem,) = found(workflow(placed("a", "send_message", params)))
    assert (problem.step, problem.field) == ("a", field)
    assert words is None or problem.words == words


@pytest.mark.behaviour(287)
def test_variables_are_there_after_the_step_that_gives_them() -> None:
    ask = placed("a", "ask_question", {"question": {"text": "$order?"}, "save_variable": "answer"}, success="b")
    early = workflow(ask, placed("b", "send_message", say("$answer $order $later"), next="c"), placed("c", "http_request", later()))
    assert [(problem.step, problem.words) for problem in found(early)] == [
        ("a", "There is no variable $order."),
        ("b", "There is no variable $order."),
        ("b", "There is no variable $later before this step."),
    ]
    handed = {"kind": "manual", "params": {"inputs": [{"name": "order"}]}}
    looped = workflow(
        ask,
        placed("b", "send_message", say("$answer $order $later"), next="c"),
        placed("c", "http_request", later(), next="d"),
        placed("d", "jump_to", {"target": "b"}),
        trigger=handed,
    )
    assert found(looped) == []
    assert [variable.name for variable in Outline(early, PLUGINS.steps, PLUGINS.triggers).variables_at("b")] == ["answer"]


def later() -> Mapping[str, Any]:
    return {"url": "https://example.com", "status_variable": "later"}


@pytest.mark.behaviour(287)
def test_conditions_are_asked_with_the_variables_that_are_there() -> None:
    asks = {"$and": [{"category": "variable", "field": "answer", "operator": "exists"}]}
    fork = placed("b", "branch", {"branches": [{"id": "b1", "condition": asks}]}, b1="c")
    end = placed("c", "open_conversation")
    ask = placed("a", "ask_question", {"question": {"text": "?"}, "save_variable": "answer"}, success="b")
    assert found(workflow(ask, fork, end)) == []
    (problem,) = found(workflow(placed("a", "wait", next="b"), fork, end))
    assert problem == Problem("b", "branches.0.condition", "There is no variable answer.")
    (problem,) = found(workflow(end | {"id": "a"}, trigger={"kind": "manual", "condition": asks}))
    assert problem == Problem("trigger", "condition", "There is no variable answer.")


@pytest.mark.behaviour(287)
def test_steps_that_no_way_leads_to_are_found_once_for_each_heap() -> None:
    loose = workflow(
        placed("a", "send_message", {**say("x"), "failure_branch": False}, failure="b"),
        placed("b", "wait", next="c"),
        placed("c", "wait"),
        placed("d", "wait", next="e"),
        placed("e", "wait"),
    )
    assert [(problem.step, problem.words) for problem in found(loose)] == [
        ("b", "The way that led here from “Send a message” is gone. Delete this step, or put it behind another one."),
        ("d", "No way leads to this step. Delete it, or put it behind another one."),
    ]


@pytest.mark.behaviour(287)
def test_jumps_lead_to_steps_that_are_there_and_count_as_ways() -> None:
    (gone,) = found(workflow(placed("a", "jump_to", {"target": "z"})))
    assert (gone.field, gone.words) == ("target", "The step to jump to was deleted. Choose another one.")
    (itself,) = found(workflow(placed("a", "jump_to", {"target": "a"})))
    assert itself.words == "A step cannot jump to itself."
    assert found(workflow(placed("a", "jump_to", {"target": "b"}), placed("b", "wait"))) == []


@pytest.mark.behaviour(287)
def test_plugins_that_are_missing_are_named() -> None:
    lost = workflow(placed("a", "lost_step", next="b"), placed("b", "wait"), trigger={"kind": "lost_trigger"})
    assert [(problem.step, problem.words) for problem in found(lost)] == [
        ("trigger", "The plugin of the trigger “lost_trigger” is not installed."),
        ("a", "The plugin of the step “lost_step” is not installed."),
    ]


class Broken(Wait):
    def exits(self, _params: Any) -> Sequence[Exit]:
        raise TypeError("oops")

    def summary(self, _params: Any, _name_of: Any) -> str:
        raise KeyError("oops")

    def faults(self, _params: Any) -> Sequence[Fault]:
        raise ValueError("oops")


@pytest.mark.behaviour(287)
def test_a_plugin_that_breaks_is_a_problem_of_its_step_only() -> None:
    draft = workflow(placed("a", "wait", next="b"), placed("b", "open_conversation"))
    steps: dict[str, Step] = {**PLUGINS.steps, "wait": Broken()}  # type: ignore[dict-item]  # mypy: a nested class cannot be set
    assert [(problem.step, problem.words) for problem in problems(draft, steps, PLUGINS.triggers, Known())] == [
        ("a", "The plugin of this step is broken: it cannot say whether its settings are right."),
        ("b", "The way that led here from “Wait” is gone. Delete this step, or put it behind another one."),
    ]
    assert looks(draft, steps, PLUGINS.triggers, Known().name)["a"].exits == ()


@pytest.mark.behaviour(287)
def test_a_branch_that_leads_nowhere_is_a_problem() -> None:
    (problem,) = found(workflow(placed("a", "branch", {"branches": [{"id": "b1", "condition": ASKS}]})))
    assert problem.words == "No step stands behind any of these ways."


@pytest.mark.behaviour(287)
def test_a_trigger_has_problems_of_its_own() -> None:
    of_trigger = found(workflow(placed("a", "wait"), trigger={"kind": "tag_updated", "params": {"tag_ids": [404]}}))
    assert of_trigger == [Problem("trigger", "tag_ids.0", "This tag was deleted. Choose another one.")]
    eleven = {"$and": ASKS["$and"] * 11}
    assert found(workflow(placed("a", "wait"), trigger={"kind": "manual", "condition": eleven})) == [
        Problem("trigger", "condition", "A trigger has at most 10 conditions.")
    ]


@pytest.mark.behaviour(288)
def test_a_draft_is_shown_also_while_much_is_wrong_with_it() -> None:
    broken = {"branches": [{"id": "b1", "name": "x" * 100, "condition": ASKS}, {"name": "No id"}, 7, {"id": "b2", "name": "Second"}]}
    draft = workflow(
        placed("a", "branch", broken, b2="b"),
        placed("b", "jump_to", {"target": "a", "most": 99}),
        placed("c", "lost_step"),
        placed("d", "assign_to", {"action": "member", "member_id": 404}),
    )
    shown = looks(draft, PLUGINS.steps, PLUGINS.triggers, Known().name)
    assert [exit_.id for exit_ in shown["a"].exits] == ["b1", "b2", "else"]
    assert shown["a"].summary == "Branch 1 · Second"
    assert shown["b"].summary == "Branch, 3 times at most"
    assert shown["c"].summary == "This step’s plugin is not installed."
    assert shown["d"].summary == "(deleted)"
    assert shown["trigger"].as_json() == {"summary": "", "exits": [], "variables": []}


@pytest.mark.behaviour(288)
@pytest.mark.parametrize("kind", sorted({**PLUGINS.steps, **PLUGINS.triggers}))
@pytest.mark.parametrize("params", [{}, {"action": "?", "mode": [], "message": {"text": 1}}, {"branches": None}, {"form": [{"type": "?"}]}])
def test_every_kind_has_a_look_whatever_its_parameters_are(kind: str, params: Mapping[str, Any]) -> None:
    draft = workflow(placed("a", kind, params)) if kind in PLUGINS.steps else workflow(trigger={"kind": kind, "params": params})
    shown = looks(draft, PLUGINS.steps, PLUGINS.triggers, Known().name)["a" if kind in PLUGINS.steps else "trigger"]
    assert shown.exits or kind in PLUGINS.triggers
    assert found(draft) or not params


def test_a_new_step_has_the_defaults_of_its_parameters() -> None:
    kinds: list[Step | Trigger] = [*PLUGINS.steps.values(), *PLUGINS.triggers.values()]
    for kind in kinds:
        assert kind.Params.model_validate(blank(kind)).model_dump(mode="json") == blank(kind)


json_like = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 500)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=5)
    | st.sampled_from(["team", "until", "range", "choice", "$x", "{{$x|date}}"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "text", "value", "unit", "name", "$and", "path"]), inner)
    ),
    max_leaves=6,
)


@st.composite
def drafts(draw: st.DrawFn) -> Definition:
    """A definition in which every parameter may be anything."""

    def params(kind: Step | Trigger) -> dict[str, Any]:
        return draw(st.dictionaries(st.sampled_from([*kind.Params.model_fields, "nonsense"]), json_like, max_size=6))

    trigger = draw(st.sampled_from(sorted(PLUGINS.triggers)))
    kinds = draw(st.lists(st.sampled_from(sorted(PLUGINS.steps)), min_size=1, max_size=4))
    steps = [placed(f"s{n}", kind, params(PLUGINS.steps[kind])) for n, kind in enumerate(kinds)]
    for before, after in pairwise(steps):
        before["exits"][draw(st.sampled_from(["next", "success", "else", "gone"]))] = after["id"]
    condition = {"$and": [draw(json_like)]}
    return workflow(*steps, trigger={"kind": trigger, "params": params(PLUGINS.triggers[trigger]), "condition": condition}, start="s0")


class Easy(Known):
    def condition_fault(self, condition: Mapping[str, Any], variables: Sequence[Variable]) -> str:
        return f"{len(condition)} of {len(variables)}."


@pytest.mark.behaviour(288)
@given(drafts())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_draft_holds_it_is_shown_and_its_problems_are_said(draft: Definition) -> None:
    assert set(looks(draft, PLUGINS.steps, PLUGINS.triggers, Easy().name)) == {"trigger", *(step.id for step in draft.steps)}
    assert all(problem.words for problem in problems(draft, PLUGINS.steps, PLUGINS.triggers, Easy()))
