"""What is a condition and what is not: bounded, and refused in words."""

from typing import Any

import pytest

from ismessenger.conditions.tree import EVERYBODY, ConditionInvalid, parse, parse_text

TAGGED = {"category": "contactTag", "operator": "exists"}


def about(**changes: Any) -> dict[str, Any]:
    return {"$and": [{"category": "contactField", "field": "firstName", "operator": "isEqualTo", "value": "Ada", **changes}]}


def nested(depth: int) -> dict[str, Any]:
    return {"$and": [nested(depth - 1) if depth > 1 else TAGGED]}


def test_a_condition_is_stored_as_it_was_written() -> None:
    written = {"$and": [TAGGED, {"$or": [about()["$and"][0], TAGGED]}]}
    assert parse(written).as_json() == written


def test_groups_without_conditions_say_nothing() -> None:
    assert parse({"$or": [{"$and": []}, {"$or": [{"$and": []}]}]}).items == ()
    assert parse({"$and": []}) == EVERYBODY
    assert parse({"$or": [TAGGED, {"$and": []}]}).as_json() == {"$or": [TAGGED]}


@pytest.mark.behaviour(160)
@pytest.mark.parametrize(
    ("json", "words"),
    [
        (nested(6), "at most 5 deep"),
        ({"$and": [TAGGED] * 101}, "at most 100 conditions"),
        ({"$and": [{"$or": [TAGGED] * 51}, {"$or": [TAGGED] * 50}]}, "at most 100 conditions"),
        (about(operator="hasAnyOf", value=["x"] * 101), "at most 100 values"),
        (about(value="x" * 1001), "at most 1,000 characters"),
        ({"$and": [about(value="x" * 1000)["$and"][0]] * 70}, "at most 64 KiB"),
        (about(value=2**60), "too large"),
        (about(value=float("nan")), "too large"),
    ],
)
def test_a_condition_is_bounded(json: object, words: str) -> None:
    with pytest.raises(ConditionInvalid, match=words):
        parse(json)


@pytest.mark.parametrize(
    ("json", "words"),
    [
        ([], "A group of conditions"),
        ({}, "A group of conditions"),
        ({"$and": {}}, "A group of conditions"),
        ({"$and": [], "$or": []}, "A group of conditions"),
        ({"$and": [7]}, "A condition is an object"),
        ({"$and": [TAGGED, {"operator": "exists"}]}, "needs a category"),
        (about(category="shoe"), "category"),
        (about(operator="is"), "operator"),
        (about(more=1), "“more” is no part"),
        (about(field=""), "names it, and no other"),
        ({"$and": [{**TAGGED, "field": "firstName"}]}, "names it, and no other"),
        (about(operator="exists"), "takes no value"),
        (about(operator="hasAnyOf"), "takes a list"),
        (about(operator="hasAnyOf", value=[]), "takes a list"),
        (about(operator="isBetween", value=[1]), "takes two values"),
        (about(value=None), "takes one value"),
        (about(value=""), "takes one value"),
        (about(value=["Ada"]), "takes one value"),
        (about(value={"value": -1, "unit": "days"}), "length of time"),
        (about(value={"value": 36_501, "unit": "days"}), "length of time"),
        (about(value={"value": 1, "unit": "weeks"}), "length of time"),
        (about(value=[["x"]]), "a value is"),
    ],
)
def test_what_is_no_condition_is_refused_in_words(json: object, words: str) -> None:
    with pytest.raises(ConditionInvalid, match=words) as refused:
        parse(json)
    assert str(refused.value).endswith(".")


def test_text_that_is_no_json_is_refused() -> None:
    for text in ("", "{", "x" * 70_000, "[" * 5000):
        with pytest.raises(ConditionInvalid):
            parse_text(text)


def test_texts_that_cannot_be_stored_are_mended() -> None:
    assert parse(about(value="a\0b")).as_json()["$and"][0]["value"] == "a\N{REPLACEMENT CHARACTER}b"
