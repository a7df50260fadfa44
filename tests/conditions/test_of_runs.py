"""What can be asked inside of a workflow only: variables of the run, the assignee's presence, the last words of the contact."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ismessenger.conditions.broken import broken
from ismessenger.conditions.compile import compile_condition
from ismessenger.conditions.evaluate import Facts, asks_for, matches
from ismessenger.conditions.tree import parse
from ismessenger.conditions.vocabulary import OPERATORS, KnownField, KnownVariable, Vocabulary
from tests.conditions.stand import IN_WORKFLOW, KNOWN

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
NOBODY = {"blocked_at": None, "status": "open"}


def about(subject: str, operator: str, value: Any = None) -> Any:
    category, _, field = subject.partition(" ")
    leaf = {"category": category, "operator": operator} | ({"field": field} if field else {}) | ({} if value is None else {"value": value})
    return parse({"$and": [leaf]})


def facts(**variables: Any) -> Facts:
    return Facts(NOBODY, variables=variables, assignee_status="busy", last_words="I want a REFUND")


@pytest.mark.behaviour(300)
@pytest.mark.parametrize(
    ("held", "subject", "operator", "value", "answer"),
    [
        ("Yes", "variable answer", "isEqualTo", "yes", True),
        ("Yes", "variable answer", "isNotEqualTo", "no", True),
        ("yes please", "variable answer", "startsWith", "YES", True),
        ("", "variable answer", "exists", None, False),
        (None, "variable answer", "doesNotContain", "x", True),
        (5.0, "variable answer", "isEqualTo", "5", True),
        (7, "variable channel", "isEqualTo", 7, True),
        ("S", "variable size", "hasAnyOf", ["s", "l"], True),
        ("m", "variable size", "hasNoneOf", ["s", "l"], True),
        (4, "variable rating", "isBetween", [4, 5], True),
        ("4", "variable rating", "isGreaterThan", 3, True),
        ("four", "variable rating", "isGreaterThan", 3, False),
        ("four", "variable rating", "exists", None, False),
        (True, "variable consent", "isEqualTo", True, True),
        ("false", "variable consent", "isEqualTo", False, True),
        ("2026-03-09", "variable opened_at", "isTimestampBefore", "2026-03-10", True),
        ("2026-03-09T23:30:00+00:00", "variable opened_at", "isTimestampAfter", "2026-03-08", True),
        ("09:30", "variable from", "isTimestampBetween", ["09:00", "10:00"], True),
        ("half past", "variable from", "isTimestampAfter", "00:00", False),
        (None, "assigneeStatus", "isEqualTo", "busy", True),
        (None, "assigneeStatus", "hasNoneOf", ["online", "none"], True),
        (None, "assigneeStatus", "exists", None, True),
        (None, "lastIncomingMessage", "contains", "refund", True),
        (None, "lastIncomingMessage", "isEqualTo", "i want a refund", True),
        (None, "lastIncomingMessage", "startsWith", "want", False),
    ],
)
def test_a_run_is_asked(held: Any, subject: str, operator: str, value: Any, *, answer: bool) -> None:
    _, _, name = subject.partition(" ")
    asked = about(subject, operator, value)
    assert broken(asked, IN_WORKFLOW) == []
    assert matches(asked, facts(**({name: held} if name else {})), IN_WORKFLOW, NOW) == answer


@pytest.mark.behaviour(300)
def test_nobody_assigned_and_nothing_said_are_answers_too() -> None:
    quiet = Facts(NOBODY)
    assert matches(about("assigneeStatus", "isEqualTo", "none"), quiet, IN_WORKFLOW, NOW)
    assert matches(about("assigneeStatus", "doesNotExist"), quiet, IN_WORKFLOW, NOW)
    assert matches(about("lastIncomingMessage", "doesNotExist"), quiet, IN_WORKFLOW, NOW)
    assert not matches(about("lastIncomingMessage", "contains", "refund"), quiet, IN_WORKFLOW, NOW)


@pytest.mark.behaviour(301)
@pytest.mark.parametrize(
    "asked",
    [about("variable answer", "exists"), about("assigneeStatus", "isNotEqualTo", "online"), about("lastIncomingMessage", "exists")],
)
def test_outside_of_workflows_it_is_broken_in_words_and_matches_nobody(asked: Any) -> None:
    assert broken(asked, KNOWN) == ["This can be asked in a workflow only."]
    assert not matches(asked, facts(answer="x"), KNOWN, NOW)
    assert matches(asked, facts(answer="x"), IN_WORKFLOW, NOW)
    for known in (KNOWN, IN_WORKFLOW):
        assert str(compile_condition(asked, known, NOW)) == "false"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (about("variable nowhere", "exists"), "The variable nowhere of this condition is given by nothing that comes before."),
        (about("variable rating", "contains", "4"), "Rating: “contains” does not go with this variable."),
        (about("variable rating", "isEqualTo", "four"), "Rating: a number is wanted."),
        (
            about("assigneeStatus", "isEqualTo", "asleep"),
            "A status of this condition is none of online, busy, offline and none.",
        ),
    ],
)
def test_what_makes_no_sense_is_said(asked: Any, words: str) -> None:
    assert broken(asked, IN_WORKFLOW) == [words]


def test_dear_facts_are_fetched_only_when_asked_for() -> None:
    assert asks_for(about("lastIncomingMessage", "exists"), "lastIncomingMessage")
    assert not asks_for(about("assigneeStatus", "exists"), "lastIncomingMessage")


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "number": st.integers(-3, 3) | st.floats(-3, 3),
    "checkbox": st.booleans(),
    "date": st.dates(date(2026, 3, 1), date(2026, 3, 4)).map(str),
    "time": st.times().map(lambda at: at.strftime("%H:%M")),
    "text": st.sampled_from(("Ada", "ada", "ÄDA", "x")),
}


@pytest.mark.behaviour(300)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_variable_answers_as_a_field_of_its_type_does(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(VALUES)))
    held = data.draw(st.none() | VALUES[kind])
    operator = data.draw(st.sampled_from(OPERATORS[kind]))  # type: ignore[index]
    many = {"exists": 0, "doesNotExist": 0, "isBetween": 2, "isTimestampBetween": 2}.get(operator, 1)
    wanted = [data.draw(VALUES[kind]) for _each in range(many)]
    value = wanted[0] if many == 1 else wanted or None
    # Addresses are compared without minding capitals, as answers are.
    field = KnownField("f", "f", "F", "email" if kind == "text" else kind)
    known = Vocabulary({"f": field}, variables={"v": KnownVariable("v", "V", kind)})  # type: ignore[arg-type]
    of_field, of_variable = (about(subject, operator, value) for subject in ("contactField f", "variable v"))
    answers = [matches(asked, Facts(NOBODY, fields={"f": held}, variables={"v": held}), known, NOW) for asked in (of_field, of_variable)]
    assert answers[0] == answers[1]
