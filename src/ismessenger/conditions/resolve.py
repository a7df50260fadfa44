"""From a stored leaf to the question that it asks now: typed values, moments instead of days and lengths of time.

SQL and memory both answer what comes out of here, which is why they agree.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from ismessenger.conditions.operands import (
    Broken,
    choices,
    day,
    minutes_ago,
    moment_after,
    moment_of,
    number,
    option,
    text,
    time_of_day,
    truth,
)
from ismessenger.conditions.tree import Group, Leaf, One
from ismessenger.conditions.vocabulary import (
    ASSIGNEE_STATUSES,
    KIND_OF_CATEGORY,
    OPERATORS,
    STATUSES,
    Kind,
    Vocabulary,
)
from ismessenger.conditions.words import Term, plain, terms_of
from ismessenger.sdk.words import gettext

Where = Literal["column", "custom", "tags", "channels", "status", "words", "variable", "assignee_status", "last_words"]
Scalar = str | int | float | bool
Bound = int | float | str | datetime


@dataclass(frozen=True, slots=True)
class Present:
    """There is a value, or (not ``wanted``) there is none."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class Among:
    """The value is one of these, or (not ``wanted``) it is none of them or there is no value."""

    values: frozenset[Scalar]
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these are there."""

    values: frozenset[Scalar]


@dataclass(frozen=True, slots=True)
class Range:
    """The value lies between the bounds; one that is ``None`` is open. ``closed`` says which of them belong to it."""

    low: Bound | None = None
    high: Bound | None = None
    closed: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class Holding:
    """The text holds these words, in whatever case; not ``wanted``: it does not, or there is no text."""

    words: str
    wanted: bool = True
    at_start: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One message holds all of these words, as the search knows words; not ``wanted``: none does."""

    terms: tuple[Term, ...]
    wanted: bool = True


Check = Present | Among | AllOf | Range | Holding | Said


@dataclass(frozen=True, slots=True)
class Test:
    """What is looked at (``key`` is a column, a custom field's id or a variable) and what must hold. ``folded``: equality minds no case."""

    where: Where
    key: str
    kind: Kind
    check: Check
    folded: bool = False


_COLUMNS: Final = {
    "lifecycle": "lifecycle_id",
    "lastInteractedChannel": "last_channel_id",
    "assignee": "assignee_id",
    "team": "assignee_id",
    "createdTime": "created_at",
    "timeSinceLastIncomingMessage": "last_incoming_at",
}
_PLACES: Final[dict[str, Where]] = {
    "contactTag": "tags",
    "channel": "channels",
    "conversationStatus": "status",
    "messageText": "words",
    "assigneeStatus": "assignee_status",
    "lastIncomingMessage": "last_words",
}
_OF_RUNS: Final = frozenset({"variable", "assigneeStatus", "lastIncomingMessage"})


def resolve(leaf: Leaf, vocabulary: Vocabulary, now: datetime) -> Test:
    """The question. Raises `Broken`."""
    if leaf.category in _OF_RUNS and vocabulary.variables is None:
        raise Broken(gettext("This can be asked in a workflow only."))
    if leaf.category == "contactField":
        return _of_field(leaf, vocabulary)
    if leaf.category == "variable":
        return _of_variable(leaf, vocabulary)
    kind = KIND_OF_CATEGORY[leaf.category]
    if leaf.operator not in OPERATORS[kind]:
        raise Broken(gettext("“%(operator)s” does not go with %(category)s.") % {"operator": leaf.operator, "category": leaf.category})
    where, key = _PLACES.get(leaf.category, "column"), _COLUMNS.get(leaf.category, "")
    if where == "words":
        return Test(where, key, kind, _said(leaf))
    if leaf.category == "team":
        return Test(where, key, kind, _of_team(leaf, vocabulary))
    if leaf.operator in {"exists", "doesNotExist"}:
        return Test(where, key, kind, Present(leaf.operator == "exists"))
    if kind in {"moment", "since"}:
        return Test(where, key, kind, _in_time(leaf, vocabulary.timezone, now))
    if kind == "words":
        return Test(where, key, kind, _holding(leaf, text(leaf.values[0])))
    if kind == "text":
        return Test(where, key, kind, _in_text(leaf, "text"), folded=True)
    known = {"status": STATUSES, "assignee_status": ASSIGNEE_STATUSES}.get(where) or vocabulary.named(leaf.category)
    return Test(where, key, kind, _among(leaf, choices(leaf, known)))


def sought_words(group: Group, vocabulary: Vocabulary, now: datetime) -> Collection[tuple[Term, ...]]:
    """The words that the conditions about messages look for."""
    found: set[tuple[Term, ...]] = set()
    for leaf in group.leaves():
        with suppress(Broken):
            if isinstance(said := resolve(leaf, vocabulary, now).check, Said):
                found.add(said.terms)
    return found


