"""What the wake-ups of a conversation do: its snooze ends, or it closes by itself."""

from ismessenger.contacts.model import Contact
from ismessenger.conversations.close import close
from ismessenger.conversations.find import open_conversation
from ismessenger.conversations.model import Wakeup
from ismessenger.conversations.rules import closing_rules
from ismessenger.conversations.snooze import snoozed_by, wake
from ismessenger.installation import Installation
from ismessenger.notifications.notify import notify
from ismessenger.tenancy.doors import WriteSession


async def end_snooze(_installation: Installation, db: WriteSession, contact: Contact, _wakeup: Wakeup) -> None:
    """The conversation comes back, and its assignee is told, or else whoever snoozed it."""
    if await wake(db, contact, actor="system", reason="time") and contact.blocked_at is None:
        told = contact.assignee_id or await snoozed_by(db, contact.id)
        await notify(db, "snooze_ended", contact.id, to=[told] if told else [])


async def close_by_itself(_installation: Installation, db: WriteSession, contact: Contact, wakeup: Wakeup) -> None:
    """The conversation closes, if everything that its time was set for still holds."""
    rules = await closing_rules(db)
    conversation = await open_conversation(db, contact.id)
    if conversation is None or conversation.id != wakeup.subject_id or not rules.closes(conversation.opened_at):
        return
    if contact.status == "open" and contact.blocked_at is None and conversation.waiting_since is None:
        await close(db, contact, source="auto_close")
