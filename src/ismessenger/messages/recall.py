"""Take a reply back before it goes out: it was never sent, its words return to whoever wrote them, and what it changed is as it was.

For this a reply waits some seconds, and the delivery of its last message remembers what was there before and after it. What somebody
changed meanwhile stays. If more was sent to the contact since, whose it is and whether it is open stay too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlmodel import SQLModel, col, select

from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.conversations.find import open_conversation
from ismessenger.conversations.model import Conversation, TimelineEvent
from ismessenger.conversations.wakeups import cancel_wakeups, wake_at
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.model import Delivery, Message
from ismessenger.messages.stored import preview_of
from ismessenger.sdk.content import ContentAdapter
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import ReadSession, WriteSession

UNDO: Final = timedelta(seconds=5)
TOO_LATE = marked("This has gone out already.")
GONE = marked("There is no such message to take back.")

State = Mapping[str, Any]
"""What a reply may change, as JSON."""

_CHANNEL: Final = ("last_channel_id",)
_PLACE: Final = ("status", "opened_at", "snoozed_until", "assignee_id")
_TIMES: Final = (
    "first_response_at",
    "first_responder_id",
    "waiting_since",
    "first_assignee_id",
    "first_assigned_at",
    "last_assignee_id",
    "last_assigned_at",
)
_COUNTS: Final = ("outgoing_count", "response_count", "response_seconds_total")
_AUTO_CLOSE: Final = "auto_close"

_LAST_EVENT = text("SELECT COALESCE(max(id), 0) FROM event WHERE contact_id = :contact")
_TIMER = text("SELECT due_at, subject_id FROM wakeup WHERE contact_id = :contact AND kind = :kind")
_LATER = text("SELECT EXISTS (SELECT FROM message WHERE contact_id = :contact AND traffic = 'outgoing' AND id > :last)")
_USED = text(
    "SELECT EXISTS (SELECT FROM message WHERE contact_id = :contact AND conversation_id = :conversation)"
    " OR EXISTS (SELECT FROM event WHERE contact_id = :contact AND conversation_id = :conversation AND id <> ALL(:events))"
)
_DROP_EVENTS = text("DELETE FROM event WHERE id = ANY(:ids) AND kind = ANY(:kinds) RETURNING id")
_HOLD = text(
    "SELECT d.message_id, d.state, d.attempt FROM delivery d JOIN message m ON m.id = d.message_id WHERE m.contact_id = :contact"
    " AND m.sender_id = :sender AND m.created_at = :at AND m.traffic = 'outgoing' ORDER BY d.id FOR UPDATE OF d"
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What the composer held: the words as they were typed, and the numbers of the files."""

    text: str
    file_ids: Sequence[int] = ()
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """How it was before a reply."""

    typed: Typed
    before: State
    last_event: int = 0


@dataclass(slots=True)
class _Undone:
    """What is put back."""

    before: State
    after: State
    events: Sequence[int]
    ids: Sequence[int]
    withdrawn: list[tuple[str, int]] = field(default_factory=list)


async def remember(db: WriteSession, contact: Contact, typed: Typed) -> Memory:
    """Before a reply changes anything: how it is."""
    return Memory(typed, await _state(db, contact), (await db.execute(_LAST_EVENT, {"contact": contact.id})).scalar_one())


async def hold_back(db: WriteSession, contact: Contact, last: Message, memory: Memory) -> None:
    """After it did: keep with its last message what taking it back needs."""
    await db.flush()
    await db.refresh(contact, list(_PLACE))
    after = await _state(db, contact)
    mine = select(col(TimelineEvent.id)).where(col(TimelineEvent.contact_id) == contact.id, col(TimelineEvent.id) > memory.last_event)
    events = list((await db.execute(mine)).scalars())
    delivery = (await db.execute(select(Delivery).where(Delivery.message_id == last.id))).scalar_one()
    typed = {"text": memory.typed.text, "files": list(memory.typed.file_ids), "reply_to": memory.typed.reply_to}
    delivery.undo = {"typed": typed, "before": memory.before, "after": after, "events": events}


async def take_back(db: WriteSession, contact: Contact, message_id: int, *, by: int) -> Typed:
    """Take the reply away that this message is the last part of, and give back what was typed. The caller holds the contact's lock.

    Raises `ReplyRefused`.
    """
    message = await db.get(Message, (db.workspace_id, message_id))
    if message is None or message.contact_id != contact.id or message.sender_id != by:
        raise ReplyRefused(gettext(GONE), "not_found")
    values = {"contact": contact.id, "sender": by, "at": message.created_at}
    held = (await db.execute(_HOLD, values)).all()
    kept = (await db.execute(select(Delivery.undo).where(Delivery.message_id == message_id))).scalar_one_or_none()
    if not kept or any(row.state != "due" or row.attempt for row in held):
        raise ReplyRefused(gettext(TOO_LATE), "sent")
    undone = _Undone(kept["before"], kept["after"], kept["events"], [row.message_id for row in held])
    identity = await db.get(ContactChannel, (db.workspace_id, message.contact_channel_id))
    was = contact.assignee_id
    await _remove(db, contact, identity, undone)
    await _put_back(db, contact, undone)
    for what, id_ in undone.withdrawn:
        db.announce("withdrawn", contact.id, what=what, id=id_)
    db.announce("contact", contact.id, was_assignee=was)
    db.ring("replies")
    return Typed(kept["typed"]["text"], kept["typed"]["files"], kept["typed"]["reply_to"])


