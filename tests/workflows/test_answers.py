from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ismessenger.sdk.content import Location, Media, Text
from ismessenger.sdk.step import Answer
from workflows import answers
from workflows.answers import Unfit


def refused(read: Callable[[], object]) -> bool:
    try:
        read()
    except Unfit as unfit:
        return str(unfit).endswith(".")
    return False


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("5", 5),
        (" -3 ", -3),
        ("+2.5", 2.5),
        ("2,5", 2.5),
        (".5", 0.5),
        ("1,000", 1000),
        ("1.000", 1000),
        ("1 000 000", 1_000_000),
        ("1’234.50", 1234.5),
        ("1.234.567,89", 1_234_567.89),
        ("12,34", 12.34),
        ("0.125", 125),
        ("0.1250", 0.125),
        ("٣", 3),
    ],
)
def test_numbers_as_people_write_them(said: str, number: float) -> None:
    assert answers.number(said, None, None) == number


@pytest.mark.parametrize("said", ["", "five", "1e5", "nan", "inf", "--1", "1,2,3", "1.2.3", "9" * 400, "5 apples"])
def test_what_is_no_number(said: str) -> None:
    assert refused(lambda: answers.number(said, None, None))


def test_a_number_keeps_within_its_bounds() -> None:
    assert answers.number("1", 1, 5) == 1
    assert answers.number("5", 1, 5) == 5
    assert refused(lambda: answers.number("0.9999", 1, 5))
    assert refused(lambda: answers.number("6", None, 5))


@pytest.mark.parametrize(
    ("said", "form", "day"),
    [
        ("2026-12-03", "YYYY-MM-DD", "2026-12-03"),
        ("3.12.2026", "DD.MM.YYYY", "2026-12-03"),
        ("03/12/26", "DD/MM/YYYY", "2026-12-03"),
        ("12/03/2026", "MM/DD/YYYY", "2026-12-03"),
        ("3. 12. 2026", "DD.MM.YYYY", "2026-12-03"),
        ("2026/12/3", "MM/DD/YYYY", "2026-12-03"),
        ("29.02.2028", "DD.MM.YYYY", "2028-02-29"),
    ],
)
def test_dates_in_their_form(said: str, form: answers.DateForm, day: str) -> None:
    assert answers.day(said, form) == day


@pytest.mark.parametrize("said", ["", "tomorrow", "31.02.2026", "29.02.2026", "13/13/2026", "0.0.2026", "1.1.02026", "1.1"])
def test_what_is_no_date(said: str) -> None:
    assert refused(lambda: answers.day(said, "DD.MM.YYYY"))


@pytest.mark.parametrize(
    ("said", "country", "number"),
    [
        ("+49 30 123456", "", "+4930123456"),
        ("0049 30 123456", "", "+4930123456"),
        ("4930123456", "", "+4930123456"),
        ("(030) 123-456", "DE", "+4930123456"),
        ("012-345 6789", "MY", "+60123456789"),
    ],
)
def test_phone_numbers_in_any_spelling(said: str, country: str, number: str) -> None:
    assert answers.phone(said, Text(text=said), country) == number


@pytest.mark.parametrize("said", ["", "12", "call me", "+49", "9" * 100])
def test_what_is_no_phone_number(said: str) -> None:
    assert refused(lambda: answers.phone(said, Text(text=said), ""))


@pytest.mark.parametrize("said", ["ann@example.com", " ann.lee+shop@mail.example.co.uk ", "ünal@example.de"])
def test_addresses_of_mail(said: str) -> None:
    assert answers.email(said, Text(text=said)) == said.strip()


def test_the_one_address_or_number_in_a_sentence_is_meant() -> None:
    assert answers.email("It is <ann@example.com>.", Text(text="")) == "ann@example.com"
    assert answers.phone("Call me at +49 30 123456, please", Text(text=""), "") == "+4930123456"
    assert refused(lambda: answers.phone("+49 30 123456 or +49 30 654321", Text(text=""), ""))


@pytest.mark.parametrize(
    "said", ["", "ann", "ann@", "@example.com", "ann@example", "a@example.com or b@example.com", "a@b..c", "x@" + "y" * 300]
)
def test_what_is_no_address_of_mail(said: str) -> None:
    assert refused(lambda: answers.email(said, Text(text=said)))


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("https://example.com", "https://example.com"),
        ("HTTP://example.com/a?b#c", "HTTP://example.com/a?b#c"),
        ("example.com", "https://example.com"),
        ("shop.example.co.uk/x", "https://shop.example.co.uk/x"),
        ("http://localhost.dev:8080/x", "http://localhost.dev:8080/x"),
    ],
)
def test_addresses_on_the_web(said: str, url: str) -> None:
    assert answers.url(said) == url


@pytest.mark.parametrize(
    "said", ["", "no", "ftp://example.com", "javascript:alert(1)", "https://", "https://a b.com", "ann@example.com", "1.5"]
)
def test_what_is_no_address_on_the_web(said: str) -> None:
    assert refused(lambda: answers.url(said))


def test_a_choice_is_taken_by_name_number_or_press() -> None:
    options = ["10", "Two", "Three"]
    for said, option in [("two", "Two"), (" TWO ", "Two"), ("2", "Two"), ("3)", "Three"), ("1.", "10"), ("10", "10")]:
        assert answers.chosen(answers.plain(said), options) == option
    assert answers.chosen(Answer(Text(text="👍"), payload="three"), options) == "Three"
    assert all(refused(partial(answers.chosen, answers.plain(said), options)) for said in ("", "0", "4", "fo", "²", "99999"))


def test_what_a_file_says_is_what_it_is() -> None:
    assert answers.words(Answer(Media(kind="image"))) == "[image]"
    assert answers.words(Answer(Media(kind="file", file_name="a.pdf"))) == "a.pdf"
    assert answers.words(Answer(Media(kind="image", caption="Look"))) == "Look"


def test_a_place_is_on_the_earth() -> None:
    assert answers.place("", Location(latitude=1.5, longitude=-2)) == "(-2.0, 1.5)"
    assert answers.place("13.4,52.5", Text(text="")) == "(13.4, 52.5)"
    assert all(refused(partial(answers.place, said, Text(text=said))) for said in ("", "181, 0", "0, 91", "1; 2", "here"))


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_whatever_is_said_is_an_answer_or_is_refused(said: str) -> None:
    content = Text(text=said)
    readers: list[Callable[[], object]] = [
        lambda: answers.number(said, None, None),
        lambda: answers.day(said, "DD/MM/YYYY"),
        lambda: answers.phone(said, content, ""),
        lambda: answers.email(said, content),
        lambda: answers.url(said),
        lambda: answers.rating(Answer(content)),
        lambda: answers.place(said, content),
        lambda: answers.chosen(Answer(content), ["a", "b"]),
    ]
    for read in readers:
        try:
            read()
        except Unfit:
            continue
