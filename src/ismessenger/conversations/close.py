"""Close a contact's conversation, with a note of what it was about. The assignee stays."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from ismessenger.contacts.model import Contact
from ismessenger.conversations.closing_categories import category_by_name
from ismessenger.conversations.errors import CategoryGone, ConversationRefused
from ismessenger.conversations.find import open_conversation
from ismessenger.conversations.model import ClosingCategory, Conversation, TimelineEvent
from ismessenger.conversations.open import open_conversations
from ismessenger.conversations.queue import LANE
from ismessenger.conversations.rules import closing_rules
from ismessenger.conversations.snooze import wake
from ismessenger.conversations.wakeups import forget_open
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

MAX_CATEGORY = 128
MAX_SUMMARY = 512


@dataclass(frozen=True, slots=True)
class ClosingNote:
    """What a conversation was about: the name of a category, its id if the workspace has such a one, and words."""

    category: str | None = None
    category_id: int | None = None
    summary: str | None = None


async def close(
    db: WriteSession,
    contact: Contact,
    *,
    source: str = "user",
    by: int | None = None,
    category: str | None = None,
    category_id: int | None = None,
    summary: str | None = None,
) -> Conversation | None:
    """Close what is open; ``None`` if nothing is. The caller holds the contact's lock. Raises `ConversationRefused`.

    The source ``user`` is by hand: then the workspace may want a note (`NoteWanted`). A category is named by its id (`CategoryGone` if
    it was deleted) or by words, which need not be those of any.
    """
    if contact.blocked_at is not None:
        raise ConversationRefused(gettext("This contact is blocked. Unblock it first."))
    note = await checked_note(db, source, category=category, category_id=category_id, summary=summary)
    conversation = await open_conversation(db, contact.id)
    if conversation is None:
        return None
    conversation.closed_at, conversation.closed_source, conversation.closed_by_id = now(), source, by
    conversation.category, conversation.category_id, conversation.summary = note.category, note.category_id, note.summary
    conversation.waiting_since = None
    snoozed_until = contact.snoozed_until
    contact.status, contact.opened_at, contact.snoozed_until = "closed", None, None
    event = TimelineEvent(
        contact_id=contact.id,
        conversation_id=conversation.id,
        kind="conversation.closed",
        actor_kind="system" if source == "auto_close" else source,
        actor_id=by,
        details={
            "source": source,
            "category": note.category,
            "summary": note.summary,
            "snoozed_until": snoozed_until.isoformat() if snoozed_until else None,
        },
    )
    db.add(event)
    await forget_open(db, [contact.id])
    await db.flush()
    db.announce("event", contact.id, id=event.id)
    db.announce("contact", contact.id)
    db.ring(LANE)
    return conversation


async def reopen(db: WriteSession, contact: Contact, *, source: str = "user", by: int | None = None) -> Conversation:
    """Open a conversation with a contact, unless one is open; a snoozed one comes back. The caller holds the contact's lock."""
    if contact.blocked_at is not None:
        raise ConversationRefused(gettext("This contact is blocked. Unblock it first."))
    opened = await open_conversations(db, [contact.id], sources=[source], at=now(), actor=source, by=by)
    if opened:
        await db.refresh(contact)
        db.announce("contact", contact.id)
    elif contact.status == "snoozed":
        await wake(db, contact, actor=source, by=by)
    conversation = await open_conversation(db, contact.id)
    if conversation is None:
        raise ConversationRefused(gettext("The conversation could not be opened."))
    return conversation


async def checked_note(
    db: WriteSession, source: str, *, category: str | None = None, category_id: int | None = None, summary: str | None = None
) -> ClosingNote:
    """The note as it is kept. Raises `ConversationRefused`, `CategoryGone`, and `NoteWanted` for one that says too little by hand."""
    name, words = _plain(category), _plain(summary)
    if len(name or "") > MAX_CATEGORY or len(words or "") > MAX_SUMMARY:
        raise ConversationRefused(
            gettext("A category has at most %(most)s characters and a summary %(longest)s.")
            % {"most": MAX_CATEGORY, "longest": MAX_SUMMARY}
        )
    if category_id is not None:
        # Whoever deletes it now waits, and what is kept has its name.
        found = select(col(ClosingCategory.name)).where(col(ClosingCategory.id) == category_id).with_for_update(read=True, key_share=True)
        name = (await db.execute(found)).scalar_one_or_none()
        if name is None:
            raise CategoryGone(gettext("This category was deleted meanwhile. Choose another one."))
    elif name and (known := await category_by_name(db, name)):
        name, category_id = known.name, known.id
    if source == "user":
        (await closing_rules(db)).see_note(name, words)
    return ClosingNote(name, category_id, words)


def _plain(typed: str | None) -> str | None:
    return (clean(typed).strip() or None) if typed else None