async def _remove(db: WriteSession, contact: Contact, identity: ContactChannel | None, undone: _Undone) -> None:
    """The messages go; what is the last one now is found anew, because more than one may be taken back."""
    for message_id in undone.ids:
        await db.delete(await db.get_one(Message, (db.workspace_id, message_id)))
    undone.withdrawn += [("message", message_id) for message_id in undone.ids]
    await db.flush()
    newest = await _newest(db, contact)
    if newest is None or newest.sent_at < _parsed("last_message_at", undone.after["contact"]["last_message_at"]):
        _restore(contact, _CHANNEL, undone.before["contact"], undone.after["contact"])
    contact.last_message_at = newest.sent_at if newest else _parsed("last_message_at", undone.before["contact"]["last_message_at"])
    contact.preview, contact.preview_traffic = (_preview(newest), newest.traffic) if newest else ("", "")
    outgoing = await _newest(db, contact, Message.traffic == "outgoing")
    contact.last_outgoing_at = outgoing.sent_at if outgoing else None
    if identity is not None:
        there = await _newest(db, contact, Message.contact_channel_id == identity.id)
        identity.last_message_at = there.sent_at if there else None


async def _newest(db: ReadSession, contact: Contact, *which: bool) -> Message | None:
    newest = select(Message).where(Message.contact_id == contact.id, *which).order_by(col(Message.sent_at).desc(), col(Message.id).desc())
    return (await db.execute(newest.limit(1))).scalar_one_or_none()


def _preview(message: Message) -> str:
    return preview_of(ContentAdapter.validate_python(message.body))


async def _put_back(db: WriteSession, contact: Contact, undone: _Undone) -> None:
    """Whose it is, whether it is open, and what is counted."""
    conversation = await db.get(Conversation, (db.workspace_id, undone.after["conversation"].get("id") or 0))
    if conversation is None:
        return
    opened = undone.before["conversation"].get("id") != conversation.id
    _count_down(conversation, undone, opened=opened)
    later = (await db.execute(_LATER, {"contact": contact.id, "last": max(undone.ids)})).scalar()
    if later or (opened and not await _may_go(db, contact, conversation, undone)):
        return
    await _put_timer_back(db, contact, undone)
    dropped = ["contact.assigned"] if _restore(contact, ("assignee_id",), undone.before["contact"], undone.after["contact"]) else []
    if dropped:
        conversation.assignment_count = max(0, conversation.assignment_count - 1)
    if opened:
        _restore(contact, _PLACE, undone.before["contact"], undone.after["contact"])
        await db.delete(conversation)
        dropped.append("conversation.opened")
    else:
        _restore(conversation, _TIMES, undone.before["conversation"], undone.after["conversation"])
        _wait_again(conversation, undone.before["conversation"])
    await db.flush()
    ids = (await db.execute(_DROP_EVENTS, {"ids": list(undone.events), "kinds": dropped})).scalars()
    undone.withdrawn += [("event", id_) for id_ in ids]


async def _may_go(db: WriteSession, contact: Contact, conversation: Conversation, undone: _Undone) -> bool:
    """Whether a conversation that the reply opened holds nothing else."""
    values = {"contact": contact.id, "conversation": conversation.id, "events": list(undone.events)}
    return conversation.closed_at is None and not (await db.execute(_USED, values)).scalar()


def _count_down(conversation: Conversation, undone: _Undone, *, opened: bool) -> None:
    for name in _COUNTS:
        added = undone.after["conversation"][name] - (0 if opened else undone.before["conversation"][name])
        setattr(conversation, name, max(0, getattr(conversation, name) - added))


def _wait_again(conversation: Conversation, before: State) -> None:
    """Whoever waited before the reply has waited since then, also if they wrote again meanwhile."""
    since = _parsed("waiting_since", before.get("waiting_since"))
    if since is not None:
        conversation.waiting_since = min(since, conversation.waiting_since or since)


async def _put_timer_back(db: WriteSession, contact: Contact, undone: _Undone) -> None:
    now_so = await _timer(db, contact)
    before = undone.before["timer"]
    if now_so != undone.after["timer"] or now_so == before:
        return
    if before is None:
        await cancel_wakeups(db, _AUTO_CLOSE, [contact.id])
    else:
        await wake_at(db, _AUTO_CLOSE, contact.id, datetime.fromisoformat(before["due_at"]), subject_id=before["subject_id"])


async def _state(db: ReadSession, contact: Contact) -> State:
    conversation = await open_conversation(db, contact.id)
    return {
        "contact": _plain(contact, ("last_message_at", *_CHANNEL, *_PLACE)),
        "conversation": _plain(conversation, ("id", *_TIMES, *_COUNTS)) if conversation else {},
        "timer": await _timer(db, contact),
    }


async def _timer(db: ReadSession, contact: Contact) -> dict[str, Any] | None:
    """When the conversation would close by itself."""
    row = (await db.execute(_TIMER, {"contact": contact.id, "kind": _AUTO_CLOSE})).first()
    return {"due_at": row.due_at.isoformat(), "subject_id": row.subject_id} if row else None


def _plain(row: SQLModel, names: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _parsed(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if value is not None and name.endswith(("_at", "_since", "_until")) else value


def _restore(row: SQLModel, names: Sequence[str], before: State, after: State) -> bool:
    """Put back what is still as the reply left it; says whether that was anything."""
    changed = False
    for name, value in _plain(row, names).items():
        if value == after.get(name) and value != before.get(name):
            setattr(row, name, _parsed(name, before.get(name)))
            changed = True
    return changed
