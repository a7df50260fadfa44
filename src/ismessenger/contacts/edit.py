"""Change what is known about a contact: its standard and custom fields."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlalchemy.orm.attributes import set_committed_value

from ismessenger.contacts.country import country_of_phone
from ismessenger.contacts.fields import STANDARD, Field
from ismessenger.contacts.mark import tell
from ismessenger.contacts.model import Contact
from ismessenger.contacts.values import Value
from ismessenger.conversations.model import TimelineEvent
from ismessenger.tenancy.doors import WriteSession

_COLUMNS: Final = ("first_name", "last_name", "phone", "email", "language", "country_code")
_COUNTRY: Final = next(field for field in STANDARD if field.column == "country_code")
_EDIT = text(
    "UPDATE contact SET first_name = n.first_name, last_name = n.last_name, phone = n.phone, email = n.email, language = n.language,"
    " country_code = n.country_code, fields = CAST(n.customs AS jsonb) FROM unnest(CAST(:id AS bigint[]), CAST(:first_name AS text[]),"
    " CAST(:last_name AS text[]), CAST(:phone AS text[]), CAST(:email AS text[]), CAST(:language AS text[]),"
    " CAST(:country_code AS text[]), CAST(:customs AS text[]))"
    " AS n(id, first_name, last_name, phone, email, language, country_code, customs) WHERE contact.id = n.id"
)


def value_of(contact: Contact, field: Field) -> Value | None:
    """What the contact has in a field."""
    value: Value | None = getattr(contact, field.column) if field.column else contact.fields.get(field.key)
    return value


async def edit_contact(
    db: WriteSession, contact: Contact, values: Mapping[Field, Value | None], *, actor: str = "user", by: int | None = None
) -> bool:
    """Set fields to values that `values.checked` made; ``None`` empties one. The caller holds the contact's lock.

    Returns whether anything changed; what did is one event. A country that nobody set follows from a new phone number.
    """
    told = _changes(contact, values)
    if not told:
        return False
    for field, value in _becomes(contact, values).items():
        put(contact, field, value)
    event = TimelineEvent(contact_id=contact.id, kind="contact.updated", actor_kind=actor, actor_id=by, details={"fields": told})
    db.add(event)
    await db.flush()
    db.announce("event", contact.id, id=event.id)
    db.announce("contact", contact.id)
    return True


async def edit_contacts(
    db: WriteSession, changes: Sequence[tuple[Contact, Mapping[Field, Value | None]]], *, actor: str = "user", by: int | None = None
) -> list[int]:
    """The same for many, each with values of its own, in two statements; returns those that changed. No contact comes twice."""
    told = [(contact, values, fields) for contact, values in changes if (fields := _changes(contact, values))]
    if not told:
        return []
    await db.flush()
    for contact, values, _fields in told:
        for field, value in _becomes(contact, values).items():
            _put_stored(contact, field, value)
    columns: dict[str, list[Any]] = {name: [getattr(contact, name) for contact, *_rest in told] for name in ("id", *_COLUMNS)}
    customs = [orjson.dumps(contact.fields).decode() for contact, *_rest in told]
    await db.execute(_EDIT, {**columns, "customs": customs})
    await tell(db, [(contact.id, "contact.updated", {"fields": fields}) for contact, _values, fields in told], actor, by)
    return columns["id"]


def _changes(contact: Contact, values: Mapping[Field, Value | None]) -> list[dict[str, Any]]:
    return [
        {"name": field.name, "key": field.key, "from": value_of(contact, field), "to": value}
        for field, value in values.items()
        if value_of(contact, field) != value
    ]


def _becomes(contact: Contact, values: Mapping[Field, Value | None]) -> dict[Field, Value | None]:
    """The values with the country that follows from a new phone number, if nobody set one."""
    becomes = dict(values)
    phone = next((value for field, value in values.items() if field.column == "phone"), contact.phone)
    if phone and contact.country_code is None and not any(field.column == "country_code" and value for field, value in values.items()):
        becomes[_COUNTRY] = country_of_phone(str(phone))
    return becomes


def _put_stored(contact: Contact, field: Field, value: Value | None) -> None:
    """Set what a statement of ours writes, without having it written again."""
    if field.column:
        set_committed_value(contact, field.column, value)
        return
    rest = {key: held for key, held in contact.fields.items() if key != field.key}
    set_committed_value(contact, "fields", rest if value is None else {**rest, field.key: value})


def put(contact: Contact, field: Field, value: Value | None) -> None:
    """Set one field on the row, without an event."""
    if field.column:
        setattr(contact, field.column, value)
        return
    rest = {key: held for key, held in contact.fields.items() if key != field.key}
    contact.fields = rest if value is None else {**rest, field.key: value}
