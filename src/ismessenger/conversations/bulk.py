"""One change to many conversations of a list: a few at once, with a way back; all that the list shows as a long job."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from ismessenger.accounts.members import MemberNotFound, present_member
from ismessenger.accounts.model import Member
from ismessenger.accounts.read import mark_unread
from ismessenger.accounts.rights import Right
from ismessenger.accounts.visibility import visible_to
from ismessenger.background.asker import asker
from ismessenger.background.job import JobFailed, Running, start_job
from ismessenger.background.model import Job
from ismessenger.contacts.bulk import ACTIONS, Change, check, piece
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.filtered import Count, count_where
from ismessenger.contacts.model import Contact
from ismessenger.conversations.inboxes import inbox_named, open_inbox
from ismessenger.conversations.listing import Narrowing, Status, narrowed
from ismessenger.conversations.many import assign_contacts
from ismessenger.conversations.model import Conversation
from ismessenger.conversations.snooze import wake_contacts
from ismessenger.conversations.undo import take_back
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

KIND: Final = "inbox_bulk"
AT_ONCE: Final = 100
"""More than so many contacts are changed by a worker."""

MAX_DIGITS: Final = 18
JOBS: Final = frozenset({"assign", "unassign", "close", "open", "snooze", "wake", "tag", "untag"})
UNREAD: Final = "unread"
OFFERED: Final = JOBS | {UNREAD}


@dataclass(frozen=True, slots=True)
class Everything:
    """All that a list shows: the inbox by its name, and what of it. ``timezone`` is the workspace's."""

    inbox: str
    status: Status = "open"
    unreplied: bool = False
    timezone: str = "UTC"

    async def clause(self, db: ReadSession, member: Member) -> ColumnElement[bool]:
        """A condition on `Contact`, beside `visible_to`. Raises `NotThere`."""
        opened = await open_inbox(db, member, inbox_named(self.inbox), self.timezone)
        return opened.where & narrowed(Narrowing(self.status, self.unreplied))


@dataclass(frozen=True, slots=True)
class Done:
    """What a change at once did: the contacts that changed, and what `take_it_back` needs, empty where there is no way back."""

    contact_ids: Sequence[int]
    undo: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Before:
    assignee_id: int | None
    status: str
    last_incoming_id: int | None


async def change_at_once(db: WriteSession, member: Member, change: Change, contact_ids: Sequence[int]) -> Done:
    """Change these, as far as the member sees them. Raises `Refused`, `NotThere`, `MemberNotFound`, `ConversationRefused`."""
    if change.action not in OFFERED:
        raise Refused(gettext("There is no such action."))
    if len(contact_ids) > AT_ONCE:
        raise Refused(gettext("Choose at most %(at_once)s conversations, or all that the list shows.") % {"at_once": AT_ONCE})
    before = await _held(db, member, contact_ids)
    if change.action == UNREAD:
        return Done(await _unread(db, member, before), {})
    await check(db, change)
    changed = await ACTIONS[change.action](db, list(before), change, member.id)
    return Done(changed, await _way_back(db, change, changed, before))


async def take_it_back(db: WriteSession, member: Member, undo: Mapping[str, str]) -> Sequence[int]:
    """Undo what a change at once did, where nothing has happened since; returns the contacts. Raises `Refused`."""
    ids = _numbers(undo.get("ids", ""))
    match undo.get("action"):
        case "close":
            return await take_back(db, ids, by=member.id)
        case "snooze":
            return await wake_contacts(db, list(await _held(db, member, ids)), by=member.id)
        case "assign":
            return await _hand_back(db, member, undo)
    raise Refused(gettext("There is no way back from this."))


async def count_everything(db: ReadSession, member: Member, everything: Everything) -> Count:
    """How many contacts the list shows. Raises `NotThere`."""
    return await count_where(db, visible_to(member), await everything.clause(db, member))


