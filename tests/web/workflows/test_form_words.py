"""Every thing that a step may name has its words in the forms."""

from typing import get_args

from ismessenger.sdk.step import Thing
from tests.web.workflows.test_words import words_of


def test_each_thing_can_be_added_and_be_missing() -> None:
    words = words_of("_words_forms.html")
    things = get_args(Thing)
    assert things
    assert [thing for thing in things if f"form_add_{thing}" not in words] == []
    # The library says of itself that it is empty.
    assert [thing for thing in things if thing != "file" and f"form_no_{thing}" not in words] == []
