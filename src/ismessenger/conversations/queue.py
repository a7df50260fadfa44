"""The queue of contacts that wait until a member qualifies for them. The caller holds the locks of the contacts.

Whoever assigns a contact takes it out, and the runs that wait for it hear of it. A run that waits no more takes its own place out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, text
from sqlmodel import col

from ismessenger.accounts.presence import WAITING
from ismessenger.automation.model import QueuedAssignment
from ismessenger.kit.clock import now
from ismessenger.sdk.step import Assign
from ismessenger.tenancy.doors import ReadSession, WriteSession

LANE = WAITING


@dataclass(frozen=True, slots=True)
class Wanted:
    """A contact that is to be assigned, and the run that hears of it: ``key`` names the entry of its step."""

    contact_id: int
    run_id: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who assigns, as events name it, and ``turn``: who had the last turn in this round robin is remembered under this name."""

    actor: str
    by: int | None
    turn: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Who qualifies, and how one of them is chosen."""

    pool: str
    pool_id: int | None
    logic: str = "round_robin"
    online_only: bool = False
    below: int | None = None

    @staticmethod
    def of(order: Assign) -> "Rule":
        """That of a step."""
        return Rule(order.pool, order.to, order.logic, order.online_only, order.below)


_LEAVE = text("DELETE FROM queued_assignment WHERE run_id = ANY(:runs)")
_SETTLE = text(
    "WITH gone AS (DELETE FROM queued_assignment WHERE contact_id = ANY(:contacts) RETURNING id, contact_id, run_id, key)"
    " INSERT INTO workflow_signal (contact_id, kind, payload, due_at, at)"
    " SELECT contact_id, 'result', jsonb_build_object('run_id', run_id, 'key', key, 'ok', true, 'reason', '',"
    " 'details', jsonb_build_object('member_id', CAST(:member AS bigint))), :at, :at"
    " FROM gone WHERE run_id IS NOT NULL ORDER BY id RETURNING id"
)
_PUT = text(
    "INSERT INTO queued_assignment (contact_id, run_id, key, member_id, actor, by_id, pool, pool_id, logic, online_only, below,"
    " reassign_offline, turn, at)"
    " SELECT w.contact_id, w.run_id, w.key, CAST(:member AS bigint), :actor, CAST(:by AS bigint), :pool, CAST(:pool_id AS bigint), :logic,"
    " :online_only, CAST(:below AS integer), :reassign_offline, :turn, :at"
    " FROM unnest(CAST(:contacts AS bigint[]), CAST(:runs AS bigint[]), CAST(:keys AS text[])) WITH ORDINALITY"
    " AS w(contact_id, run_id, key, n) ORDER BY w.n"
    " ON CONFLICT (workspace_id, contact_id, COALESCE(run_id, 0)) DO UPDATE SET key = excluded.key, member_id = excluded.member_id,"
    " actor = excluded.actor, by_id = excluded.by_id, pool = excluded.pool, pool_id = excluded.pool_id, logic = excluded.logic,"
    " online_only = excluded.online_only, below = excluded.below, reassign_offline = excluded.reassign_offline, turn = excluded.turn,"
    " at = excluded.at"
)
_TURNS = text("SELECT turn, member_id FROM assignment_turn WHERE turn = ANY(:turns)")
_REMEMBER = text(
    "INSERT INTO assignment_turn (turn, member_id)"
    " SELECT * FROM unnest(CAST(:turns AS text[]), CAST(:members AS bigint[])) AS t(turn, member_id)"
    " ON CONFLICT (workspace_id, turn) DO UPDATE SET member_id = excluded.member_id"
)
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended('assignment', :workspace_id))")


async def leave_queue(db: WriteSession, run_ids: Sequence[int]) -> None:
    """These runs wait for nobody any more: their time was up, or they ended."""
    await db.execute(_LEAVE, {"runs": list(run_ids)})


async def settle_queue(db: WriteSession, contact_ids: Sequence[int], member_id: int) -> None:
    """These contacts were assigned: whatever waited for that goes on."""
    told = (await db.execute(_SETTLE, {"contacts": list(contact_ids), "member": member_id, "at": now()})).all()
    if told:
        db.ring("automation")


async def enqueue(db: WriteSession, order: Assign, wanted: Sequence[Wanted], asker: Asker, *, member_id: int | None = None) -> None:
    """Have these contacts wait; with ``member_id`` they are that member's, as long as they are here."""
    if not wanted:
        return
    limits = {"logic": order.logic, "online_only": order.online_only, "below": order.below, "reassign_offline": order.reassign_offline}
    values = {"actor": asker.actor, "by": asker.by, "turn": asker.turn, "pool": order.pool, "pool_id": order.to, **limits}
    ids = {"contacts": [each.contact_id for each in wanted], "keys": [each.key for each in wanted]}
    runs = [each.run_id if member_id is None else None for each in wanted]
    await db.execute(_PUT, {**values, **ids, "runs": runs, "member": member_id, "at": now()})


async def hold_assigning(db: WriteSession) -> None:
    """One after the other gives contacts to members of a workspace: then nobody gets more than is meant for them, and all turns count.

    Taken after the locks of contacts.
    """
    await db.execute(_HOLD, {"workspace_id": db.workspace_id})


async def rules_of(db: ReadSession, where: ColumnElement[bool]) -> frozenset[Rule]:
    """The different rules of some rows of the queue."""
    row = QueuedAssignment
    rules = select(col(row.pool), col(row.pool_id), col(row.logic), col(row.online_only), col(row.below)).where(where).distinct()
    return frozenset(Rule(*found) for found in (await db.execute(rules)).all())


async def waiting_rules(db: ReadSession) -> frozenset[Rule]:
    """The different rules after which contacts wait now."""
    return await rules_of(db, col(QueuedAssignment.member_id).is_(None))


async def turns_of(db: ReadSession, turns: Sequence[str]) -> dict[str, int]:
    """Who had the last turn."""
    return {row.turn: row.member_id for row in (await db.execute(_TURNS, {"turns": list(turns)})).all()}


async def remember_turns(db: WriteSession, turns: Mapping[str, int]) -> None:
    """Who has it now."""
    if turns:
        await db.execute(_REMEMBER, {"turns": list(turns), "members": list(turns.values())})