def _of_field(leaf: Leaf, vocabulary: Vocabulary) -> Test:
    field = vocabulary.fields.get(leaf.field)
    if field is None:
        raise Broken(gettext("The field of this condition was deleted."))
    if leaf.operator not in OPERATORS[field.kind]:
        raise Broken(gettext("%(name)s: “%(operator)s” does not go with this field.") % {"name": field.called, "operator": leaf.operator})
    try:
        check = _check_of(leaf, field.kind, field.type, vocabulary.timezone)
    except Broken as error:
        raise Broken(f"{field.called}: {error}") from None
    where: Where = "column" if field.column else "custom"
    return Test(where, field.column or field.key, field.kind, check, folded=field.type == "email")


def _of_variable(leaf: Leaf, vocabulary: Vocabulary) -> Test:
    """What people answer and choose is compared without minding capitals."""
    variable = (vocabulary.variables or {}).get(leaf.field)
    if variable is None:
        raise Broken(gettext("The variable %(field)s of this condition is given by nothing that comes before.") % {"field": leaf.field})
    if leaf.operator not in OPERATORS[variable.kind]:
        raise Broken(
            gettext("%(name)s: “%(operator)s” does not go with this variable.") % {"name": variable.label, "operator": leaf.operator}
        )
    try:
        check = _check_of(leaf, variable.kind, variable.type, vocabulary.timezone)
    except Broken as error:
        raise Broken(f"{variable.label}: {error}") from None
    return Test("variable", variable.name, variable.kind, check, folded=variable.kind in {"text", "choice"})


def _check_of(leaf: Leaf, kind: Kind, type_: str, timezone: str) -> Check:
    if leaf.operator in {"exists", "doesNotExist"}:
        return Present(leaf.operator == "exists")
    match kind:
        case "number":
            return _in_numbers(leaf)
        case "checkbox":
            return Among(frozenset({truth(leaf.values[0])}))
        case "date":
            return _in_order(leaf, [day(value, timezone) for value in leaf.values])
        case "time":
            return _in_order(leaf, [time_of_day(value) for value in leaf.values])
        case _:
            return _in_text(leaf, type_)


def _in_text(leaf: Leaf, type_: str) -> Check:
    if leaf.operator in {"contains", "doesNotContain", "startsWith"}:
        return _holding(leaf, text(leaf.values[0]))
    return _among(leaf, [spelling for value in leaf.values for spelling in option(value, type_)])


def _among(leaf: Leaf, values: Sequence[Scalar]) -> Check:
    if leaf.operator == "hasAllOf":
        return AllOf(frozenset(values))
    return Among(frozenset(values), wanted=leaf.operator in {"isEqualTo", "hasAnyOf"})


def _said(leaf: Leaf) -> Check:
    terms = terms_of(plain(text(leaf.values[0])))
    if not terms:
        raise Broken(gettext("Messages are searched for words: write at least one."))
    return Said(terms, wanted=leaf.operator != "doesNotContain")


def _holding(leaf: Leaf, words: str) -> Check:
    return Holding(words, wanted=leaf.operator != "doesNotContain", at_start=leaf.operator == "startsWith")


def _in_numbers(leaf: Leaf) -> Check:
    values = [number(value) for value in leaf.values]
    if leaf.operator in {"isEqualTo", "isNotEqualTo"}:
        return _among(leaf, values)
    return _in_order(leaf, values)


def _in_order(leaf: Leaf, values: Sequence[int | float | str]) -> Range:
    """A range of what is compared as it stands."""
    match leaf.operator:
        case "isGreaterThan" | "isTimestampAfter":
            return Range(low=values[0])
        case "isLessThan" | "isTimestampBefore":
            return Range(high=values[0])
        case _:
            return Range(values[0], values[1], (True, True))


def _in_time(leaf: Leaf, timezone: str, now: datetime) -> Range:
    """A range of moments. A day stands for all of it: after a day means from the next one on."""
    first, last = leaf.values[0], leaf.values[-1]
    match leaf.operator:
        case "isGreaterThan":
            return Range(high=minutes_ago(first, now))
        case "isLessThan":
            return Range(low=minutes_ago(first, now))
        case "isBetween":
            return Range(minutes_ago(last, now), minutes_ago(first, now), (True, True))
        case "isTimestampAfter":
            end, whole_day = moment_after(first, timezone)
            return Range(low=end, closed=(whole_day, False))
        case "isTimestampBefore":
            return Range(high=moment_of(first, timezone))
        case _:
            end, whole_day = moment_after(last, timezone)
            return Range(moment_of(first, timezone), end, (True, not whole_day))


def _of_team(leaf: Leaf, vocabulary: Vocabulary) -> Check:
    """Who is in a team is known here, so that it becomes a question about the assignee."""
    if leaf.operator in {"exists", "doesNotExist"}:
        return Among(vocabulary.in_teams(frozenset(vocabulary.teams)), wanted=leaf.operator == "exists")
    teams: frozenset[One] = frozenset(choices(leaf, vocabulary.teams))
    return Among(vocabulary.in_teams(frozenset(teams)), wanted=leaf.operator in {"isEqualTo", "hasAnyOf"})
