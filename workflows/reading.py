"""Parameters of steps as they are stored: read strictly, or as far as they can be read; and what they name."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ismessenger.sdk.step import Fault, Thing
from ismessenger.sdk.words import gettext, marked
from workflows.names import PATTERN

MAX_FAULTS: Final = 20
WITH_VARIABLES: Final = frozenset({"text", "words", "code", "options", "message"})
"""What a field is edited with if variables may stand in it."""

_WORDS: Final[Mapping[str, str]] = {
    "missing": marked("This is missing."),
    "string_too_long": marked("At most %(max_length)s characters fit here."),
    "string_too_short": marked("This is too short."),
    "too_long": marked("There are at most %(max_length)s."),
    "too_short": marked("Add at least %(min_length)s."),
    "greater_than_equal": marked("At least %(ge)s."),
    "less_than_equal": marked("At most %(le)s."),
    "greater_than": marked("More than %(gt)s."),
    "less_than": marked("Less than %(lt)s."),
    "literal_error": marked("This is none of the choices."),
    "enum": marked("This is none of the choices."),
    "int_type": marked("A whole number is wanted."),
    "int_parsing": marked("A whole number is wanted."),
    "int_from_float": marked("A whole number is wanted."),
    "float_type": marked("A number is wanted."),
    "float_parsing": marked("A number is wanted."),
    "finite_number": marked("A number is wanted."),
    "bool_type": marked("Yes or no is wanted."),
    "bool_parsing": marked("Yes or no is wanted."),
    "string_type": marked("Words are wanted."),
    "list_type": marked("A list is wanted."),
    "extra_forbidden": marked("There is no such setting here."),
}


@dataclass(frozen=True, slots=True)
class Reference:
    """Something that parameters name: its ``field``, as a path, what sort of thing it is, and its id."""

    field: str
    thing: Thing
    id: int | str


def faults(model: type[BaseModel], params: Mapping[str, Any]) -> list[Fault]:
    """What keeps the parameters from being read, in words."""
    try:
        model.model_validate(params)
    except ValidationError as error:
        return [_fault(detail) for detail in error.errors(include_url=False)[:MAX_FAULTS]]
    return []


def read(model: type[BaseModel], params: Mapping[str, Any]) -> tuple[BaseModel, list[Fault]]:
    """The parameters as far as they can be read, and what keeps them from being read in full."""
    found = faults(model, params)
    return (as_far_as_possible(model, params) if found else model.model_validate(params)), found


def as_far_as_possible(model: type[BaseModel], params: Mapping[str, Any]) -> BaseModel:
    """The parameters, with defaults for what cannot be read: a draft is shown also while something is wrong with it."""
    left: dict[str, Any] = deepcopy(dict(params))
    for _attempt in range(MAX_FAULTS):
        try:
            return model.model_validate(left)
        except ValidationError as error:
            details = error.errors(include_url=False)
            # From the end: what is taken out of a list moves what stands behind it.
            taken = [_take_out(left, detail) for detail in reversed(details)]
            if not any(taken):
                break
    return model.model_construct(**{name: value for name, value in left.items() if name in model.model_fields})


def references(params: BaseModel) -> Iterator[Reference]:
    """What the parameters name, in order."""
    for field, info, value in fields(params):
        thing = _extra(info).get("thing")
        for place, id_ in enumerate(value) if isinstance(value, (list, tuple)) else [(None, value)]:
            if thing and isinstance(id_, (int, str)) and id_ != "":
                yield Reference(field if place is None else f"{field}.{place}", cast("Thing", thing), id_)


def texts(params: BaseModel) -> Iterator[tuple[str, str]]:
    """The texts in which variables may stand, with their fields."""
    for field, info, value in fields(params):
        if _extra(info).get("widget") in WITH_VARIABLES or _extra(info).get("filled"):
            yield from _strings(field, value)


def conditions(params: BaseModel) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The conditions in them, with their fields."""
    for field, info, value in fields(params):
        if _extra(info).get("widget") == "conditions" and isinstance(value, Mapping):
            yield field, value


def fields(params: BaseModel, within: str = "") -> Iterator[tuple[str, FieldInfo, Any]]:
    """Every field with its path, also of the models inside."""
    for name, info in type(params).model_fields.items():
        value = getattr(params, name, None)
        yield f"{within}{name}", info, value
        for place, inner in enumerate(value) if isinstance(value, (list, tuple)) else [(None, value)]:
            if isinstance(inner, BaseModel):
                yield from fields(inner, f"{within}{name}." if place is None else f"{within}{name}.{place}.")


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _strings(field: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield field, value
        case list() | tuple():
            for place, inner in enumerate(value):
                yield from _strings(f"{field}.{place}", inner)
        case Mapping():
            for inner in value.values():
                yield from _strings(field, inner)


def _fault(detail: Mapping[str, Any]) -> Fault:
    field = ".".join(str(part) for part in detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "string_pattern_mismatch":
        named = context.get("pattern") == PATTERN
        words = gettext("A name has letters, digits and _, and begins with a letter.") if named else gettext("This does not fit here.")
    elif kind == "value_error":
        words = gettext(detail["msg"].removeprefix("Value error, "))
    else:
        words = gettext(_WORDS.get(kind, "This does not fit here.")) % context
    return Fault(words, field)


def _take_out(params: dict[str, Any], detail: Mapping[str, Any]) -> bool:
    """Take out what could not be read, or what holds something that is missing; whether there was something to take."""
    path: Sequence[int | str] = detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"]
    holder: Any = params
    reached: list[tuple[Any, int | str]] = []
    for part in path:
        there = part in holder if isinstance(holder, dict) else isinstance(holder, list) and isinstance(part, int) and part < len(holder)
        if there:
            reached.append((holder, part))
            holder = holder[part]
    if not reached:
        return False
    inside, place = reached[-1]
    del inside[place]
    return True
