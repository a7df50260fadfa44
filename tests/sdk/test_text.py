import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from ismessenger.sdk.text import Measure, shorten, split, utf16_length
from tests.sdk.texts import HOSTILE, SIZE, texts

FAMILY = "👩‍👩‍👧"


def without_space(text: str) -> str:
    return "".join(text.split())


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert split("  One. \n\n two ", 16) == ["  One. \n\n two "]


def test_nothing_to_say_is_no_piece() -> None:
    assert split("", 10) == []
    assert split(" \n ", 10) == []
    assert split(" \n " * 10, 10) == []


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("One two. Three\nfour\n\nfive six", 24, ["One two. Three\nfour", "five six"]),
        ("One two. Three\nfour five six", 24, ["One two. Three", "four five six"]),
        ("One two. Three four five six", 24, ["One two.", "Three four five six"]),
        ("He said “no.” Then he went", 20, ["He said “no.”", "Then he went"]),
        ("One two three four five six", 12, ["One two", "three four", "five six"]),
        ("你好。再见！真的？是的。", 8, ["你好。再见！", "真的？是的。"]),
        ("a\r\n\r\nb c", 6, ["a", "b c"]),
    ],
)
def test_the_best_border_that_fits_is_taken(text: str, limit: int, pieces: list[str]) -> None:
    assert split(text, limit) == pieces


def test_a_markdown_link_is_not_cut_between_its_words() -> None:
    link = "[the whole offer](https://example.com/offer)"
    assert split(f"Please read {link} today", 48) == ["Please read", link, "today"]


def test_an_address_is_not_cut() -> None:
    address = "https://example.com/a/very/long/path?with=query"
    assert split(f"See {address} now", 50) == ["See", f"{address}", "now"]


def test_an_address_inside_writing_without_spaces_is_not_cut() -> None:
    pieces = split("请看" * 10 + "https://example.com/abc" + "谢谢" * 10, 30)
    assert any("https://example.com/abc" in piece for piece in pieces)
    assert all(len(piece) <= 30 for piece in pieces)


def test_a_link_that_is_too_long_is_cut_all_the_same() -> None:
    assert "".join(split("[words](https://example.com/" + "x" * 100 + ")", 20)) == "[words](https://example.com/" + "x" * 100 + ")"


@pytest.mark.parametrize("cluster", [FAMILY, "👍🏽", "🇩🇪", "e\u0301", "\u1100\u1161\u11a8", "क्षि"])
def test_a_long_word_is_cut_between_graphemes(cluster: str) -> None:
    limit = 3 * utf16_length(cluster) + 1
    pieces = split(cluster * 10, limit, utf16_length)
    assert pieces == [cluster * 3, cluster * 3, cluster * 3, cluster]


def test_a_grapheme_of_endless_marks_is_cut_between_them() -> None:
    assert split("e" + "\u0301" * 9, 4) == ["e" + "\u0301" * 3, "\u0301" * 4, "\u0301" * 2]


def test_a_space_that_forbids_a_break_is_none() -> None:
    assert split("Cost: 100\u00a0€ today", 10) == ["Cost:", "100\u00a0€", "today"]


def test_lengths_are_as_the_provider_counts() -> None:
    assert utf16_length("a👍") == 3
    assert split("👍 👍 👍", 5) == ["👍 👍 👍"]
    assert split("👍 👍 👍", 5, utf16_length) == ["👍 👍", "👍"]


def test_a_limit_below_one_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        split("text", 0)


@given(texts, st.integers(2, 60), st.sampled_from([len, utf16_length]))
def test_nothing_is_lost_and_every_piece_fits(text: str, limit: int, measure: Measure) -> None:
    pieces = split(text, limit, measure)
    assert without_space("".join(pieces)) == without_space(text)
    assert all(0 < measure(piece) <= limit and piece.strip() for piece in pieces)
    assert [part for piece in pieces for part in split(piece, limit, measure)] == pieces


@given(texts, st.integers(25, 60))
def test_no_grapheme_that_fits_is_cut(text: str, limit: int) -> None:
    clusters = [cluster for cluster in regex.findall(r"\X", text) if not cluster.isspace()]
    pieces = split(text, limit)
    if all(len(cluster) <= limit for cluster in clusters):
        found = [cluster for piece in pieces for cluster in regex.findall(r"\X", piece) if not cluster.isspace()]
        assert found == clusters


@pytest.mark.parametrize("limit", [20, 4096])
@pytest.mark.parametrize("what", HOSTILE)
def test_a_long_text_takes_no_long_time(what: str, limit: int) -> None:
    text = HOSTILE[what][:SIZE]
    started = time.process_time()
    pieces = split(text, limit, utf16_length)
    assert time.process_time() - started < 3
    assert without_space("".join(pieces)) == without_space(text)


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("Yes", 3, "Yes"),
        ("Delivery to Berlin", 12, "Delivery to…"),
        (FAMILY * 3, 10, FAMILY + "…"),
        ("e\u0301e\u0301", 3, "e\u0301…"),
        ("ab", 1, "…"),
    ],
)
def test_a_title_is_cut_at_a_grapheme_and_says_so(text: str, limit: int, short: str) -> None:
    assert shorten(text, limit) == short


@given(texts, st.integers(1, 40))
def test_a_short_title_fits(text: str, limit: int) -> None:
    assert utf16_length(shorten(text, limit, utf16_length)) <= limit
