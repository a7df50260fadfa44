import random

import pytest

from channels_adapters.telegram.entities import to_neutral
from channels_adapters.telegram.update import Entity
from ismessenger.sdk.markdown import to_html, to_plain
from ismessenger.sdk.text import utf16_length


def over(text: str, part: str, kind: str, url: str | None = None) -> Entity:
    return Entity(type=kind, offset=utf16_length(text[: text.index(part)]), length=utf16_length(part), url=url)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("bold", "a **word** here"),
        ("italic", "a _word_ here"),
        ("strikethrough", "a ~~word~~ here"),
        ("code", "a `word` here"),
        ("pre", "a `word` here"),
        ("underline", "a word here"),
        ("spoiler", "a word here"),
        ("a kind of the future", "a word here"),
    ],
)
def test_marks(kind: str, expected: str) -> None:
    assert to_neutral("a word here", [over("a word here", "word", kind)]) == expected


def test_offsets_count_utf16_units() -> None:
    text = "👩‍🌾🌷 is bold, 愛 is not"
    assert to_neutral(text, [over(text, "bold", "bold")]) == "👩‍🌾🌷 is **bold**, 愛 is not"


def test_an_offset_inside_an_emoji_does_not_break_it() -> None:
    assert to_neutral("🌷 tulip", [Entity(type="bold", offset=1, length=7)]) == "🌷 **tulip**"


def test_entities_within_others() -> None:
    text = "all of this"
    entities = [over(text, text, "bold"), over(text, "of this", "italic"), over(text, "this", "text_link", "https://a.example")]
    assert to_neutral(text, entities) == "**all _of [this](https://a.example)_**"


def test_the_same_words_twice() -> None:
    text = "both"
    assert to_neutral(text, [over(text, text, "italic"), over(text, text, "bold")]) == "**_both_**"


def test_overlapping_entities_are_cut() -> None:
    text = "one two three"
    assert to_neutral(text, [over(text, "one two", "bold"), over(text, "two three", "italic")]) == "**one _two_** _three_"


def test_entities_of_a_kind_that_touch_are_one() -> None:
    assert to_neutral("onetwo", [over("onetwo", "one", "bold"), over("onetwo", "two", "bold")]) == "**onetwo**"


def test_white_space_stays_outside() -> None:
    assert to_neutral("a bold b", [Entity(type="bold", offset=1, length=6)]) == "a **bold** b"


def test_bold_over_an_empty_line_is_repeated() -> None:
    text = "one\ntwo\n\nthree"
    assert to_neutral(text, [over(text, text, "bold")]) == "**one\ntwo**\n\n**three**"


def test_a_link_over_two_lines_is_two_links() -> None:
    text = "one\ntwo"
    assert to_neutral(text, [over(text, text, "text_link", "https://a.example")]) == "[one](https://a.example)\n[two](https://a.example)"


def test_code_with_backticks_and_empty_lines_is_a_block() -> None:
    text = "run `x`\n\nthen y"
    assert to_html(to_neutral(text, [over(text, text, "pre")])) == "<code>run `x`\n\nthen y</code>"


def test_nothing_is_marked_within_code() -> None:
    assert to_neutral("let x", [over("let x", "let x", "code"), over("let x", "x", "bold")]) == "`let x`"


def test_italic_within_a_word_is_left_out_since_markdown_would_not_read_it() -> None:
    assert to_neutral("unbelievable", [over("unbelievable", "believ", "italic")]) == "unbelievable"


def test_brackets_in_an_address_are_encoded() -> None:
    assert to_neutral("docs", [over("docs", "docs", "text_link", "https://a.example/x_(y) z")]) == "[docs](https://a.example/x_%28y%29%20z)"


def test_words_with_brackets_show_their_address() -> None:
    assert to_neutral("[1]", [over("[1]", "[1]", "text_link", "https://a.example")]) == "[1] (https://a.example)"


def test_an_address_as_its_own_words_stays_plain() -> None:
    assert to_neutral("https://a.example", [over("https://a.example", "https://a.example", "text_link", "https://a.example")]) == (
        "https://a.example"
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "tg://user?id=1", ""])
def test_only_addresses_of_the_web_become_links(url: str) -> None:
    assert to_neutral("press me", [over("press me", "me", "text_link", url)]) == "press me"


def test_entities_beyond_the_text_are_harmless() -> None:
    assert to_neutral("x", [Entity(type="bold", offset=9, length=3), Entity(type="bold", offset=0, length=10**9)]) == "**x**"


def test_no_words_are_lost_or_added_whatever_the_entities() -> None:
    kinds = ("bold", "italic", "strikethrough", "code", "text_link")
    for seed in range(3000):
        chance = random.Random(seed)
        text = "".join(chance.choice("ab c😀\n .") for _ in range(chance.randint(1, 20)))
        entities = [
            Entity(type=chance.choice(kinds), offset=chance.randint(0, 20), length=chance.randint(0, 10), url="https://x.example")
            for _ in range(chance.randint(0, 5))
        ]
        plain = to_plain(to_neutral(text, entities)).replace(" (https://x.example)", "")
        assert plain.replace("\n", "") == text.replace("\n", ""), (text, entities)
