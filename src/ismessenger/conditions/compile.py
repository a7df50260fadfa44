"""A condition as SQL about the table of contacts: bound values only, written so that the indexes of contacts serve it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, assert_never

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Numeric,
    Select,
    and_,
    any_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from ismessenger.conditions.operands import Broken
from ismessenger.conditions.resolve import AllOf, Among, Check, Holding, Present, Range, Said, Scalar, Test, Where, resolve
from ismessenger.conditions.tree import Group, Leaf
from ismessenger.conditions.vocabulary import Vocabulary
from ismessenger.conditions.words import Term, without_index
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.schema import workspace_metadata

Clause = ColumnElement[bool]

_CONTACT: Final = workspace_metadata.tables["contact"]
_IDENTITY: Final = workspace_metadata.tables["contact_channel"]
_MESSAGE: Final = workspace_metadata.tables["message"]
# The partial indexes on these columns leave out the contacts that have none; a query must say that it does too.
_HAS_TAGS: Final[Clause] = _CONTACT.c.tag_ids != literal_column("'{}'::bigint[]")
_HAS_FIELDS: Final[Clause] = _CONTACT.c.fields != literal_column("'{}'::jsonb")


Found = Mapping[tuple[Term, ...], Sequence[int]]
"""Contacts to whom, or by whom, some words were said, for words of which there are few: the caller asked the index of messages."""


def compile_condition(group: Group, vocabulary: Vocabulary, now: datetime, found: Found = MappingProxyType({})) -> Clause:
    """Which contacts match. Nobody, if anything in the condition is broken."""
    try:
        return _group(group, vocabulary, now, found)
    except Broken:
        return false()


def _group(group: Group, vocabulary: Vocabulary, now: datetime, found: Found) -> Clause:
    clauses = [
        _leaf(item, vocabulary, now, found) if isinstance(item, Leaf) else _group(item, vocabulary, now, found) for item in group.items
    ]
    if not clauses:
        return true()
    return and_(*clauses) if group.joiner == "$and" else or_(*clauses)


def _leaf(leaf: Leaf, vocabulary: Vocabulary, now: datetime, found: Found) -> Clause:
    test = resolve(leaf, vocabulary, now)
    return _of_words(test.check, found) if isinstance(test.check, Said) else _CLAUSES[test.where](test)


def _unless(clause: Clause, *, wanted: bool) -> Clause:
    """The clause or its opposite, which also holds where there is no value."""
    return clause if wanted else not_(func.coalesce(clause, literal(False, Boolean)))


def _of_column(test: Test) -> Clause:
    column: ColumnElement[Any] = _CONTACT.c[test.key]
    if isinstance(test.check, Among):
        if test.folded:
            return _unless(
                func.lower(column).in_([func.lower(value) for value in sorted(map(str, test.check.values))]), wanted=test.check.wanted
            )
        return _unless(column.in_(sorted(test.check.values)), wanted=test.check.wanted)
    return _scalar(column, test.check)


def _of_custom(test: Test) -> Clause:
    words: ColumnElement[Any] = _CONTACT.c.fields[test.key].astext
    match test.check:
        case Among(values, wanted) if test.folded:
            return _unless(func.lower(words).in_([func.lower(value) for value in sorted(map(str, values))]), wanted=wanted)
        case Among(values, wanted):
            held = and_(_HAS_FIELDS, or_(*(_CONTACT.c.fields.contains({test.key: value}) for value in sorted(values))))
            return held if wanted else not_(held)
        case Range() if test.kind == "number":
            is_number = func.jsonb_typeof(_CONTACT.c.fields[test.key]) == "number"
            return _scalar(case((is_number, cast(words, Numeric))), test.check)
        case Range():
            return _scalar(words.collate("C"), test.check)
        case _:
            return _scalar(words, test.check)


def _scalar(value: ColumnElement[Any], check: Check) -> Clause:
    match check:
        case Present(wanted):
            return value.is_not(None) if wanted else value.is_(None)
        case Range(low, high, (with_low, with_high)):
            bounds: list[Clause] = []
            if low is not None:
                bounds.append(value >= low if with_low else value > low)
            if high is not None:
                bounds.append(value <= high if with_high else value < high)
            return and_(*bounds)
        case Holding(words, wanted, at_start):
            found = value.istartswith(words, autoescape=True) if at_start else value.icontains(words, autoescape=True)
            return _unless(found, wanted=wanted)
        case Among() | AllOf() | Said():
            raise TypeError(check)
        case _:
            assert_never(check)


def _of_tags(test: Test) -> Clause:
    match test.check:
        case Present(wanted):
            return _HAS_TAGS if wanted else not_(_HAS_TAGS)
        case AllOf(values):
            return and_(_HAS_TAGS, _CONTACT.c.tag_ids.contains(_ids(values)))
        case Among(values, wanted):
            held = and_(_HAS_TAGS, _CONTACT.c.tag_ids.overlap(_ids(values)))
            return held if wanted else not_(held)
    raise TypeError(test.check)


def _ids(values: frozenset[Scalar]) -> ColumnElement[Any]:
    return literal(sorted(values), ARRAY(BigInteger))


def _of_channels(test: Test) -> Clause:
    reached: Select[Any] = (
        select(literal_column("1")).select_from(_IDENTITY).where(_IDENTITY.c.contact_id == _CONTACT.c.id).correlate(_CONTACT)
    )
    match test.check:
        case Present(wanted):
            return _there(reached, wanted=wanted)
        case Among(values, wanted):
            return _there(reached.where(_IDENTITY.c.channel_id.in_(sorted(values))), wanted=wanted)
    raise TypeError(test.check)


def _of_words(said: Said, found: Found) -> Clause:
    if (contacts := found.get(said.terms)) is not None:
        those = _CONTACT.c.id == any_(literal(list(contacts), ARRAY(BigInteger)))
        return those if said.wanted else not_(those)
    # As a value, which is asked for each contact until the page is full: a join would begin with all messages.
    one = select(true()).select_from(_MESSAGE).where(_MESSAGE.c.contact_id == _CONTACT.c.id, *without_index(said.terms, _MESSAGE.c.words))
    held = one.limit(1).correlate(_CONTACT).scalar_subquery().is_(true())
    return held if said.wanted else not_(held)


def _of_run(test: Test) -> Clause:
    """Only memory knows what happened inside of a run."""
    raise Broken(gettext("A list cannot be asked about %(where)s.") % {"where": test.where})


def _there(rows: Select[Any], *, wanted: bool) -> Clause:
    return exists(rows) if wanted else not_(exists(rows))


def _of_status(test: Test) -> Clause:
    """A blocked contact is blocked and nothing else."""
    match test.check:
        case Present(wanted):
            return true() if wanted else false()
        case Among(values, wanted):
            free = and_(_CONTACT.c.blocked_at.is_(None), _CONTACT.c.status.in_(sorted(values - {"blocked"})))
            held = or_(free, _CONTACT.c.blocked_at.is_not(None)) if "blocked" in values else free
            return held if wanted else not_(held)
    raise TypeError(test.check)


_CLAUSES: Final[dict[Where, Callable[[Test], Clause]]] = {
    "column": _of_column,
    "custom": _of_custom,
    "tags": _of_tags,
    "channels": _of_channels,
    "status": _of_status,
    "variable": _of_run,
    "assignee_status": _of_run,
    "last_words": _of_run,
}
