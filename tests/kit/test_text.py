import json

import pytest

from ismessenger.kit.text import clean, clean_tree


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("plain", "plain"),
        ("a\x00b", "a\ufffdb"),
        ("\ud83d alone", "\ufffd alone"),
        ("alone \udc00", "alone \ufffd"),
        ("\U0001f600 whole", "\U0001f600 whole"),
        ("tab\tnew\nline", "tab\tnew\nline"),
    ],
)
def test_what_the_database_refuses_becomes_the_replacement_character(raw: str, stored: str) -> None:
    assert clean(raw) == stored
    assert clean(raw).encode("utf-8")


def test_text_is_cut_to_the_limit() -> None:
    assert clean("abcdef", 3) == "abc"
    assert len(clean("\x00" * 100_000, 5000)) == 5000


def test_a_tree_is_cleaned_at_every_depth_and_in_its_keys() -> None:
    tree = json.loads('{"a\\u0000": ["\\ud800", {"b": "c\\u0000"}], "n": 1.5, "t": true, "z": null}')
    assert clean_tree(tree) == {"a\ufffd": ["\ufffd", {"b": "c\ufffd"}], "n": 1.5, "t": True, "z": None}
