"""Replies that go out later. Until then everybody who sees the contact sees them, and may change the time, send or cancel them.

At its time the reply is sent as its writer would send it by hand: what stands in the way then is kept with it as the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlmodel import col, select

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.visibility import visible_to
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.model import Contact
from ismessenger.conversations.model import Wakeup
from ismessenger.conversations.wakeups import wake_at
from ismessenger.files.model import StoredFile
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.model import Message, ScheduledMessage
from ismessenger.messages.parts import files_to_send, parts
from ismessenger.messages.reply import Draft, check, reply
from ismessenger.notifications.notify import notify
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

WAKEUP: Final = "send"
MAX_WAITING: Final = 20
LONGEST: Final = timedelta(days=365)
SHOWN: Final = ("waiting", "failed")

_FORGET = text("DELETE FROM wakeup WHERE contact_id = :contact AND kind = :kind AND subject_id = :id")
_HAND_OVER = text("UPDATE file SET uploaded_by_id = :member WHERE id = ANY(:ids) AND library_at IS NULL")


class ScheduleRefused(Refused):
    """It cannot be sent then; the text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to send later. ``client_id`` makes a repeated request one."""

    text: str
    due_at: datetime
    client_id: str
    file_ids: Sequence[int] = ()
    channel_id: int | None = None
    reply_to: int | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A scheduled reply as the thread shows it."""

    row: ScheduledMessage
    writer: Member | None
    channel: ConnectedChannel | None
    files: Sequence[StoredFile]


async def schedule(installation: Installation, db: WriteSession, contact: Contact, plan: Plan, *, by: Member) -> ScheduledMessage:
    """Have a reply sent later. The caller holds the contact's lock. Raises `ReplyRefused`, `ScheduleRefused`."""
    before = (await db.execute(select(ScheduledMessage).where(ScheduledMessage.client_id == plan.client_id))).scalar_one_or_none()
    if before is not None and before.contact_id == contact.id:
        return before
    see_time(plan.due_at)
    waiting = select(col(ScheduledMessage.id)).where(ScheduledMessage.contact_id == contact.id, ScheduledMessage.state == "waiting")
    if len((await db.execute(waiting)).all()) >= MAX_WAITING:
        raise ScheduleRefused(
            gettext("%(most)s messages to this contact wait for their time already. Cancel one of them first.") % {"most": MAX_WAITING}
        )
    files = await files_to_send(db, plan.file_ids, by=by.id)
    draft = Draft(parts(installation, db.workspace_id, plan.text, files), plan.channel_id, reply_to=plan.reply_to, tag=plan.tag)
    channel = await check(installation, db, contact, draft, by=by)
    row = ScheduledMessage(
        contact_id=contact.id,
        member_id=by.id,
        channel_id=channel.id,
        text=plan.text.strip(),
        file_ids=[file.id for file in files],
        reply_to=plan.reply_to,
        tag=plan.tag,
        client_id=plan.client_id,
        due_at=plan.due_at,
    )
    db.add(row)
    await db.flush()
    await wake_at(db, WAKEUP, contact.id, plan.due_at, subject_id=row.id)
    _show(db, row)
    return row


async def reschedule(db: WriteSession, row: ScheduledMessage, due_at: datetime) -> None:
    """Send it at another time. The caller holds the contact's lock. Raises `ScheduleRefused`."""
    _see_there(row)
    see_time(due_at)
    row.due_at, row.state, row.reason = due_at, "waiting", None
    await wake_at(db, WAKEUP, row.contact_id, due_at, subject_id=row.id)
    await db.flush()
    _show(db, row)


async def cancel(db: WriteSession, row: ScheduledMessage, *, by: Member) -> Sequence[StoredFile]:
    """Do not send it; its files are handed to whoever cancels, to go on with. The caller holds the contact's lock.

    Raises `ScheduleRefused` if it was sent or cancelled before.
    """
    _see_there(row)
    await _settle(db, row, "cancelled")
    await db.execute(_HAND_OVER, {"member": by.id, "ids": row.file_ids})
    return (await _files(db, [row])).get(row.id, ())


async def send_now(installation: Installation, db: WriteSession, row: ScheduledMessage, *, by: Member) -> list[Message]:
    """Send it at once, as whoever says so. The caller holds the contact's lock. Raises `ReplyRefused`, `ScheduleRefused`."""
    _see_there(row)
    row.member_id = by.id
    return await _send(installation, db, row, by)


async def send_scheduled(installation: Installation, db: WriteSession, contact: Contact, wakeup: Wakeup) -> None:
    """Its time has come: send it, or say why not."""
    row = await db.get(ScheduledMessage, (db.workspace_id, wakeup.subject_id), with_for_update={"key_share": True})
    if row is None or row.state != "waiting" or row.contact_id != contact.id:
        return
    writer = await db.get(Member, (db.workspace_id, row.member_id))
    reason = await _obstacle(db, contact, writer)
    if writer is not None and not reason:
        try:
            async with db.begin_nested():
                await _send(installation, db, row, writer)
        except ReplyRefused as error:
            reason = str(error)
            await db.refresh(row)
    if reason:
        await _fail(db, contact, row, writer, reason)


