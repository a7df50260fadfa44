"""Take hold of a contact before its conversation or assignment changes."""

from sqlmodel import select

from ismessenger.contacts.model import Contact
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession


class ContactNotFound(LookupError):
    """There is no such contact, or whoever asks may not see it."""


async def lock_contact(db: WriteSession, contact_id: int) -> Contact:
    """The contact, locked until the transaction ends: everything that changes its state takes this lock first."""
    statement = select(Contact).where(Contact.id == contact_id).with_for_update(key_share=True)
    contact = (await db.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if contact is None:
        raise ContactNotFound(gettext("There is no such contact."))
    return contact
