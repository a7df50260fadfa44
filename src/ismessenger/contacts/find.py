"""Look a contact up for a member. What the member may not see is answered as if it did not exist."""

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.lock import ContactNotFound
from ismessenger.contacts.model import Contact
from ismessenger.conversations.model import Conversation
from ismessenger.messages.model import Message
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession


async def visible_contact(db: ReadSession, member: Member, contact_id: int) -> Contact:
    """The contact, to look at. Raises `ContactNotFound`."""
    statement = select(Contact).where(col(Contact.id) == contact_id, visible_to(member))
    contact: Contact | None = (await db.execute(statement)).scalar_one_or_none()
    if contact is None:
        raise ContactNotFound(gettext("There is no such contact."))
    return contact


async def hold_contact(db: WriteSession, member: Member, contact_id: int) -> Contact:
    """The contact, to change: locked until the transaction ends. Raises `ContactNotFound`."""
    return await _hold(db, member, col(Contact.id) == contact_id, gettext("There is no such contact."))


async def hold_contact_of_conversation(db: WriteSession, member: Member, conversation_id: int) -> Contact:
    """The contact that a conversation belongs to, locked. Raises `ContactNotFound`."""
    owner = select(col(Conversation.contact_id)).where(col(Conversation.id) == conversation_id).scalar_subquery()
    return await _hold(db, member, col(Contact.id) == owner, gettext("There is no such conversation."))


async def hold_contact_of_message(db: WriteSession, member: Member, message_id: int) -> Contact:
    """The contact that a message was exchanged with, locked. Raises `ContactNotFound`."""
    owner = select(col(Message.contact_id)).where(col(Message.id) == message_id).scalar_subquery()
    return await _hold(db, member, col(Contact.id) == owner, gettext("There is no such message."))


async def _hold(db: WriteSession, member: Member, which: ColumnElement[bool], words: str) -> Contact:
    # Whether the member may see it is judged on the locked row: somebody may have taken the contact away a moment ago.
    statement = select(Contact).where(which, visible_to(member)).with_for_update(key_share=True, of=Contact)
    contact: Contact | None = (await db.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if contact is None:
        raise ContactNotFound(words)
    return contact
