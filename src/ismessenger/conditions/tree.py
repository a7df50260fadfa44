"""The stored form of a condition: groups of AND and OR around leaves, with ids inside. What came from outside is parsed here."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Annotated, Any, Final, Literal, get_args

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)

from ismessenger.kit.text import clean_tree
from ismessenger.sdk.words import gettext

MAX_DEPTH = 5
MAX_LEAVES = 100
MAX_VALUES = 100
MAX_CHARACTERS = 1000
MAX_BYTES = 64 * 1024
MAX_NAME = 64
# What JSON carries exactly; also more than any id or duration.
MAX_NUMBER = 2**53
MAX_MINUTES = 36_500 * 24 * 60

Category = Literal[
    "contactField",
    "contactTag",
    "lifecycle",
    "channel",
    "lastInteractedChannel",
    "timeSinceLastIncomingMessage",
    "assignee",
    "team",
    "conversationStatus",
    "createdTime",
    "messageText",
    "variable",
    "assigneeStatus",
    "lastIncomingMessage",
]
Operator = Literal[
    "isEqualTo",
    "isNotEqualTo",
    "contains",
    "doesNotContain",
    "startsWith",
    "exists",
    "doesNotExist",
    "hasAnyOf",
    "hasAllOf",
    "hasNoneOf",
    "isGreaterThan",
    "isLessThan",
    "isBetween",
    "isTimestampAfter",
    "isTimestampBefore",
    "isTimestampBetween",
]
Joiner = Literal["$and", "$or"]
Unit = Literal["minutes", "hours", "days"]

_BARE: Final = frozenset({"exists", "doesNotExist"})
_LISTS: Final = frozenset({"hasAnyOf", "hasAllOf", "hasNoneOf"})
_PAIRS: Final = frozenset({"isBetween", "isTimestampBetween"})


class ConditionInvalid(ValueError):
    """This is no condition; the text says why. ``number`` counts the conditions from 1; 0: it is about none of them."""

    def __init__(self, words: str, number: int = 0) -> None:
        super().__init__(words)
        self.number = number


class Duration(BaseModel):
    """A length of time, as ``{"value": 3, "unit": "days"}``; at most a hundred years."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: StrictInt
    unit: Unit

    @property
    def minutes(self) -> int:
        """The same in minutes."""
        return self.value * {"minutes": 1, "hours": 60, "days": 24 * 60}[self.unit]


Scalar = StrictBool | StrictInt | StrictFloat | StrictStr
One = Scalar | Duration
Value = One | tuple[One, ...] | None


class Leaf(BaseModel):
    """One question about a contact. ``field`` is a field's key or a variable's name, for the categories contactField and variable only.

    ``value`` fits the operator: nothing for exists, several for hasAnyOf, two for isBetween, else one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    category: Category
    field: Annotated[StrictStr, Field(max_length=MAX_NAME)] = ""
    operator: Operator
    value: Value = None

    @property
    def values(self) -> tuple[One, ...]:
        """The value as a sequence, empty for none."""
        if self.value is None:
            return ()
        return self.value if isinstance(self.value, tuple) else (self.value,)

    @field_validator("value", mode="before")
    @classmethod
    def _bounded(cls, value: object) -> Value:
        if isinstance(value, (list, tuple)):
            if len(value) > MAX_VALUES:
                raise ValueError(gettext("a condition has at most %(most)s values.") % {"most": MAX_VALUES})
            return tuple(_one(item) for item in value)
        return None if value is None else _one(value)

    @model_validator(mode="after")
    def _fits(self) -> "Leaf":
        if (self.category in {"contactField", "variable"}) != bool(self.field):
            raise ValueError(gettext("a condition about a contact field or a variable names it, and no other does."))
        if fault := _fault(self.operator, self.value):
            raise ValueError(f"{self.operator} {fault}")
        return self

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        shown: dict[str, Any] = {"category": self.category}
        if self.field:
            shown["field"] = self.field
        shown["operator"] = self.operator
        if self.value is not None:
            shown["value"] = self.model_dump(mode="json")["value"]
        return shown


def _one(value: object) -> One:
    match value:
        case Duration():
            return value
        case dict():
            return _duration(value)
        case str() if len(value) > MAX_CHARACTERS:
            raise ValueError(gettext("a text has at most %(most)s characters.") % {"most": f"{MAX_CHARACTERS:,}"})
        case bool() | str():
            return value
        case int() | float() if abs(value) <= MAX_NUMBER:
            return value
        case int() | float():
            raise ValueError(gettext("the number is too large."))
    raise ValueError(gettext("a value is text, a number, true or false, or a length of time."))


def _duration(value: dict[object, object]) -> Duration:
    try:
        duration = Duration.model_validate(value)
    except ValidationError:
        duration = Duration(value=-1, unit="days")
    if not 0 <= duration.minutes <= MAX_MINUTES:
        raise ValueError(gettext('a length of time is {"value": 3, "unit": "days"}: whole minutes, hours or days, up to 36,500 days.'))
    return duration


def _fault(operator: Operator, value: Value) -> str:
    """What is wrong with the shape of a value; empty if nothing is."""
    several = isinstance(value, tuple)
    if operator in _BARE:
        return gettext("takes no value.") if value is not None else ""
    if operator in _PAIRS:
        return "" if isinstance(value, tuple) and len(value) == 2 else gettext("takes two values, from and to.")  # noqa: PLR2004 - from and to
    if operator in _LISTS:
        return "" if several and value else gettext("takes a list of values.")
    return gettext("takes one value.") if several or value is None or value == "" else ""


class Group(BaseModel):
    """Conditions of which all (``$and``) or at least one (``$or``) must hold. An empty group says nothing: everybody matches."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    joiner: Joiner = "$and"
    items: tuple["Group | Leaf", ...] = ()

    def leaves(self) -> Iterator[Leaf]:
        """All leaves, in order."""
        for item in self.items:
            if isinstance(item, Leaf):
                yield item
            else:
                yield from item.leaves()

    def as_json(self) -> dict[str, Any]:
        """As it is stored: what `parse` takes."""
        return {self.joiner: [item.as_json() for item in self.items]}