async def held_scheduled(db: WriteSession, contact: Contact, scheduled_id: int) -> ScheduledMessage:
    """A scheduled reply to a contact that the caller holds. Raises `NotThere`."""
    row: ScheduledMessage | None = await db.get(
        ScheduledMessage, (db.workspace_id, scheduled_id), with_for_update={"key_share": True}, populate_existing=True
    )
    if row is None or row.contact_id != contact.id:
        raise NotThere(gettext("There is no such scheduled message."))
    return row


async def scheduled(db: ReadSession, contact_ids: Sequence[int]) -> Mapping[int, Sequence[Planned]]:
    """What is to be sent to these contacts, and what could not be, by contact, the next one first."""
    statement = (
        select(ScheduledMessage, Member, ConnectedChannel)
        .outerjoin(Member, col(Member.id) == col(ScheduledMessage.member_id))
        .outerjoin(ConnectedChannel, col(ConnectedChannel.id) == col(ScheduledMessage.channel_id))
        .where(col(ScheduledMessage.contact_id).in_(contact_ids), col(ScheduledMessage.state).in_(SHOWN))
        .order_by(col(ScheduledMessage.due_at), col(ScheduledMessage.id))
    )
    rows = (await db.execute(statement)).all()
    files = await _files(db, [row for row, _writer, _channel in rows])
    found: dict[int, list[Planned]] = {contact_id: [] for contact_id in contact_ids}
    for row, writer, channel in rows:
        found[row.contact_id].append(Planned(row, writer, channel, files.get(row.id, ())))
    return found


def see_time(due_at: datetime) -> None:
    """Raises `ScheduleRefused` for a time that has passed or is too far away."""
    if due_at <= now():
        raise ScheduleRefused(gettext("This time has passed. Choose one in the future."))
    if due_at > now() + LONGEST:
        raise ScheduleRefused(gettext("This is more than a year away. Choose an earlier time."))


def _see_there(row: ScheduledMessage) -> None:
    if row.state == "sent":
        raise ScheduleRefused(gettext("This message was sent meanwhile."))
    if row.state == "cancelled":
        raise ScheduleRefused(gettext("This message was cancelled meanwhile."))


async def _obstacle(db: WriteSession, contact: Contact, writer: Member | None) -> str:
    """Why its writer could not send it now; empty if nothing of the sort."""
    if writer is None or writer.removed_at is not None:
        return (
            gettext("%(name)s is not in this workspace any more.") % {"name": writer.name}
            if writer
            else gettext("Its writer is not in this workspace any more.")
        )
    seen = select(col(Contact.id)).where(col(Contact.id) == contact.id, visible_to(writer))
    if not may(writer, Right.INBOX) or (await db.execute(seen)).first() is None:
        return gettext("%(name)s may not write to this contact any more.") % {"name": writer.name}
    return ""


async def _send(installation: Installation, db: WriteSession, row: ScheduledMessage, by: Member) -> list[Message]:
    contents = parts(installation, db.workspace_id, row.text, await files_to_send(db, row.file_ids))
    draft = Draft(contents, row.channel_id, row.client_id, row.reply_to, row.tag)
    messages = await reply(installation, db, row.contact_id, draft, by=by)
    await _settle(db, row, "sent")
    return messages


async def _settle(db: WriteSession, row: ScheduledMessage, state: str) -> None:
    row.state, row.reason = state, None
    await db.execute(_FORGET, {"contact": row.contact_id, "kind": WAKEUP, "id": row.id})
    await db.flush()
    _show(db, row)


async def _fail(db: WriteSession, contact: Contact, row: ScheduledMessage, writer: Member | None, reason: str) -> None:
    row.state, row.reason = "failed", reason
    await db.flush()
    _show(db, row)
    here = writer is not None and writer.removed_at is None
    whom = row.member_id if here else contact.assignee_id
    if whom is not None:
        await notify(db, "send_failed", contact.id, to=[whom], scheduled_id=row.id, words=row.text[:200], reason=reason)


async def _files(db: ReadSession, rows: Sequence[ScheduledMessage]) -> dict[int, list[StoredFile]]:
    ids = {file_id for row in rows for file_id in row.file_ids}
    if not ids:
        return {}
    found = {file.id: file for file in (await db.execute(select(StoredFile).where(col(StoredFile.id).in_(ids)))).scalars()}
    return {row.id: [found[file_id] for file_id in row.file_ids if file_id in found] for row in rows}


def _show(db: WriteSession, row: ScheduledMessage) -> None:
    db.announce("scheduled", row.contact_id, id=row.id)
