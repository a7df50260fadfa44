"""What conditions ask about contacts, gathered so that they can be answered in memory."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from ismessenger.conditions.evaluate import Facts
from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.messages.model import Message
from ismessenger.tenancy.doors import ReadSession

COLUMNS: Final = (
    "first_name",
    "last_name",
    "phone",
    "email",
    "language",
    "country_code",
    "lifecycle_id",
    "last_channel_id",
    "assignee_id",
    "created_at",
    "last_incoming_at",
    "status",
    "blocked_at",
)
"""What conditions and variables ask of the contact's row."""


async def facts_of(db: ReadSession, contacts: Sequence[Contact], *, with_words: bool = False) -> dict[int, Facts]:
    """The facts of these contacts by their ids. The words of their messages are read only if ``with_words``: there may be many."""
    ids = [contact.id for contact in contacts]
    channels: dict[int, set[int]] = defaultdict(set)
    words: dict[int, list[str]] = defaultdict(list)
    identities = select(col(ContactChannel.contact_id), col(ContactChannel.channel_id)).where(col(ContactChannel.contact_id).in_(ids))
    for contact_id, channel_id in (await db.execute(identities)).all():
        channels[contact_id].add(channel_id)
    if with_words:
        said = select(col(Message.contact_id), col(Message.words)).where(col(Message.contact_id).in_(ids))
        for contact_id, written in (await db.execute(said)).all():
            words[contact_id].append(written)
    return {contact.id: _facts(contact, channels[contact.id], words[contact.id]) for contact in contacts}


def _facts(contact: Contact, channel_ids: set[int], words: Sequence[str]) -> Facts:
    columns = {name: getattr(contact, name) for name in COLUMNS}
    return Facts(columns, contact.fields, frozenset(contact.tag_ids), frozenset(channel_ids), words)
