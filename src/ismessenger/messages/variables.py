"""Variables in what people write: ``{{$contact.firstname|there}}`` becomes the contact's first name, or "there" where there is none.

Without something to say instead ``$contact.firstname`` will do, as in workflows.

The words stay as they were written until they are sent: what goes out is what is true then.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.conditions.operands import zone
from ismessenger.contacts.fields import STANDARD, Field, custom_fields, kept_from
from ismessenger.contacts.model import Contact
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.errors import ReplyRefused
from ismessenger.sdk.content import Content, Media, Text
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Workspace
from ismessenger.tenancy.doors import ReadSession

MAX_NAME: Final = 100
MAX_FALLBACK: Final = 200

_VARIABLE = re.compile(
    rf"\{{\{{\s*\$(?P<name>[^{{}}|\n]{{0,{MAX_NAME}}})(?:\|(?P<fallback>[^{{}}\n]{{0,{MAX_FALLBACK}}}))?\}}\}}"
    # A dollar sign before any other word may be money, or a name.
    rf"|(?<![\w$])\$(?P<bare>(?:contact|assignee|member|workspace|system)\.[a-z0-9_]{{1,{MAX_NAME}}})",
    re.IGNORECASE,
)
_ALSO: Final[Mapping[str, str]] = {
    f"{whose}.{name}": f"{whose}.{name.replace('_', '')}"
    for whose in ("contact", "assignee", "member")
    for name in ("first_name", "last_name")
}
_KEYS: Final[Mapping[str, str]] = {"contact.country": "countryCode"} | {f"contact.{field.slug.lower()}": field.key for field in STANDARD}
"""The key of the field behind a variable that every workspace has."""

_QUOTES = "\"'“”"


@dataclass(frozen=True, slots=True)
class Variable:
    """``name`` is what is written behind the dollar sign, ``label`` the name of a field of the workspace's own. Empty: no ``value``."""

    name: str
    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables filled in.

    ``unknown`` are names that this member has no variable of, ``empty`` those that have neither value nor fallback.
    """

    text: str
    unknown: Sequence[str] = ()
    empty: Sequence[str] = ()


def has_variables(text: str) -> bool:
    """Whether a text holds anything that looks like a variable."""
    return _VARIABLE.search(text) is not None


def names_in(text: str) -> list[str]:
    """The variables that a text names, each once."""
    return list(dict.fromkeys(_name(found) for found in _VARIABLE.finditer(text)))


def fill(text: str, known: Mapping[str, Variable]) -> Filled:
    """Put values in place of variables, once: a value that looks like a variable stays as it is."""
    unknown: dict[str, None] = {}
    empty: dict[str, None] = {}

    def value(found: re.Match[str]) -> str:
        name, fallback = _name(found), (found["fallback"] or "").strip().strip(_QUOTES)
        if name not in known:
            unknown[name] = None
            return found[0]
        if not (known[name].value or fallback):
            empty[name] = None
        return known[name].value or fallback or found[0]

    return Filled(_VARIABLE.sub(value, text), list(unknown), list(empty))


def problem(filled: Filled, contact_name: str) -> str:
    """Why such a text cannot be sent, in a sentence; empty if it can."""
    if filled.unknown:
        return gettext("There is no variable %(unknown)s. Take it out, or choose one by typing $.") % {"unknown": _listed(filled.unknown)}
    if filled.empty:
        name = filled.empty[0]
        return gettext("%(contact_name)s has no %(empty)s. Write it yourself, or say what to put instead: {{$%(name)s|…}}.") % {
            "contact_name": contact_name,
            "empty": _listed(filled.empty),
            "name": name,
        }
    return ""


async def variables(installation: Installation, db: ReadSession, member: Member, contact: Contact | None = None) -> dict[str, Variable]:
    """By its name each variable that a member may use, with its value for a contact. Without one, contacts' values are empty."""
    assignee = await db.get(Member, (db.workspace_id, contact.assignee_id)) if contact and contact.assignee_id else None
    kept = await kept_from(db, member)
    found = [
        *(variable for variable in _of_contact(contact, kept) if _KEYS.get(variable.name) not in kept),
        *(_of_field(field, contact) for field in await custom_fields(db) if field.key not in kept),
        *_of_person("assignee", assignee),
        *_of_person("member", member),
        *await _of_workspace(installation, db.workspace_id),
    ]
    # A field of the workspace's own does not hide one that every workspace has.
    return {variable.name: variable for variable in reversed(found)}


