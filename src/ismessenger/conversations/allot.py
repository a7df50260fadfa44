"""Give contacts to members by a rule: one of a pool, in turn or to whoever has the least to do, within limits.

Who finds nobody that qualifies waits in the queue, and nobody overtakes those who wait there already.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member, Team
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.model import Contact
from ismessenger.conversations.desk import Desk, desk_for
from ismessenger.conversations.many import assign_contacts
from ismessenger.conversations.queue import (
    LANE,
    Asker,
    Rule,
    Wanted,
    enqueue,
    hold_assigning,
    remember_turns,
    turns_of,
    waiting_rules,
)
from ismessenger.installation import Installation
from ismessenger.sdk.step import Assign
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession


async def allot_many(
    installation: Installation, db: WriteSession, order: Assign, wanted: Sequence[Wanted], asker: Asker
) -> Mapping[int, int | None]:
    """To whom each contact went, by the contact; None is nobody, where the order says so. Those that are missing wait in the queue.

    The caller holds the contacts' locks, taken in the order of their ids. Raises `Refused` where nobody could ever qualify. A run of a
    contact that waits hears a signal ``result`` with ``{"member_id": 3}``, whoever assigns it in the end.
    """
    if order.pool == "nobody":
        await assign_contacts(db, [each.contact_id for each in wanted], to=None, actor=asker.actor, by=asker.by)
        return {each.contact_id: None for each in wanted}
    await _see_pool(db, order)
    await hold_assigning(db)
    rule, waiting = Rule.of(order), set(await waiting_rules(db))
    desk = await desk_for(db, installation.redis, {rule, *waiting}, held=True)
    desk.turns = await turns_of(db, [asker.turn])
    is_open = await open_ones(db, [each.contact_id for each in wanted])
    went: dict[int, int | None] = {}
    given: dict[int, list[Wanted]] = defaultdict(list)
    queued: list[Wanted] = []
    for each in wanted:
        member = desk.next(rule, asker.turn)
        if member is None or any(desk.takes(other, member) for other in waiting):
            queued.append(each)
            waiting.add(rule)
            continue
        desk.give(member, asker.turn, is_open=each.contact_id in is_open)
        given[member.id].append(each)
        went[each.contact_id] = member.id
    await hand_over(db, desk, order, given, asker)
    await enqueue(db, order, queued, asker)
    if queued:
        db.ring(LANE)
    return went


async def hand_over(db: WriteSession, desk: Desk, order: Assign, given: Mapping[int, Sequence[Wanted]], asker: Asker) -> None:
    """Assign what was given out at the desk, by member, and remember whose turn it was."""
    for member_id, those in sorted(given.items()):
        contact_ids = [each.contact_id for each in those]
        await assign_contacts(db, contact_ids, to=desk.members[member_id], actor=asker.actor, by=asker.by)
        if order.reassign_offline:
            await enqueue(db, order, those, asker, member_id=member_id)
    await remember_turns(db, desk.taken_turns)


async def open_ones(db: ReadSession, contact_ids: Sequence[int]) -> frozenset[int]:
    """Those of the contacts that count as something to do."""
    is_open = (col(Contact.status) == "open") & col(Contact.blocked_at).is_(None)
    return frozenset((await db.execute(select(col(Contact.id)).where(col(Contact.id).in_(contact_ids), is_open))).scalars())


async def _see_pool(db: ReadSession, order: Assign) -> None:
    if order.pool == "team" and await db.get(Team, (db.workspace_id, order.to)) is None:
        raise Refused(gettext("The team to which contacts were to go was deleted. Choose another one."))
    if order.pool == "member":
        member = await db.get(Member, (db.workspace_id, order.to))
        if member is None or member.removed_at is not None:
            raise Refused(gettext("Who was to get the contacts has left the workspace. Choose somebody else."))
