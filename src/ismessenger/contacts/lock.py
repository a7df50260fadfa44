"""Take hold of a contact before anything of it changes.

Whoever writes rows of a contact holds the contact first, then its messages, then their deliveries. So somebody who is erased, which takes
all of these, waits for them and they wait for it, but never for each other.
"""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import select

from ismessenger.contacts.model import Contact
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

_PEOPLE_OF = text(
    "SELECT c.id FROM contact c WHERE c.id IN (SELECT m.contact_id FROM message m WHERE m.id = ANY(:messages)) ORDER BY c.id FOR KEY SHARE"
)


class ContactNotFound(LookupError):
    """There is no such contact, or whoever asks may not see it."""


async def lock_contact(db: WriteSession, contact_id: int) -> Contact:
    """The contact, locked until the transaction ends: everything that changes its state takes this lock first."""
    statement = select(Contact).where(Contact.id == contact_id).with_for_update(key_share=True)
    contact = (await db.execute(statement, execution_options={"populate_existing": True})).scalar_one_or_none()
    if contact is None:
        raise ContactNotFound(gettext("There is no such contact."))
    return contact


async def keep_people_of(db: WriteSession, message_ids: Sequence[int]) -> None:
    """Let nobody erase whom these messages belong to until the transaction ends. Others may change them meanwhile."""
    await db.execute(_PEOPLE_OF, {"messages": list(message_ids)})
