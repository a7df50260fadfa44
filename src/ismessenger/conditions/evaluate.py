"""The same question as `compile_condition`, about one contact whose facts are at hand."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from ismessenger.conditions.operands import Broken
from ismessenger.conditions.resolve import AllOf, Among, Check, Holding, Present, Range, Test, resolve
from ismessenger.conditions.tree import Group, Leaf
from ismessenger.conditions.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a contact. ``columns`` are those of its row by name, ``fields`` its custom values by the field's id.

    ``words`` are those of its messages; they are asked for by messageText only.
    """

    columns: Mapping[str, Any]
    fields: Mapping[str, Any] = field(default_factory=dict)
    tag_ids: Collection[int] = ()
    channel_ids: Collection[int] = ()
    words: Sequence[str] = ()

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
    return _group(group, iter([_holds(test, facts) for test in tests]))


def asks_for_words(group: Group) -> bool:
    """Whether the words of messages are needed to answer."""
    return any(leaf.category == "messageText" for leaf in group.leaves())


def fold(words: str) -> str:
    """In lower case, letter by letter, as PostgreSQL does it."""
    if words.isascii():
        return words.lower()
    return "".join("i" if letter == "İ" else letter.lower() for letter in words)


def _group(group: Group, answers: Any) -> bool:
    found = [next(answers) if isinstance(item, Leaf) else _group(item, answers) for item in group.items]
    return (all(found) if group.joiner == "$and" else any(found)) if found else True


def _holds(test: Test, facts: Facts) -> bool:
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
        case _:
            assert_never(test.where)


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
        case AllOf():
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
    if not isinstance(check, Holding):
        raise TypeError(check)
    return any(fold(check.words) in fold(said) for said in words) == check.wanted
