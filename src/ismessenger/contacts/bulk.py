"""One change to many contacts, as a long job: piece by piece, in the order of their ids, for whoever asked and no further than they may."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from ismessenger.accounts.members import MemberNotFound, present_member
from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.visibility import visible_to
from ismessenger.background.asker import asker
from ismessenger.background.job import JobFailed, Running, start_job
from ismessenger.background.model import Job
from ismessenger.contacts.block import block_contacts, unblock_contacts
from ismessenger.contacts.erase import erase_contacts
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.filtered import count_where
from ismessenger.contacts.lifecycle import stage_named
from ismessenger.contacts.mark import move_contacts, tag_contacts
from ismessenger.contacts.model import Contact
from ismessenger.contacts.select import Selection, selected, selection_of
from ismessenger.contacts.tags import tag_named
from ismessenger.conversations.close import checked_note
from ismessenger.conversations.errors import ConversationRefused
from ismessenger.conversations.many import assign_contacts, close_contacts
from ismessenger.conversations.open import open_conversations
from ismessenger.conversations.snooze import see_time, snooze_contacts, wake_contacts
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

KIND = "contacts_bulk"
SLICE = 200
MAX_TAGS = 50


@dataclass(frozen=True, slots=True)
class Change:
    """What shall happen: ``action`` is a key of `ACTIONS`; the rest is what that action needs. No ``stage_id`` takes out of all stages.

    ``category_id`` and ``summary`` are a closing note; ``until`` is when a snooze ends, in ISO 8601.
    """

    action: str
    member_id: int | None = None
    tag_ids: Sequence[int] = ()
    stage_id: int | None = None
    category_id: int | None = None
    summary: str = ""
    until: str = ""

    def as_json(self) -> dict[str, Any]:
        """As a job keeps it."""
        return {**asdict(self), "tag_ids": list(self.tag_ids)}


Act = Callable[[WriteSession, Sequence[int], Change, int], Awaitable[Sequence[int]]]
"""Changes contacts whose ids rise, for a member; returns those that were changed."""


async def start_bulk(db: WriteSession, member: Member, change: Change, selection: Selection) -> Job:
    """Have a worker do it after the commit. Raises `Refused`, `NotThere`, `MemberNotFound`."""
    if change.action not in ACTIONS:
        raise Refused(gettext("There is no such action."))
    if not all(may(member, right) for right in _rights(change.action)):
        raise Refused(gettext("You are not allowed to do this. An owner of the workspace can change that."))
    await check(db, change)
    return await start_job(db, KIND, {**change.as_json(), "selection": selection.as_json()}, by=member.id)


async def run_bulk(running: Running) -> None:
    """The job. What matches is asked anew for every piece, beyond the last id: so a change may end what made a contact match."""
    params = dict(running.params)
    selection = selection_of(params.pop("selection"))
    change = Change(**params)

    async def next_piece(db: WriteSession, job: Job) -> bool:
        member = await asker(db, job.created_by_id, *_rights(change.action))
        return await piece(db, job, member, change, await selected(db, selection))

    while await running.carry(next_piece):
        pass


async def check(db: WriteSession, change: Change) -> None:
    """What the change names must be there, at the start and all the while.

    Raises `Refused`, `NotThere`, `MemberNotFound`, `ConversationRefused`.
    """
    if change.action == "close":
        await checked_note(db, "user", category_id=change.category_id, summary=change.summary)
    if change.action == "snooze":
        if not change.until:
            raise Refused(gettext("Choose until when to snooze them."))
        see_time(datetime.fromisoformat(change.until))
    if change.action == "assign":
        if change.member_id is None:
            raise Refused(gettext("Choose whom to assign them to."))
        await present_member(db, change.member_id)
    if change.action in {"tag", "untag"}:
        if not 0 < len(change.tag_ids) <= MAX_TAGS:
            raise Refused(gettext("Choose from 1 to %(most)s tags.") % {"most": MAX_TAGS})
        for tag_id in change.tag_ids:
            await tag_named(db, tag_id)
    if change.action == "stage" and change.stage_id is not None:
        await stage_named(db, change.stage_id)


async def piece(db: WriteSession, job: Job, member: Member, change: Change, chosen: ColumnElement[bool]) -> bool:
    """One slice of a job that changes contacts; returns whether there may be more. Raises `JobFailed`."""
    try:
        await check(db, change)
    except (Refused, NotThere, MemberNotFound, ConversationRefused) as error:
        raise JobFailed(str(error)) from error
    where = visible_to(member) & chosen
    if not job.position:
        # Whoever becomes a contact from now on is not meant.
        newest = (await db.execute(select(func.max(col(Contact.id))))).scalar_one()
        job.position = {"last": 0, "until": newest or 0}
        job.total = (await count_where(db, where)).number
    within = col(Contact.id).between(job.position["last"] + 1, job.position["until"])
    ids = list((await db.execute(select(col(Contact.id)).where(where, within).order_by(col(Contact.id)).limit(SLICE))).scalars())
    if not ids:
        return False
    changed = len(await ACTIONS[change.action](db, ids, change, member.id))
    job.done += len(ids)
    word = "deleted" if change.action == "delete" else "changed"
    counted = {word: changed, "unchanged": len(ids) - changed}
    job.counts = {key: job.counts.get(key, 0) + number for key, number in counted.items()}
    job.position = {**job.position, "last": ids[-1]}
    return len(ids) == SLICE


def _rights(action: str) -> Sequence[Right]:
    return [Right.CONTACTS, Right.DELETE_CONTACTS] if action == "delete" else [Right.CONTACTS]


async def _assign(db: WriteSession, ids: Sequence[int], change: Change, by: int) -> Sequence[int]:
    to = await present_member(db, change.member_id) if change.action == "assign" and change.member_id else None
    return await assign_contacts(db, ids, to=to, by=by)


async def _close(db: WriteSession, ids: Sequence[int], change: Change, by: int) -> Sequence[int]:
    return await close_contacts(db, ids, by=by, category_id=change.category_id, summary=change.summary)


async def _snooze(db: WriteSession, ids: Sequence[int], change: Change, by: int) -> Sequence[int]:
    return await snooze_contacts(db, ids, datetime.fromisoformat(change.until), by=by)


async def _wake(db: WriteSession, ids: Sequence[int], _change: Change, by: int) -> Sequence[int]:
    return await wake_contacts(db, ids, by=by)


async def _open(db: WriteSession, ids: Sequence[int], _change: Change, by: int) -> Sequence[int]:
    held = select(Contact).where(col(Contact.id).in_(ids)).order_by(col(Contact.id)).with_for_update(key_share=True)
    contacts = (await db.execute(held.execution_options(populate_existing=True))).scalars()
    shut = [contact.id for contact in contacts if contact.blocked_at is None and contact.status != "open"]
    opened = await open_conversations(db, shut, sources=["user"] * len(shut), at=now(), actor="user", by=by)
    for contact_id in opened:
        db.announce("contact", contact_id)
    return list(opened)


async def _tag(db: WriteSession, ids: Sequence[int], change: Change, by: int) -> Sequence[int]:
    return await tag_contacts(db, ids, add=change.tag_ids, by=by)


async def _untag(db: WriteSession, ids: Sequence[int], change: Change, by: int) -> Sequence[int]:
    return await tag_contacts(db, ids, remove=change.tag_ids, by=by)


async def _stage(db: WriteSession, ids: Sequence[int], change: Change, by: int) -> Sequence[int]:
    return await move_contacts(db, ids, change.stage_id, by=by)


async def _block(db: WriteSession, ids: Sequence[int], _change: Change, by: int) -> Sequence[int]:
    return await block_contacts(db, ids, by=by)


async def _unblock(db: WriteSession, ids: Sequence[int], _change: Change, by: int) -> Sequence[int]:
    return await unblock_contacts(db, ids, by=by)


async def _delete(db: WriteSession, ids: Sequence[int], _change: Change, by: int) -> Sequence[int]:
    return await erase_contacts(db, ids, by=by)


ACTIONS: Final[Mapping[str, Act]] = {
    "assign": _assign,
    "unassign": _assign,
    "tag": _tag,
    "untag": _untag,
    "stage": _stage,
    "open": _open,
    "close": _close,
    "snooze": _snooze,
    "wake": _wake,
    "block": _block,
    "unblock": _unblock,
    "delete": _delete,
}
