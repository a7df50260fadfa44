"""Make a contact that no channel brought: by hand, through the API."""

from collections.abc import Collection, Mapping

from ismessenger.accounts.model import Member
from ismessenger.contacts.country import country_of_phone
from ismessenger.contacts.edit import put
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import Field
from ismessenger.contacts.lifecycle import default_stage_id
from ismessenger.contacts.mark import tag_contacts
from ismessenger.contacts.model import Contact
from ismessenger.contacts.values import Value
from ismessenger.conversations.assign import assign
from ismessenger.conversations.model import TimelineEvent
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession


async def create_contact(
    db: WriteSession,
    values: Mapping[Field, Value | None],
    *,
    tag_ids: Collection[int] = (),
    assignee: Member | None = None,
    stage_id: int | None = None,
    source: str = "user",
    actor: str = "user",
    by: int | None = None,
) -> Contact:
    """A new contact with values that `values.checked` made, in a stage or else in the default one.

    The same phone number or e-mail on another contact is no obstacle: it is suggested to merge them. ``source`` is where the contact
    comes from: user, api, import, or number, which somebody typed to write to; that one needs no name. Raises `Refused` without a first
    name, `MemberNotFound` for an assignee who was removed.
    """
    contact = Contact(created_source=source, lifecycle_id=stage_id or await default_stage_id(db))
    for field, value in values.items():
        put(contact, field, value)
    if not contact.first_name and source != "number":
        raise Refused(gettext("A contact needs a first name."))
    if contact.phone and contact.country_code is None:
        contact.country_code = country_of_phone(contact.phone)
    db.add(contact)
    await db.flush()
    event = TimelineEvent(contact_id=contact.id, kind="contact.created", actor_kind=actor, actor_id=by, details={"source": source})
    db.add(event)
    await db.flush()
    db.announce("event", contact.id, id=event.id)
    db.announce("contact", contact.id)
    if tag_ids:
        await tag_contacts(db, [contact.id], add=tag_ids, actor=actor, by=by)
        await db.refresh(contact)
    if assignee is not None:
        await assign(db, contact, to=assignee, actor=actor, by=by)
    return contact
