import time
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ismessenger.messages import variables as in_messages
from ismessenger.messages.variables import Variable
from ismessenger.sdk.step import MAX_VALUE, Value
from workflows.expressions import MAX_INPUT, MAX_OUTPUT, faults_in, fill, filled_by_piece, named_in, unknown_in

VALUES: Final[dict[str, Value]] = {
    "contact.firstname": "Ann",
    "contact.lastname": None,
    "contact.id": 7,
    "due": "2026-03-01",
    "at": "2026-03-27 10:00:00",
    "moment": "2026-03-27T10:00:00+00:00",
    "clock": "14:30",
    "price": 1234.5,
    "paid": True,
    "empty": None,
    "looks": "{{$contact.firstname}} $contact.id",
}


def lookup(name: str) -> Value:
    return VALUES[name]


@pytest.mark.behaviour(280)
@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ('Hi {{$contact.firstname | "there"}}', "Hi Ann"),
        ('Hi {{$contact.lastname | "there"}}', "Hi there"),
        ("Hi {{$contact.lastname|friend}}", "Hi friend"),
        ("{{$contact.lastname|I don't know}}", "I don't know"),
        ("{{$contact.lastname|a|b}}", "a|b"),
        ("{{$contact.lastname | 'it is'}}, {{$contact.lastname | “quoted”}}", "it is, quoted"),
        ('{{$empty | default("nobody")}}', "nobody"),
        ("{{ $Contact.First_Name }}", "Ann"),
        ("$contact.firstname, welcome", "Ann, welcome"),
        ("Bye $contact.firstname.", "Bye Ann."),
        ("_$contact.firstname_ **$contact.firstname**", "_Ann_ **Ann**"),
        ("$contact.firstname.html", "Ann.html"),
        ("No $contact.lastname.", "No ."),
        ("$5, US$10, $USD, $nobody, $$contact.firstname", "$5, US$10, $USD, $nobody, $$contact.firstname"),
        ("{{$nobody | upper}} {{contact.firstname}} {{$}} {{$contact", "{{$nobody | upper}} {{contact.firstname}} {{$}} {{$contact"),
        ("$contact.id $price $paid", "7 1234.5 yes"),
    ],
)
def test_variables_are_put_in(written: str, filled: str) -> None:
    assert fill(written, lookup) == filled


@pytest.mark.behaviour(281)
@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{{$contact.firstname | upper}}", "ANN"),
        ('{{$contact.lastname | upper | "there"}}', "there"),
        ('{{$contact.lastname | "there" | upper}}', "THERE"),
        ("{{$contact.firstname | lower | title | trim}}", "Ann"),
        ("{{$price | number}}", "1,234.5"),
        ("{{$price | number(2)}}", "1,234.50"),
        ("{{$contact.id | plus(3)}} {{$price | minus(0.5)}}", "10 1234"),
        ('{{$due | date("d MMM yyyy")}}', "1 Mar 2026"),
        ('{{$due | date("long")}}', "March 1, 2026"),
        ('{{$due | plus(3, "days") | date("EEEE")}}', "Wednesday"),
        ('{{$due | plus(2, "hours")}}', "2026-03-01 02:00:00"),
        ('{{$at | plus(3, "days")}}', "2026-03-30 10:00:00"),
        ('{{$at | minus(1, "weeks")}}', "2026-03-20 10:00:00"),
        ('{{$moment | date("HH:mm")}}', "11:00"),
        ('{{$clock | date("h:mm a")}}', "2:30 PM"),
        ('{{$contact.firstname | date("long")}} {{$contact.firstname | number}} {{$contact.firstname | plus(1)}}', "Ann Ann Ann"),
        ("{{$due" + ' | plus(100000, "weeks")' * 5 + "}}", "9692-04-20"),
    ],
)
def test_values_are_formatted(written: str, filled: str) -> None:
    assert fill(written, lookup, timezone="Europe/Berlin") == filled


def test_a_date_is_written_in_the_language_of_whoever_reads_it() -> None:
    assert fill('{{$due | date("long")}}', lookup, locale="de") == "1. März 2026"
    assert fill("{{$price | number}}", lookup, locale="de-DE") == "1.234,5"
    assert fill("{{$price | number}}", lookup, locale="nonsense") == "1,234.5"