async def filled_in(installation: Installation, db: ReadSession, text: str, contact: Contact, *, by: Member) -> str:
    """The text as it goes to a contact. Raises `ReplyRefused` where a variable is unknown or empty."""
    if not has_variables(text):
        return text
    filled = fill(text, await variables(installation, db, by, contact))
    if words := problem(filled, contact.called(await kept_from(db, by))):
        raise ReplyRefused(words, "variable")
    return filled.text


async def content_filled_in(installation: Installation, db: ReadSession, content: Content, contact: Contact, *, by: Member) -> Content:
    """The same for what a message holds."""
    match content:
        case Text():
            return content.model_copy(update={"text": await filled_in(installation, db, content.text, contact, by=by)})
        case Media(caption=str(caption)):
            return content.model_copy(update={"caption": await filled_in(installation, db, caption, contact, by=by)})
        case _:
            return content


def _name(found: re.Match[str]) -> str:
    name = (found["bare"] or found["name"]).strip().lower()
    return _ALSO.get(name, name)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"${name}" for name in names)


def _of_contact(contact: Contact | None, kept: Collection[str]) -> list[Variable]:
    given = contact or Contact()
    language = _language(given)
    values = {
        "name": given.called(kept) if contact else "",
        "firstname": given.first_name,
        "lastname": given.last_name,
        "phone": given.phone,
        "email": given.email,
        "language": language.languages.get(given.language) if given.language else None,
        "country": language.territories.get(given.country_code) if given.country_code else None,
        "id": str(contact.id) if contact else None,
    }
    return [Variable(f"contact.{name}", value or "") for name, value in values.items()]


def _of_field(field: Field, contact: Contact | None) -> Variable:
    value = contact.fields.get(field.key) if contact else None
    return Variable(f"contact.{field.slug.lower()}", _shown(field, value, _language(contact)) if value is not None else "", field.name)


def _of_person(whose: str, person: Member | None) -> list[Variable]:
    first, _space, last = (person.name if person else "").partition(" ")
    values = {"name": person.name if person else "", "firstname": first, "lastname": last, "email": person.email if person else ""}
    return [Variable(f"{whose}.{name}", value) for name, value in values.items()]


async def _of_workspace(installation: Installation, workspace_id: int) -> list[Variable]:
    async with installation.tenancy.catalog() as catalog:
        statement = select(col(Workspace.name), col(Workspace.timezone)).where(col(Workspace.id) == workspace_id)
        name, timezone = (await catalog.execute(statement)).one()
    at = now().astimezone(zone(timezone))
    times = {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M:%S}", "datetime": f"{at:%Y-%m-%d %H:%M:%S}"}
    return [Variable("workspace.name", name), *(Variable(f"system.current_{what}", value) for what, value in times.items())]


def _shown(field: Field, value: object, language: Locale) -> str:
    """A field's value in the language of the person who reads it."""
    match field.type, value:
        case "date", str(day):
            return format_date(date.fromisoformat(day), "long", locale=language)
        case "time", str(clock):
            return format_time(time.fromisoformat(clock), "short", locale=language)
        case "checkbox", bool(answer):
            return "yes" if answer else "no"
        case "number", int(number) | float(number):
            return format_decimal(number, locale=language)
        case _:
            return str(value)


def _language(contact: Contact | None) -> Locale:
    try:
        return Locale.parse(contact.language) if contact and contact.language else Locale("en")
    except (UnknownLocaleError, ValueError):
        return Locale("en")
