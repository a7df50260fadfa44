"""Who answers a contact."""

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.members import MemberNotFound
from ismessenger.accounts.model import Member
from ismessenger.contacts.model import Contact
from ismessenger.conversations.find import open_conversation
from ismessenger.conversations.model import TimelineEvent
from ismessenger.conversations.queue import LANE, settle_queue
from ismessenger.kit.clock import now
from ismessenger.notifications.notify import notify
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession


async def assign(db: WriteSession, contact: Contact, *, to: Member | None, actor: str, by: int | None = None) -> None:
    """Hand the contact to a member, or to nobody. The caller holds the contact's lock. Nothing happens if it is so already.

    Raises `MemberNotFound` for somebody who was removed.
    """
    before, after = contact.assignee_id, to.id if to else None
    if before == after:
        if after is not None:
            await settle_queue(db, [contact.id], after)
        return
    if to is not None:
        await see_present(db, to)
    contact.assignee_id = after
    conversation = await open_conversation(db, contact.id)
    if conversation is not None and after is not None:
        at = now()
        if conversation.first_assignee_id is None:
            conversation.first_assignee_id, conversation.first_assigned_at = after, at
        conversation.last_assignee_id, conversation.last_assigned_at = after, at
        conversation.assignment_count += 1
    event = TimelineEvent(
        contact_id=contact.id,
        conversation_id=conversation.id if conversation else None,
        kind="contact.assigned" if to else "contact.unassigned",
        actor_kind=actor,
        actor_id=by,
        details={"from": before, "to": after, "to_name": to.name if to else None},
    )
    db.add(event)
    await db.flush()
    db.announce("event", contact.id, id=event.id)
    db.announce("contact", contact.id, was_assignee=before)
    db.ring(LANE)
    if to is None:
        return
    await settle_queue(db, [contact.id], to.id)
    who = by if actor == "user" else None
    if to.id != who:
        await notify(db, "assigned", contact.id, to=[to.id], by=who)


async def see_present(db: WriteSession, member: Member) -> None:
    """Whoever removes a member waits for this lock, and then finds the contact among the member's. Raises `MemberNotFound`."""
    here = select(col(Member.id)).where(col(Member.id) == member.id, col(Member.removed_at).is_(None))
    if (await db.execute(here.with_for_update(read=True, key_share=True))).first() is None:
        raise MemberNotFound(gettext("There is no such member."))