@pytest.mark.behaviour(282)
def test_what_a_value_brings_along_is_not_filled_in_again() -> None:
    assert fill("{{$looks}} $looks", lookup) == "{{$contact.firstname}} $contact.id {{$contact.firstname}} $contact.id"


@pytest.mark.behaviour(282)
def test_a_bomb_of_variables_stays_within_bounds() -> None:
    bombs = {"bomb": "$bomb" * 5000}
    assert len(fill("$bomb " * 1600, bombs.__getitem__)) == MAX_OUTPUT
    assert len(fill("{{$bomb | upper}}", bombs.__getitem__)) == MAX_VALUE
    assert len(fill("x" * 50_000, bombs.__getitem__)) == MAX_OUTPUT
    assert fill("$" + "x" * 50_000, bombs.__getitem__) == ("$" + "x" * 50_000)[:MAX_INPUT]


@pytest.mark.behaviour(282)
@pytest.mark.parametrize("name", ["contact.__class__", "__import__", "contact.firstname.__len__", "contact.firstname()", "0"])
def test_there_is_nothing_to_reach_but_variables(name: str) -> None:
    assert fill(f"{{{{${name}}}}}", lookup) == f"{{{{${name}}}}}"


@given(st.text(alphabet="ab.$ {}|\"'()1,_\n", max_size=300), st.text(max_size=50))
@settings(max_examples=200, deadline=None)
def test_any_text_is_filled_without_an_error_and_only_once(written: str, value: str) -> None:
    def known(name: str) -> Value:
        if name in {"a", "b", "a.b"}:
            return value
        raise KeyError(name)

    filled = fill(written, known)
    assert len(filled) <= MAX_OUTPUT
    assert "$" in written or filled == written
    named_in(written)
    faults_in(written)
    assert filled_by_piece(written, lambda piece: fill(piece, known), str) == filled


@given(st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5})?", fullmatch=True), st.text(alphabet="abc é'-", max_size=20), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_variable_means_the_same_in_a_message(name: str, fallback: str, there: bool) -> None:
    if fallback.strip() in {"upper", "lower", "title", "trim", "number", "date", "plus", "minus", "default"} or not fallback.strip(" '"):
        return
    written = f"{{{{${name}|{fallback}}}}}"
    in_message = in_messages.fill(written, {name: Variable(name, "value" if there else "")})
    assert fill(written, {name: "value" if there else None}.__getitem__) == in_message.text


def test_unknown_variables_are_found_and_money_is_none() -> None:
    known = {"contact.firstname", "order"}
    text = "{{$contact.firstname}} $order. _$order_ {{$contact.nickname|x}} $typo $USD $5 {{$USD}}"
    assert unknown_in(text, known) == ["contact.nickname", "typo", "usd"]


@pytest.mark.parametrize(
    ("written", "faulty"),
    [
        ('{{$due | date("d MMM yyyy") | plus(1)}}', False),
        ("{{$due | date}}", True),
        ('{{$due | date("QQQQQQ")}}', True),
        ("{{$due | plus}}", True),
        ('{{$due | plus(1, "parsecs")}}', True),
        ('{{$due | plus(1.5, "days")}}', True),
        ("{{$due | plus(1000000)}}", True),
        ("{{$due | upper(1)}}", True),
        ('{{$due | number("x")}}', True),
        ("{{$due | default}}", True),
        ("{{$due | anything else}}", False),
    ],
)
def test_filters_that_make_no_sense_are_found(written: str, faulty: bool) -> None:
    assert bool(faults_in(written)) == faulty


@pytest.mark.behaviour(282)
@pytest.mark.parametrize(
    "written",
    [
        "{{$a|" + "a" + " " * 390 + "b}}",
        "{{$a|plus(" + " " * 350 + 'a"b"c' + ")}}",
        "{{$a|" + "\"'" * 190 + "}}",
        "{{$",
        "$a.",
        "$a" + "_" * 60,
    ],
)
def test_no_text_takes_long(written: str) -> None:
    text = written * (MAX_INPUT // len(written))
    began = time.process_time()
    fill(text, lookup)
    unknown_in(text, VALUES)
    faults_in(text)
    assert time.process_time() - began < 1
