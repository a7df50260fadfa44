"""Parameters and values of steps in words: for the history of a run and for the test of a draft."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

import orjson
from babel.dates import format_datetime, get_day_names, get_timezone
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ismessenger.kit.text import clean
from ismessenger.language import locale
from ismessenger.sdk.step import Duration, Outgoing, Thing
from ismessenger.sdk.words import gettext, ngettext
from workflows.hours import BusinessHours

SHOWN: Final = 500
NameOf = Callable[[Thing, Any], str | None]
Fill = Callable[[str], str]
_WORD = re.compile(r"[_\s]+")


@dataclass(frozen=True, slots=True)
class Line:
    """Something with its name."""

    label: str
    words: str


def said_words(message: Outgoing) -> str:
    """A message on one line."""
    if message.text.strip():
        return shortened(message.text)
    if message.file_ids:
        return ngettext("%(num)s file", "%(num)s files", len(message.file_ids)) % {"num": len(message.file_ids)}
    return gettext("a message of the channel’s own")


def setting_lines(params: BaseModel, name_of: NameOf, fill: Fill = str) -> list[Line]:
    """The parameters of a step that say something; conditions are explained elsewhere. ``fill`` puts variables into texts."""
    return list(_lines(params, lambda words: shortened(fill(words)), name_of))


def variable_lines(values: Mapping[str, Any]) -> list[Line]:
    """Variables by their names."""
    return [Line(f"${name}", value_words(value)) for name, value in values.items()]


def value_lines(values: Mapping[str, Any], name_of: NameOf) -> list[Line]:
    """What a step put out. What ``member_id`` and the like name is told by its name."""
    found = []
    for name, value in values.items():
        thing = name.removesuffix("_id")
        named = name_of(cast("Thing", thing), value) if thing != name else None
        found.append(Line(humane(thing if named else name), named or value_words(value)))
    return found


def value_words(value: object) -> str:
    """A value of JSON in words."""
    match value:
        case None | "":
            return gettext("nothing")
        case bool():
            return gettext("Yes") if value else gettext("No")
        case str():
            return shortened(value)
        case int() | float():
            return str(value)
        case _:
            return shortened(orjson.dumps(value, default=str).decode())


def time_words(at: datetime, timezone: str) -> str:
    """A time in the workspace's zone, where it is part of a sentence."""
    return format_datetime(at, "medium", tzinfo=get_timezone(timezone), locale=locale())


def humane(name: str) -> str:
    """A name of the code as words: ``message_id`` is "Message id"."""
    words = _WORD.sub(" ", name).strip()
    return words[:1].upper() + words[1:]


def shortened(words: str) -> str:
    """At most so much that it still is a line of a list."""
    words = clean(words)
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"


def _lines(params: BaseModel, fill: Fill, name_of: NameOf) -> Iterator[Line]:
    for name, field in type(params).model_fields.items():
        value, extra = getattr(params, name), _extra(field)
        if extra.get("widget") in {"conditions", "id"} or _is_hidden(params, extra):
            continue
        if words := _words(value, extra, fill, name_of):
            yield Line(gettext(field.title or humane(name)), words)


def _words(value: object, extra: Mapping[str, Any], fill: Fill, name_of: NameOf) -> str:
    match value:
        case None | "" | False | [] | {}:
            return ""
        case True:
            return gettext("Yes")
        case list() | tuple():
            return shortened(", ".join(filter(None, (_words(each, extra, fill, name_of) for each in value))))
        case _ if thing := extra.get("thing"):
            return name_of(cast("Thing", thing), value) or gettext("deleted")
        case Duration(value=number, unit=unit):
            return _duration(number, unit)
        case Outgoing():
            return said_words(value.model_copy(update={"text": fill(value.text)}))
        case BusinessHours():
            return _week(value)
        case BaseModel():
            return shortened(" · ".join(line.words for line in _lines(value, fill, name_of)))
        case str():
            label = extra.get("labels", {}).get(value)
            return gettext(label) if label else fill(value)
        case dict():
            return shortened(fill(orjson.dumps(value, default=str).decode()))
        case _:
            return str(value)


def _week(hours: BusinessHours) -> str:
    names = get_day_names("abbreviated", locale=locale())
    return ", ".join(f"{names[at]} {day.opens}–{day.closes}" for at, day in enumerate(hours.days()) if day.on)


def _duration(number: int, unit: str) -> str:
    forms = {
        "minutes": ngettext("%(num)s minute", "%(num)s minutes", number),
        "hours": ngettext("%(num)s hour", "%(num)s hours", number),
        "days": ngettext("%(num)s day", "%(num)s days", number),
    }
    return forms[unit] % {"num": number}


def _extra(field: FieldInfo) -> Mapping[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _is_hidden(params: BaseModel, extra: Mapping[str, Any]) -> bool:
    return any(getattr(params, name, None) not in among for name, among in (extra.get("when") or {}).items())
