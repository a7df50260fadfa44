"""How values look on a page."""

from datetime import UTC, datetime, timedelta

import pytest

from ismessenger.kit import clock
from ismessenger.language import PSEUDO_LANGUAGE, language, plurals, speaking
from ismessenger.sdk.content import Text
from ismessenger.sdk.words import gettext, ngettext
from ismessenger.web.format import ago, count, dom_id, file_size, initials, rich, time_tag
from ismessenger.web.templating import inline
from tests.web import samples

NOW = datetime(2026, 3, 12, 14, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=4), "4m"),
        (timedelta(hours=2), "2h"),
        (timedelta(days=2), "Tue"),
        (timedelta(days=30), "10 Feb"),
        (timedelta(seconds=-5), "now"),
    ],
)
def test_a_time_is_told_as_short_as_can_be(passed: timedelta, words: str) -> None:
    with clock.stopped(NOW):
        assert ago(NOW - passed).endswith(f">{words}</time>")


def test_a_time_carries_the_exact_moment_for_the_browser() -> None:
    tag = time_tag(NOW, "clock")
    assert 'datetime="2026-03-12T14:32:00.000Z"' in tag
    assert 'title="2026-03-12 14:32:00 UTC"' in tag


@pytest.mark.parametrize(
    ("until", "words"),
    [(timedelta(minutes=45, seconds=5), "45 min"), (timedelta(hours=3), "3 hr"), (timedelta(days=3), "3 days"), (-timedelta(1), "0 min")],
)
def test_what_is_left_of_a_window_is_never_below_nothing(until: timedelta, words: str) -> None:
    with clock.stopped(NOW):
        assert time_tag(NOW + until, "left").endswith(f">{words}</time>")


@pytest.mark.parametrize(
    ("until", "words"),
    [(timedelta(hours=3), "17:32"), (timedelta(days=1), "Fri 14:32"), (timedelta(days=7), "19 Mar"), (-timedelta(1), "11 Mar")],
)
def test_when_a_snoozed_one_comes_back_is_told_as_short_as_can_be(until: timedelta, words: str) -> None:
    with clock.stopped(NOW):
        assert time_tag(NOW + until, "soon").endswith(f">{words}</time>")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ada Nwosu", "AN"), ("Ada", "A"), ("ángel de la guarda", "ÁG"), ("Visitor 4821", "V"), ("+49 151 234", ""), ("#61", ""), ("", "")],
)
def test_initials_come_from_names_only(name: str, letters: str) -> None:
    assert initials(name) == letters


@pytest.mark.parametrize(("size_bytes", "words"), [(0, "0 byte"), (820, "820 byte"), (2_430_000, "2.3 MB"), (340_000, "332 kB")])
def test_a_size_is_told_in_the_unit_of_people(size_bytes: int, words: str) -> None:
    assert file_size(size_bytes) == words


def test_a_count_has_an_end() -> None:
    assert (count(7), count(999), count(1000)) == ("7", "999", "999+")


@pytest.mark.behaviour(419)
def test_a_number_in_a_sentence_is_written_with_its_separators() -> None:
    sentence = "{{ ngettext('%(num)s row', '%(num)s rows', rows) }}"
    assert [inline(sentence, rows=rows) for rows in (1, 2, 199_999)] == ["1 row", "2 rows", "199,999 rows"]
    with speaking(PSEUDO_LANGUAGE):
        assert inline(sentence, rows=12_345) == "⟦12,345 rows⟧"


def test_rich_text_opens_links_elsewhere_and_lets_no_tag_through() -> None:
    html = rich("See **this**: https://example.com/a <img src=x onerror=alert(1)>")
    assert "<b>this</b>" in html
    assert 'target="_blank" rel="noopener noreferrer nofollow ugc" href="https://example.com/a"' in html
    assert "<img" not in html


def test_an_element_has_one_id_everywhere() -> None:
    assert dom_id(samples.cards()[0]) == "card_1"
    assert dom_id(samples.header()) == "header_1"
    assert dom_id(samples.contact_says(5, 0, Text(text="Hi"))) == "message_5"


def test_an_unknown_language_speaks_english() -> None:
    with speaking("xx"):
        assert (language(), gettext("Inbox"), ngettext("one", "many", 2)) == ("en", "Inbox", "many")


def test_the_pseudo_language_marks_every_text_and_ends_with_its_block() -> None:
    with speaking(PSEUDO_LANGUAGE):
        assert gettext("Inbox") == "⟦Inbox⟧"
    assert gettext("Inbox") == "Inbox"


def test_a_script_gets_all_forms_of_a_counted_text() -> None:
    assert plurals("%(num)s event", "%(num)s events") == '{"other": "%(num)s events", "one": "%(num)s event"}'
