"""The border of the API: there conditions name tags, stages, teams and fields as people do; inside they hold ids."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Final, NoReturn

from ismessenger.conditions.tree import Category, ConditionInvalid, Group, Leaf, One, Value
from ismessenger.conditions.vocabulary import Vocabulary
from ismessenger.sdk.words import gettext, marked

# Names under which clients ask for these as if they were fields.
_CATEGORY_OF_FIELD: Final[Mapping[str, Category]] = {
    "assignee": "assignee",
    "status": "conversationStatus",
    "created_at": "createdTime",
    "createdAt": "createdTime",
    "tags": "contactTag",
    "lifecycle": "lifecycle",
}
_NOBODY_CALLED: Final[Mapping[Category, str]] = {
    "contactTag": marked("There is no tag called %(value)s."),
    "lifecycle": marked("There is no lifecycle stage called %(value)s."),
    "team": marked("There is no team called %(value)s."),
}
_STATUS: Final = {"close": "closed"}


def with_ids(condition: Group, vocabulary: Vocabulary) -> Group:
    """The condition as it is stored. Raises `ConditionInvalid` that says which name means nothing here."""
    numbers = count(1)

    def numbered(leaf: Leaf) -> Leaf:
        number = next(numbers)
        try:
            return _leaf_with_ids(leaf, vocabulary)
        except ConditionInvalid as error:
            raise ConditionInvalid(str(error), number) from None

    return _each(condition, numbered)


def with_names(condition: Group, vocabulary: Vocabulary) -> Group:
    """The condition as the API shows it. What was deleted keeps its id."""
    return _each(condition, lambda leaf: _leaf_with_names(leaf, vocabulary))


def _each(group: Group, change: Callable[[Leaf], Leaf]) -> Group:
    items = tuple(change(item) if isinstance(item, Leaf) else _each(item, change) for item in group.items)
    return Group(joiner=group.joiner, items=items)


def _leaf_with_ids(leaf: Leaf, vocabulary: Vocabulary) -> Leaf:
    category, field = leaf.category, leaf.field
    slugs = {known.slug: key for key, known in vocabulary.fields.items()}
    if category == "contactField" and field not in slugs:
        category = _CATEGORY_OF_FIELD.get(field) or _refuse(gettext("There is no contact field called %(field)s.") % {"field": field})
    key = {"contactField": slugs.get(field, ""), "variable": field}.get(category, "")
    value = _changed(leaf.value, lambda one: _id_of(category, one, vocabulary))
    return Leaf(category=category, field=key, operator=leaf.operator, value=value)


def _leaf_with_names(leaf: Leaf, vocabulary: Vocabulary) -> Leaf:
    known = vocabulary.fields.get(leaf.field) if leaf.category == "contactField" else None
    named = vocabulary.named(leaf.category) if leaf.category in {"contactTag", "lifecycle", "team"} else {}
    value = _changed(leaf.value, lambda one: named.get(one, one) if isinstance(one, int) else one)
    return Leaf(category=leaf.category, field=known.slug if known else leaf.field, operator=leaf.operator, value=value)


def _changed(value: Value, change: Callable[[One], One]) -> Value:
    if value is None:
        return None
    return tuple(change(one) for one in value) if isinstance(value, tuple) else change(value)


def _id_of(category: Category, value: One, vocabulary: Vocabulary) -> One:
    match category:
        case "contactTag" | "lifecycle" | "team":
            return _named(category, value, vocabulary)
        case "channel" | "lastInteractedChannel":
            return _numbered(value, vocabulary.channels) or _refuse(gettext("There is no channel %(value)s.") % {"value": value})
        case "assignee":
            return _numbered(value, vocabulary.members) or _addressed(value, vocabulary)
        case "conversationStatus":
            return _STATUS.get(value, value) if isinstance(value, str) else value
        case "createdTime" if isinstance(value, int) and not isinstance(value, bool):
            return _moment(value)
        case _:
            return value


def _named(category: Category, value: One, vocabulary: Vocabulary) -> int:
    words = str(value).casefold() if isinstance(value, (str, int)) else ""
    found = [id_ for id_, name in vocabulary.named(category).items() if name.casefold() == words]
    return found[0] if found else _refuse(gettext(_NOBODY_CALLED[category]) % {"value": value})


def _numbered(value: One, known: Mapping[int, object]) -> int | None:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    return number if isinstance(number, int) and number in known else None


def _addressed(value: One, vocabulary: Vocabulary) -> int:
    words = value.casefold() if isinstance(value, str) else None
    found = [id_ for id_, member in vocabulary.members.items() if member.email.casefold() == words]
    return found[0] if found else _refuse(gettext("There is no user %(value)s; name one by id or e-mail address.") % {"value": value})


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        _refuse(gettext("%(seconds)s is no moment; write seconds since 1970 or YYYY-MM-DD.") % {"seconds": seconds})


def _refuse(words: str) -> NoReturn:
    raise ConditionInvalid(words)
