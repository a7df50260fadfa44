"""Variables that every run has: of the contact, of who answers it, and of the workspace."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from babel import Locale, UnknownLocaleError

from ismessenger.automation.person import Person
from ismessenger.automation.surroundings import Surroundings
from ismessenger.conditions.operands import zone
from ismessenger.sdk.step import Value

_SYSTEM: Final[Mapping[str, str]] = {
    "system.current_datetime": "%Y-%m-%d %H:%M:%S",
    "system.current_date": "%Y-%m-%d",
    "system.current_time": "%H:%M:%S",
}


def standing(name: str, person: Person, around: Surroundings, now: datetime) -> Value:
    """The value of such a variable, None for none. Raises `KeyError` for a name that is none of them."""
    name = _ALSO.get(name.lower(), name.lower())
    if (read := _READ.get(name)) is not None:
        return read(person, around)
    if (form := _SYSTEM.get(name)) is not None:
        return now.astimezone(zone(around.timezone)).strftime(form)
    whose, _dot, slug = name.partition(".")
    if whose == "contact" and (known := around.field_of_slug.get(slug)) is not None:
        value: Value = person.value_of(known)
        return value
    raise KeyError(name)


def _column(column: str) -> Callable[[Person, Surroundings], Value]:
    def read(person: Person, _around: Surroundings) -> Value:
        value: Value = person.columns[column]
        return value

    return read


def _tags(person: Person, around: Surroundings) -> Value:
    names = [around.known.tags[id_] for id_ in sorted(person.tag_ids) if id_ in around.known.tags]
    return ", ".join([*names, *person.tags]) or None


def _assignee(what: str) -> Callable[[Person, Surroundings], Value]:
    def read(person: Person, around: Surroundings) -> Value:
        id_ = person.assignee_id
        member = around.known.members.get(id_) if id_ else None
        if member is None:
            return None
        first, _space, last = member.name.partition(" ")
        values: Mapping[str, Any] = {"id": id_, "name": member.name, "firstname": first, "lastname": last, "email": member.email}
        value: Value = values[what]
        return value

    return read


def _language(person: Person, _around: Surroundings) -> Value:
    code = person.columns["language"]
    return _locale(code).languages.get(code) if code else None


def _country(person: Person, _around: Surroundings) -> Value:
    code = person.columns["country_code"]
    return _locale(person.columns["language"]).territories.get(code) if code else None


def _locale(code: str | None) -> Locale:
    try:
        return Locale.parse(code) if code else Locale("en")
    except (UnknownLocaleError, ValueError):
        return Locale("en")


_READ: Final[Mapping[str, Callable[[Person, Surroundings], Value]]] = {
    "contact.name": lambda person, _around: person.name or None,
    "contact.firstname": _column("first_name"),
    "contact.lastname": _column("last_name"),
    "contact.phone": _column("phone"),
    "contact.email": _column("email"),
    "contact.language": _language,
    "contact.country": _country,
    "contact.id": lambda person, _around: person.id or None,
    "contact.tags": _tags,
    "contact.lifecycle": lambda person, around: around.known.stages.get(person.columns["lifecycle_id"] or 0),
    "contact.channel": lambda person, around: around.known.channels.get(person.columns["last_channel_id"] or 0),
    "contact.last_message": lambda person, _around: person.last_words,
    "assignee.id": _assignee("id"),
    "assignee.name": _assignee("name"),
    "assignee.firstname": _assignee("firstname"),
    "assignee.lastname": _assignee("lastname"),
    "assignee.email": _assignee("email"),
    "workspace.name": lambda _person, around: around.workspace_name,
}
_ALSO: Final[Mapping[str, str]] = {
    f"{whose}.{name}": f"{whose}.{name.replace('_', '')}" for whose in ("contact", "assignee") for name in ("first_name", "last_name")
}
STANDING: Final = (*_READ, *_SYSTEM)
"""Their names, beside those of the workspace's own fields (``contact.`` and the slug)."""
