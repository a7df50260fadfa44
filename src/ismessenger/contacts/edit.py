"""Change what is known about a contact: its standard and custom fields."""

from collections.abc import Mapping

from ismessenger.contacts.country import country_of_phone
from ismessenger.contacts.fields import Field
from ismessenger.contacts.model import Contact
from ismessenger.contacts.values import Value
from ismessenger.conversations.model import TimelineEvent
from ismessenger.tenancy.doors import WriteSession


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
    changed = {field: value for field, value in values.items() if value_of(contact, field) != value}
    if not changed:
        return False
    told = [{"name": field.name, "key": field.key, "from": value_of(contact, field), "to": value} for field, value in changed.items()]
    for field, value in changed.items():
        put(contact, field, value)
    if contact.phone and contact.country_code is None and not any(field.column == "country_code" for field in changed):
        contact.country_code = country_of_phone(contact.phone)
    event = TimelineEvent(contact_id=contact.id, kind="contact.updated", actor_kind=actor, actor_id=by, details={"fields": told})
    db.add(event)
    await db.flush()
    db.announce("event", contact.id, id=event.id)
    db.announce("contact", contact.id)
    return True


def put(contact: Contact, field: Field, value: Value | None) -> None:
    """Set one field on the row, without an event."""
    if field.column:
        setattr(contact, field.column, value)
        return
    rest = {key: held for key, held in contact.fields.items() if key != field.key}
    contact.fields = rest if value is None else {**rest, field.key: value}
