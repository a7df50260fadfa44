"""The editor knows everything that the language has, and has words for it."""

import re
from html import unescape
from typing import Any, get_args

import orjson
import pytest

from ismessenger.conditions.schema import editor_schema
from ismessenger.conditions.tree import EVERYBODY, Category, Operator, parse
from ismessenger.conditions.vocabulary import ASSIGNEE_STATUSES, KIND_OF_CATEGORY, OPERATORS, STATUSES
from ismessenger.language import PSEUDO_LANGUAGE, speaking
from tests.conditions.stand import IN_WORKFLOW, KNOWN, rendered


def words(language: str = "en") -> dict[str, Any]:
    with speaking(language):
        html = rendered(EVERYBODY, csp_nonce="n0nce", path="/")
    found = re.search(r'data-conditions-words-value="([^"]*)"', html)
    assert found
    return dict(orjson.loads(unescape(found[1])))


def test_every_category_and_operator_can_be_chosen_and_has_words() -> None:
    schema, said = editor_schema(IN_WORKFLOW, EVERYBODY), words()
    assert {subject["category"] for subject in schema["subjects"]} == set(get_args(Category))
    assert set(KIND_OF_CATEGORY) == {*get_args(Category)} - {"contactField", "variable"}
    assert set(said["categories"]) == {*KIND_OF_CATEGORY, "variable"}
    assert set(said["operators"]) == set(get_args(Operator)) == {operator for kind in OPERATORS.values() for operator in kind}
    assert set(said["statuses"]) == {*STATUSES, *ASSIGNEE_STATUSES}


def test_every_word_of_the_editor_is_translated() -> None:
    def texts(value: object) -> list[str]:
        return [text for part in value.values() for text in texts(part)] if isinstance(value, dict) else [str(value)]

    assert [text for text in texts(words(PSEUDO_LANGUAGE)) if not text.startswith("⟦")] == []


def test_a_field_offers_what_fits_its_type() -> None:
    subjects = {subject.get("field"): subject for subject in editor_schema(KNOWN, EVERYBODY)["subjects"]}
    assert subjects["1"]["kind"] == "number"
    assert subjects["2"]["choices"] == [("Free", "Free"), ("Pro", "Pro"), ("Team", "Team")]
    assert subjects["countryCode"]["options"] == "country"


def test_what_only_a_run_can_answer_is_offered_in_workflows_only() -> None:
    of_runs = {"variable", "assigneeStatus", "lastIncomingMessage"}
    assert of_runs.isdisjoint(subject["category"] for subject in editor_schema(KNOWN, EVERYBODY)["subjects"])
    subjects = {(subject["category"], subject.get("field")): subject for subject in editor_schema(IN_WORKFLOW, EVERYBODY)["subjects"]}
    assert subjects["variable", "size"]["choices"] == [("s", "Small"), ("l", "Large")]
    assert [subjects["variable", name]["kind"] for name in ("size", "answer", "channel", "rating")] == ["choice", "text", "text", "number"]


@pytest.mark.behaviour(162)
def test_the_editor_is_told_what_is_broken_leaf_by_leaf() -> None:
    tagged, gone = ({"category": "contactTag", "operator": "hasAnyOf", "value": [tag]} for tag in (1, 99))
    condition = parse({"$and": [tagged, {"$or": [gone, tagged]}]})
    assert editor_schema(KNOWN, condition)["faults"] == ["", "A tag of this condition was deleted.", ""]
