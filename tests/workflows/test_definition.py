from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.definition import MAX_BYTES, MAX_STEPS, Definition, DefinitionInvalid, parse, parse_text

from .programs import placed


def chain(many: int) -> dict[str, Any]:
    steps = [placed(f"s{n}", "wait", **({"next": f"s{n + 1}"} if n < many - 1 else {})) for n in range(many)]
    return {"trigger": {"kind": "manual"}, "start": "s0", "steps": steps}


def nested(deep: int) -> dict[str, Any]:
    inner: dict[str, Any] = {}
    for _level in range(deep):
        inner = {"a": inner}
    return inner


@pytest.mark.behaviour(27)
def test_a_hundred_steps_are_a_workflow_and_one_more_is_none() -> None:
    assert len(parse(chain(MAX_STEPS)).steps) == 100
    with pytest.raises(DefinitionInvalid, match="at most 100 steps; this one has 101"):
        parse(chain(101))


@pytest.mark.behaviour(283)
@pytest.mark.parametrize(
    ("json", "why"),
    [
        ([], "^The whole: this is of another kind than what belongs there[.]$"),
        ({"format": 2}, "^format: this is not known here[.]$"),
        ({"steps": {}}, "^steps: this is of another kind"),
        ({"nonsense": 1}, "^nonsense: nothing of this name belongs there[.]$"),
        ({"steps": [placed("a", "wait"), placed("a", "wait")]}, "same id"),
        ({"start": "b", "steps": [placed("a", "wait")]}, "no step b"),
        ({"start": "a", "steps": [placed("a", "wait", next="a")]}, "Two ways"),
        ({"steps": [placed("a", "wait", next="b"), placed("b", "wait", next="a")]}, "circle"),
        ({"start": "c", "steps": [placed("a", "wait", next="b"), placed("b", "wait", next="a"), placed("c", "wait")]}, "circle"),
        ({"start": "a", "steps": [placed("a", "wait", next="c"), placed("b", "wait", next="c"), placed("c", "wait")]}, "Two ways"),
        (
            {"steps": [placed("a", "wait"), placed("a b", "wait")]},
            "^Step 2, id: only letters, digits, “_” and “-” can stand there, and not many",
        ),
        ({"steps": [placed("a", "wait", **{"a b": "c"})]}, "^Step 1, exits, a b: only letters"),
        ({"steps": [{"id": "a"}]}, "^Step 1, kind: this is missing[.]$"),
        ({"steps": [{"id": "a", "kind": "wait", "name": "x" * 101}]}, "^Step 1, name: this is too long[.]$"),
        ({"steps": [placed("a", "Wait!")]}, "^Step 1, kind: only letters"),
        ({"steps": [placed("__proto__", "wait")]}, "the id __proto__"),
        ({"steps": [placed("constructor", "wait")]}, "the id constructor"),
        ({"steps": [placed("a", "wait", toString="b"), placed("b", "wait")]}, "the id toString"),
        ({"steps": [placed("a", "wait", {"x": nested(300)})]}, "nested"),
        ({"steps": [placed("a", "wait", {"x": "\x00"})]}, "NUL"),
        ({"steps": [placed("a", "wait", {"\x00": 1})]}, "NUL"),
        ({"steps": [placed("a", "wait", {"x": 10**30})]}, "too large"),
        ({"steps": [placed("a", "wait", {"x": float("nan")})]}, "too large"),
        ({"steps": [placed("a", "wait", {"x": "\ud800"})]}, "UTF-8"),
        ({"steps": [placed("a", "wait", {"x": "x" * MAX_BYTES})]}, "at most 512 KiB"),
        ({"steps": [placed("a", "wait", {"x": {1, 2}})]}, "UTF-8"),
    ],
)
def test_what_is_no_workflow_is_refused_in_words(json: object, why: str) -> None:
    with pytest.raises(DefinitionInvalid, match=why):
        parse(json)


@pytest.mark.behaviour(283)
@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", "7", '"words"', b"\xff\xfe", "x" * (MAX_BYTES + 1)])
def test_a_file_that_is_no_workflow_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(DefinitionInvalid):
        parse_text(text)


def test_what_is_stored_is_read_again() -> None:
    definition = parse(chain(3))
    assert parse(definition.as_json()) == definition
    assert [step.id for step in definition.before("s2")] == ["s1", "s0"]


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["steps", "trigger", "id", "kind", "exits", "start", "x"]), inner)
    ),
    max_leaves=20,
)


@given(json_like)
@settings(max_examples=200, deadline=None)
def test_anything_is_read_or_refused(json: object) -> None:
    with suppress(DefinitionInvalid):
        assert isinstance(parse(json), Definition)
