"""Serve the queue of a workspace: whoever qualifies gets the contact that has waited longest.

Here too contacts that are to go on when their member goes offline get another one. They keep theirs until somebody else is online.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, text, tuple_
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import gone_since
from ismessenger.automation.model import QueuedAssignment
from ismessenger.contacts.model import Contact
from ismessenger.conversations.allot import hand_over, open_ones
from ismessenger.conversations.desk import Desk, desk_for
from ismessenger.conversations.queue import Asker, Rule, Wanted, hold_assigning, rules_of, turns_of
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.step import Assign
from ismessenger.tenancy.doors import ReadSession, WriteSession

AT_ONCE: Final = 100
GRACE: Final = timedelta(minutes=2)
"""So long, after the time of inactivity, somebody offline keeps what was to go on."""

_HOLD = text("SELECT id FROM contact WHERE id = ANY(:contacts) ORDER BY id FOR NO KEY UPDATE")
_KEEPERS = select(col(QueuedAssignment.member_id)).where(col(QueuedAssignment.member_id).is_not(None)).distinct()
_OPEN = select(col(Contact.id)).where(col(Contact.status) == "open")
_DONE = text(
    "DELETE FROM queued_assignment AS q USING contact AS c WHERE c.id = q.contact_id AND q.member_id = ANY(:members)"
    " AND (c.assignee_id IS DISTINCT FROM q.member_id OR c.status = 'closed')"
)


async def serve_queue(installation: Installation, workspace_id: int) -> int:
    """Hand out what can be handed out now; returns how many contacts that were."""
    return await _serve_waiting(installation, workspace_id) + await _pass_on(installation, workspace_id)


async def _serve_waiting(installation: Installation, workspace_id: int) -> int:
    waiting = col(QueuedAssignment.member_id).is_(None)
    async with installation.tenancy.reading(workspace_id) as db:
        served = await _servable(installation, db, await rules_of(db, waiting), lambda rule: rule)
    return await _give_out(installation, workspace_id, waiting, served) if served else 0


async def _pass_on(installation: Installation, workspace_id: int) -> int:
    """Contacts of members who have been offline for a while go to others that are online, by the rule that once gave them."""
    async with installation.tenancy.reading(workspace_id) as db:
        keepers = (await db.execute(select(Member).where(col(Member.id).in_(_KEEPERS)))).scalars().all()
        gone = await gone_since(db, installation.redis, keepers) if keepers else {}
        away = [member_id for member_id, since in gone.items() if since + GRACE <= now()]
        theirs = col(QueuedAssignment.member_id).in_(away) & col(QueuedAssignment.contact_id).in_(_OPEN)
        served = await _servable(installation, db, await rules_of(db, theirs), _online) if away else {}
    if not served:
        return 0
    async with installation.tenancy.workspace(workspace_id) as db:
        await db.execute(_DONE, {"members": away})
    return await _give_out(installation, workspace_id, theirs, served)


async def _servable(
    installation: Installation, db: ReadSession, rules: Collection[Rule], asked: Callable[[Rule], Rule]
) -> Mapping[Rule, Rule]:
    """The rules after which somebody could take a contact now, each with the one that is really asked."""
    if not rules:
        return {}
    desk = await desk_for(db, installation.redis, {asked(rule) for rule in rules})
    return {rule: asked(rule) for rule in rules if desk.qualify(asked(rule))}


async def _give_out(installation: Installation, workspace_id: int, where: ColumnElement[bool], served: Mapping[Rule, Rule]) -> int:
    async with installation.tenancy.workspace(workspace_id) as db:
        rows = await _hold_rows(db, where & _after(served))
        desk = await desk_for(db, installation.redis, set(served.values()), held=True)
        desk.turns = await turns_of(db, list({row.turn for row in rows}))
        taken = _taken(desk, rows, served, await open_ones(db, [row.contact_id for row in rows]))
        for order, asker, those in _alike(taken):
            await hand_over(db, desk, order, those, asker)
        return len(taken)


async def _hold_rows(db: WriteSession, where: ColumnElement[bool]) -> Sequence[QueuedAssignment]:
    """The oldest of these, with their contacts held, and nobody else assigning."""
    oldest = select(col(QueuedAssignment.contact_id)).where(where).order_by(col(QueuedAssignment.id)).limit(AT_ONCE)
    contact_ids = list((await db.execute(oldest)).scalars())
    await db.execute(_HOLD, {"contacts": contact_ids})
    await hold_assigning(db)
    rows = select(QueuedAssignment).where(where, col(QueuedAssignment.contact_id).in_(contact_ids)).order_by(col(QueuedAssignment.id))
    return (await db.execute(rows)).scalars().all()


def _taken(
    desk: Desk, rows: Sequence[QueuedAssignment], served: Mapping[Rule, Rule], is_open: frozenset[int]
) -> Sequence[tuple[QueuedAssignment, int]]:
    """Which of the rows go to whom, the oldest first."""
    given: set[int] = set()
    taken: list[tuple[QueuedAssignment, int]] = []
    for row in rows:
        # A contact may wait for several runs: whoever gets it, all of them hear.
        member = desk.next(served[_rule(row)], row.turn) if row.contact_id not in given else None
        if member is not None:
            desk.give(member, row.turn, is_open=row.contact_id in is_open)
            given.add(row.contact_id)
            taken.append((row, member.id))
    return taken


def _alike(taken: Sequence[tuple[QueuedAssignment, int]]) -> Iterable[tuple[Assign, Asker, Mapping[int, Sequence[Wanted]]]]:
    """Together what is assigned in one go: by the same order and by the same who, the contacts by member."""
    groups: dict[tuple[object, ...], list[tuple[QueuedAssignment, int]]] = defaultdict(list)
    for row, member_id in taken:
        groups[_rule(row), row.reassign_offline, row.actor, row.by_id, row.turn].append((row, member_id))
    for those in groups.values():
        row = those[0][0]
        by_member: dict[int, list[Wanted]] = defaultdict(list)
        for each, member_id in those:
            by_member[member_id].append(Wanted(each.contact_id))
        yield _order(row), Asker(row.actor, row.by_id, row.turn), by_member


def _order(row: QueuedAssignment) -> Assign:
    limits = {"logic": row.logic, "online_only": row.online_only, "below": row.below, "reassign_offline": row.reassign_offline}
    return Assign.model_validate({"pool": row.pool, "to": row.pool_id, **limits})


def _rule(row: QueuedAssignment) -> Rule:
    return Rule(row.pool, row.pool_id, row.logic, row.online_only, row.below)


def _online(rule: Rule) -> Rule:
    return replace(rule, online_only=True)


def _after(rules: Collection[Rule]) -> ColumnElement[bool]:
    """Rows of these rules. No id and no limit is 0."""
    columns = (QueuedAssignment.pool, func.coalesce(QueuedAssignment.pool_id, 0), QueuedAssignment.logic, QueuedAssignment.online_only)
    wanted = [(rule.pool, rule.pool_id or 0, rule.logic, rule.online_only, rule.below or 0) for rule in rules]
    return tuple_(*columns, func.coalesce(QueuedAssignment.below, 0)).in_(wanted)