EVERYBODY: Final = Group()


def parse(json: object) -> Group:
    """A condition from JSON. Groups without conditions are left out. Raises `ConditionInvalid`."""
    _within_limits(json)
    return _group(clean_tree(json), 1, count(1))


def parse_text(text: str | bytes) -> Group:
    """The same from the text of a form. Raises `ConditionInvalid`."""
    if len(text) > MAX_BYTES:
        raise _too_large()
    try:
        return parse(orjson.loads(text))
    except orjson.JSONDecodeError:
        raise ConditionInvalid(gettext("A condition is JSON.")) from None


def _too_large() -> ConditionInvalid:
    return ConditionInvalid(gettext("A condition has at most %(most)s KiB.") % {"most": MAX_BYTES // 1024})


def _within_limits(json: object) -> None:
    """Bounds before anything walks over the tree. Raises `ConditionInvalid`."""
    try:
        size = len(orjson.dumps(json, option=orjson.OPT_NON_STR_KEYS))
    except (TypeError, orjson.JSONEncodeError):
        raise ConditionInvalid(gettext("A condition is JSON of text and numbers, in groups that are not nested without end.")) from None
    if size > MAX_BYTES:
        raise _too_large()


def _group(json: object, depth: int, numbers: Iterator[int]) -> Group:
    if depth > MAX_DEPTH:
        raise ConditionInvalid(gettext("Groups of conditions are nested at most %(most)s deep.") % {"most": MAX_DEPTH})
    joiner, items = _opened(json)
    found: list[Group | Leaf] = []
    for item in items:
        inner = _group(item, depth + 1, numbers) if isinstance(item, dict) and _joiners(item) else _leaf(item, next(numbers))
        if isinstance(inner, Leaf) or inner.items:
            found.append(inner)
    group = Group.model_construct(joiner=joiner, items=tuple(found))
    if sum(1 for _leaf in group.leaves()) > MAX_LEAVES:
        raise ConditionInvalid(gettext("There are at most %(most)s conditions in one filter.") % {"most": MAX_LEAVES})
    return group


def _leaf(json: object, number: int) -> Leaf:
    if not isinstance(json, dict):
        raise ConditionInvalid(gettext("A condition is an object with a category and an operator."), number)
    try:
        return Leaf.model_validate(json)
    except ValidationError as error:
        raise ConditionInvalid(_sentence(error), number) from None


def _opened(json: object) -> tuple[Joiner, Sequence[object]]:
    if isinstance(json, dict) and len(json) == 1:
        for joiner in get_args(Joiner):
            if isinstance(items := json.get(joiner), list):
                return joiner, items
    raise ConditionInvalid(gettext('A group of conditions is {"$and": […]} or {"$or": […]}.'))


def _joiners(json: dict[object, object]) -> bool:
    return any(joiner in json for joiner in get_args(Joiner))


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    match first["type"]:
        case "missing":
            return gettext("A condition needs a category and an operator.")
        case "extra_forbidden":
            return gettext("“%(name)s” is no part of a condition.") % {"name": str(first["loc"][-1])[:MAX_NAME]}
    where = next((part for part in first["loc"] if part in Leaf.model_fields), "")
    words = first["msg"].removeprefix("Value error, ")
    if first["type"] != "value_error":
        words = f"{words[:1].lower()}{words[1:]}."
    if not where:
        return gettext("A condition: %(wrong)s") % {"wrong": words}
    return gettext("A condition’s %(part)s: %(wrong)s") % {"part": where, "wrong": words}
