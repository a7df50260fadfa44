"""A search line is taken apart: words, and filters."""

import pytest

from ismessenger.conditions.words import Term
from ismessenger.search.mark import Stretch, marked, snippet
from ismessenger.search.query import Filter, Typed, quoted, taken_apart


@pytest.mark.parametrize(
    ("line", "typed"),
    [
        ("  red   lamp ", Typed("red lamp")),
        ("lamp tag:vip", Typed("lamp", (Filter("tag", "vip"),))),
        ('TAG:"Big customer" lamp', Typed("lamp", (Filter("tag", "Big customer"),))),
        ('lamp assignee:"Bo Lind', Typed("lamp", (Filter("assignee", "Bo Lind"),))),
        ("lamp tag:", Typed("lamp", (Filter("tag", ""),))),
        ("https://x.example mytag:a before:2026-01-02", Typed("https://x.example mytag:a", (Filter("before", "2026-01-02"),))),
        ("", Typed()),
    ],
)
def test_a_line_is_words_and_filters(line: str, typed: Typed) -> None:
    assert taken_apart(line) == typed


def test_a_value_with_spaces_is_quoted_and_read_back() -> None:
    for name in ("vip", "Big customer", 'say "so"'):
        (found,) = taken_apart(f"tag:{quoted(name)}").filters
        assert found.value == name.replace('"', "")


def words(stretches: list[Stretch]) -> str:
    return "".join(f"[{each.words}]" if each.hit else each.words for each in stretches)


def test_what_was_found_is_marked() -> None:
    lamp, op, han = Term("lamp"), Term("lam", open=True), Term("台灯", spaceless=True)
    assert words(marked("A LAMP, lamps and clamp", [lamp])) == "A [LAMP], lamps and clamp"
    assert words(marked("A lamp, lamps and clamp", [op])) == "A [lam]p, [lam]ps and clamp"
    assert words(marked("买一个台灯的", [han])) == "买一个[台灯]的"
    assert words(marked("a.b (c)", [Term("b")])) == "a.[b] (c)"
    assert words(marked("nothing", [])) == "nothing"


def test_a_snippet_stands_around_the_first_hit_on_one_line() -> None:
    text = "word " * 100 + "the\n**lamp** is " + "here " * 100
    shown = words(snippet(text, [Term("lamp")]))
    assert shown.startswith("…")
    assert "the [lamp] is" in shown
    assert shown.endswith("…")
    assert len(shown) < 200
    assert words(snippet("short lamp", [Term("lamp")])) == "short [lamp]"
