"""Close a contact's conversation. The assignee stays."""

from ismessenger.contacts.model import Contact
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.conversations.find import open_conversation
from ismessenger.conversations.model import Conversation, TimelineEvent
from ismessenger.conversations.open import open_conversations
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

MAX_CATEGORY = 128
MAX_SUMMARY = 512


async def close(
    db: WriteSession,
    contact: Contact,
    *,
    source: str = "user",
    by: int | None = None,
    category: str | None = None,
    summary: str | None = None,
) -> Conversation | None:
    """Close what is open; ``None`` if nothing is. The caller holds the contact's lock. Raises `ConversationRefused`."""
    if contact.blocked_at is not None:
        raise ConversationRefused("This contact is blocked. Unblock it first.")
    if len(category or "") > MAX_CATEGORY or len(summary or "") > MAX_SUMMARY:
        raise ConversationRefused(f"A category has at most {MAX_CATEGORY} characters and a summary {MAX_SUMMARY}.")
    conversation = await open_conversation(db, contact.id)
    if conversation is None:
        return None
    conversation.closed_at, conversation.closed_source, conversation.closed_by_id = now(), source, by
    conversation.category, conversation.summary = category, summary
    conversation.waiting_since = None
    contact.status, contact.opened_at, contact.snoozed_until = "closed", None, None
    event = TimelineEvent(
        contact_id=contact.id,
        conversation_id=conversation.id,
        kind="conversation.closed",
        actor_kind=source,
        actor_id=by,
        details={"source": source, "category": category, "summary": summary},
    )
    db.add(event)
    await db.flush()
    db.announce("event", contact.id, id=event.id)
    db.announce("contact", contact.id)
    return conversation


async def reopen(db: WriteSession, contact: Contact, *, source: str = "user", by: int | None = None) -> Conversation:
    """Open a conversation with a contact, unless one is open already. The caller holds the contact's lock."""
    if contact.blocked_at is not None:
        raise ConversationRefused("This contact is blocked. Unblock it first.")
    opened = await open_conversations(db, [contact.id], sources=[source], at=now(), actor=source, by=by)
    if opened:
        await db.refresh(contact)
        db.announce("contact", contact.id)
    conversation = await open_conversation(db, contact.id)
    if conversation is None:
        raise ConversationRefused("The conversation could not be opened.")
    return conversation
