"""Names at the border, ids inside."""

import pytest

from ismessenger.conditions.names import with_ids, with_names
from ismessenger.conditions.tree import ConditionInvalid, parse
from tests.conditions.stand import KNOWN

BY_NAME = {
    "$or": [
        {"category": "contactTag", "operator": "hasAllOf", "value": ["VIP", "Trial"]},
        {"$and": [{"category": "lifecycle", "operator": "isEqualTo", "value": "Hot Lead"}, {"category": "team", "operator": "exists"}]},
        {"category": "contactField", "field": "orders", "operator": "isBetween", "value": [1, 2]},
    ]
}
BY_ID = {
    "$or": [
        {"category": "contactTag", "operator": "hasAllOf", "value": [1, 2]},
        {"$and": [{"category": "lifecycle", "operator": "isEqualTo", "value": 2}, {"category": "team", "operator": "exists"}]},
        {"category": "contactField", "field": "1", "operator": "isBetween", "value": [1, 2]},
    ]
}


def test_names_become_ids_and_ids_names() -> None:
    assert with_ids(parse(BY_NAME), KNOWN).as_json() == BY_ID
    assert with_names(parse(BY_ID), KNOWN).as_json() == BY_NAME


def test_a_variable_is_named_alike_on_both_sides() -> None:
    asked = {"$and": [{"category": "variable", "field": "1", "operator": "isEqualTo", "value": "Yes"}]}
    assert with_ids(parse(asked), KNOWN).as_json() == with_names(parse(asked), KNOWN).as_json() == asked


def test_an_id_is_no_name_of_a_field() -> None:
    with pytest.raises(ConditionInvalid, match="no contact field called 1"):
        with_ids(parse({"$and": [BY_ID["$or"][2]]}), KNOWN)


def test_what_was_deleted_keeps_its_id_outside() -> None:
    gone = parse({"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [1, 99]}]})
    assert with_names(gone, KNOWN).as_json()["$and"][0]["value"] == ["VIP", 99]
