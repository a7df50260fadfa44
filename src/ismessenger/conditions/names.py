"""The border of the API: there conditions name tags, stages, teams and fields as people do; inside they hold ids."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn

from ismessenger.conditions.tree import Category, ConditionInvalid, Group, Leaf, One, Value
from ismessenger.conditions.vocabulary import Vocabulary

# Names under which clients ask for these as if they were fields.
_CATEGORY_OF_FIELD: Final[Mapping[str, Category]] = {
    "assignee": "assignee",
    "status": "conversationStatus",
    "created_at": "createdTime",
    "createdAt": "createdTime",
    "tags": "contactTag",
    "lifecycle": "lifecycle",
}
_STATUS: Final = {"close": "closed"}


def with_ids(condition: Group, vocabulary: Vocabulary) -> Group:
    """The condition as it is stored. Raises `ConditionInvalid` that says which name means nothing here."""
    return _each(condition, lambda leaf: _leaf_with_ids(leaf, vocabulary))


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
        category = _CATEGORY_OF_FIELD.get(field) or _refuse(f"There is no contact field called {field}.")
    key = slugs[field] if category == "contactField" else ""
    value = _changed(leaf.value, lambda one: _id_of(category, one, vocabulary))
    return Leaf(category=category, field=key, operator=leaf.operator, value=value)


def _leaf_with_names(leaf: Leaf, vocabulary: Vocabulary) -> Leaf:
    known = vocabulary.fields.get(leaf.field)
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
            return _numbered(value, vocabulary.channels) or _refuse(f"There is no channel {value}.")
        case "assignee":
            return _numbered(value, vocabulary.members) or _addressed(value, vocabulary)
        case "conversationStatus":
            return _STATUS.get(value, value) if isinstance(value, str) else value
        case "createdTime" if isinstance(value, int) and not isinstance(value, bool):
            return _moment(value)
        case _:
            return value


def _named(category: Category, value: One, vocabulary: Vocabulary) -> int:
    what = {"contactTag": "tag", "lifecycle": "lifecycle stage"}.get(category, "team")
    words = str(value).casefold() if isinstance(value, (str, int)) else ""
    found = [id_ for id_, name in vocabulary.named(category).items() if name.casefold() == words]
    return found[0] if found else _refuse(f"There is no {what} called {value}.")


def _numbered(value: One, known: Mapping[int, object]) -> int | None:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
    return number if isinstance(number, int) and number in known else None


def _addressed(value: One, vocabulary: Vocabulary) -> int:
    words = value.casefold() if isinstance(value, str) else None
    found = [id_ for id_, member in vocabulary.members.items() if member.email.casefold() == words]
    return found[0] if found else _refuse(f"There is no user {value}; name one by id or e-mail address.")


def _moment(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, OSError, ValueError):
        _refuse(f"{seconds} is no moment; write seconds since 1970 or YYYY-MM-DD.")


def _refuse(words: str) -> NoReturn:
    raise ConditionInvalid(words)