async def start_inbox_bulk(db: WriteSession, member: Member, change: Change, everything: Everything) -> Job:
    """Have a worker change all that the list shows. Raises `Refused`, `NotThere`, `MemberNotFound`, `ConversationRefused`."""
    if change.action not in JOBS:
        raise Refused(gettext("This can be done to %(at_once)s conversations at once. Choose some.") % {"at_once": AT_ONCE})
    await check(db, change)
    await everything.clause(db, member)
    return await start_job(db, KIND, {"change": change.as_json(), "everything": asdict(everything)}, by=member.id)


async def run_inbox_bulk(running: Running) -> None:
    """The job, for whoever asked and no further than they may."""
    change, everything = Change(**running.params["change"]), Everything(**running.params["everything"])

    async def next_piece(db: WriteSession, job: Job) -> bool:
        member = await asker(db, job.created_by_id, Right.INBOX)
        try:
            chosen = await everything.clause(db, member)
        except NotThere as error:
            raise JobFailed(str(error)) from error
        return await piece(db, job, member, change, chosen)

    while await running.carry(next_piece):
        pass


async def _held(db: WriteSession, member: Member, contact_ids: Sequence[int]) -> dict[int, _Before]:
    """Those that the member sees, locked in the order of their ids."""
    columns = (col(Contact.id), col(Contact.assignee_id), col(Contact.status), col(Contact.last_incoming_id))
    wanted = select(*columns).where(visible_to(member), col(Contact.id).in_(contact_ids)).order_by(col(Contact.id))
    rows = (await db.execute(wanted.with_for_update(key_share=True))).all()
    return {id_: _Before(assignee_id, status, last_incoming_id) for id_, assignee_id, status, last_incoming_id in rows}


async def _unread(db: WriteSession, member: Member, before: Mapping[int, _Before]) -> list[int]:
    # A few marks of one member: there is no statement for many.
    written = {contact_id: each.last_incoming_id for contact_id, each in before.items() if each.last_incoming_id}
    for contact_id, message_id in written.items():
        await mark_unread(db, member.id, contact_id, message_id)
    return list(written)


async def _way_back(db: WriteSession, change: Change, changed: Sequence[int], before: Mapping[int, _Before]) -> dict[str, str]:
    match change.action:
        case "close":
            newest = select(func.max(col(Conversation.id))).where(col(Conversation.contact_id).in_(changed))
            closed = (await db.execute(newest.group_by(col(Conversation.contact_id)))).scalars()
            return {"action": "close", "ids": _joined(closed)}
        case "snooze":
            # One that was snoozed already only got another time.
            return {"action": "snooze", "ids": _joined(id_ for id_ in changed if before[id_].status == "open")}
        case "assign" | "unassign":
            pairs = _joined(f"{contact_id}:{before[contact_id].assignee_id or ''}" for contact_id in changed)
            return {"action": "assign", "from": str(change.member_id or "") if change.action == "assign" else "", "to": pairs}
    return {}


async def _hand_back(db: WriteSession, member: Member, undo: Mapping[str, str]) -> list[int]:
    """To whom each was before, where nobody has handed it on since."""
    pairs = [pair.partition(":")[::2] for pair in undo.get("to", "").split(",")[:AT_ONCE]]
    wanted = {number: _number(to) for contact_id, to in pairs if (number := _number(contact_id))}
    held = await _held(db, member, list(wanted))
    still = [contact_id for contact_id, each in held.items() if (each.assignee_id or 0) == _number(undo.get("from", ""))]
    changed: list[int] = []
    for to, contact_ids in groupby(sorted(still, key=lambda each: (wanted[each], each)), key=wanted.__getitem__):
        try:
            to_member = await present_member(db, to) if to else None
        except MemberNotFound:
            continue
        changed += await assign_contacts(db, list(contact_ids), to=to_member, by=member.id)
    return changed


def _joined(values: Iterable[object]) -> str:
    return ",".join(map(str, values))


def _numbers(text: str) -> list[int]:
    return [number for each in text.split(",")[:AT_ONCE] if (number := _number(each))]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else 0
