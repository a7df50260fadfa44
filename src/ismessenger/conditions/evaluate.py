"""The same question as `compile_condition`, about one contact whose facts are at hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from ismessenger.conditions.operands import Broken, day, number, time_of_day, truth
from ismessenger.conditions.resolve import AllOf, Among, Check, Holding, Present, Range, Said, Test, resolve
from ismessenger.conditions.tree import Category, Group, Leaf
from ismessenger.conditions.vocabulary import Kind, Vocabulary
from ismessenger.conditions.words import fold, holds
from ismessenger.sdk.step import Value


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a contact. ``columns`` are those of its row by name, ``fields`` its custom values by the field's id.

    ``words`` are those of its messages; they are asked for by messageText only. The rest is asked inside of workflows only: the variables
    of a run, the presence of the assignee (one of `vocabulary.ASSIGNEE_STATUSES`) and what the contact said last.
    """

    columns: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    tag_ids: Collection[int] = ()
    channel_ids: Collection[int] = ()
    words: Sequence[str] = ()
    variables: Mapping[str, Value] = field(default_factory=dict)
    assignee_status: str = "none"
    last_words: str | None = None

    @property
    def status(self) -> str:
        """Open, closed, or blocked, which goes before the others."""
        return "blocked" if self.columns["blocked_at"] is not None else str(self.columns["status"])


def matches(group: Group, facts: Facts, vocabulary: Vocabulary, now: datetime) -> bool:
    """Whether the contact matches. It does not, if anything in the condition is broken."""
    try:
        tests = [resolve(leaf, vocabulary, now) for leaf in group.leaves()]
    except Broken:
        return False
    return _group(group, iter([_holds(test, facts, vocabulary.timezone) for test in tests]))


def asks_for(group: Group, category: Category) -> bool:
    """Whether the answer needs what may be dear to fetch, as the words of all messages are."""
    return any(leaf.category == category for leaf in group.leaves())


def _group(group: Group, answers: Any) -> bool:
    found = [next(answers) if isinstance(item, Leaf) else _group(item, answers) for item in group.items]
    return (all(found) if group.joiner == "$and" else any(found)) if found else True


def _holds(test: Test, facts: Facts, timezone: str) -> bool:
    match test.where:
        case "column":
            return _scalar(facts.columns[test.key], test.check, folded=test.folded)
        case "custom":
            return _scalar(facts.fields.get(test.key), test.check, folded=test.folded)
        case "status":
            return _scalar(facts.status, test.check)
        case "tags":
            return _several(facts.tag_ids, test.check)
        case "channels":
            return _several(facts.channel_ids, test.check)
        case "words":
            return _said(facts.words, test.check)
        case "variable":
            return _scalar(_read(facts.variables.get(test.key), test.kind, timezone), test.check, folded=test.folded)
        case "assignee_status":
            return _of_assignee(facts.assignee_status, test.check)
        case "last_words":
            return _scalar(facts.last_words or None, test.check, folded=test.folded)
        case _:
            assert_never(test.where)


def _read(value: Value, kind: Kind, timezone: str) -> Value:
    """A variable as what it is compared as: answers and mapped keys come as text. What cannot be read so is no value."""
    if value is None or value == "":
        return None
    try:
        match kind:
            case "number":
                return number(value)
            case "checkbox":
                return truth(value)
            case "date":
                return day(value, timezone)
            case "time":
                return time_of_day(value)
            case _:
                return _written(value)
    except Broken:
        return None


def _written(value: Value) -> str:
    """A variable's value as text: 5.0 is “5”, a tick “true”."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _of_assignee(status: str, check: Check) -> bool:
    return (status != "none") == check.wanted if isinstance(check, Present) else _scalar(status, check)


def _scalar(value: Any, check: Check, *, folded: bool = False) -> bool:
    match check:
        case Present(wanted):
            return (value is not None) == wanted
        case Among(values, wanted):
            among = {fold(str(item)) for item in values} if folded else values
            return (value is not None and (fold(value) if folded else value) in among) == wanted
        case Range(low, high, (with_low, with_high)):
            if value is None:
                return False
            above = low is None or value > low or (with_low and value == low)
            return bool(above and (high is None or value < high or (with_high and value == high)))
        case Holding(words, wanted, at_start):
            return (value is not None and (fold(value).startswith(fold(words)) if at_start else fold(words) in fold(value))) == wanted
        case AllOf() | Said():
            raise TypeError(check)
        case _:
            assert_never(check)


def _several(held: Collection[int], check: Check) -> bool:
    match check:
        case Present(wanted):
            return bool(held) == wanted
        case Among(values, wanted):
            return (not values.isdisjoint(held)) == wanted
        case AllOf(values):
            return values.issubset(held)
    raise TypeError(check)


def _said(words: Sequence[str], check: Check) -> bool:
    if not isinstance(check, Said):
        raise TypeError(check)
    return any(holds(said, check.terms) for said in words) == check.wanted
