"""What workflows are to hear, in the order in which it happened to each contact; and which contacts a worker takes on."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import text
from sqlmodel import col, select

from ismessenger.contacts.model import Contact
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

AT_ONCE: Final = 400
"""Contacts of a batch."""

EACH: Final = 50
"""Signals of a contact that are heard in one batch."""

PARTS: Final = (0, 1, 2)
"""So many batches of a workspace are under way in a process at once: one is decided while the database works on the others."""

TIME_KIND: Final = "workflow"
"""The kind of the wake-ups of runs. They are not done one by one like others: who hears the signals of a contact hears them too."""

# From one workspace to the next without reading what lies between.
_FIND = text(
    "WITH RECURSIVE w AS ((SELECT workspace_id FROM workflow_signal ORDER BY workspace_id LIMIT 1) UNION ALL"
    " SELECT n.workspace_id FROM w, LATERAL (SELECT workspace_id FROM workflow_signal WHERE workspace_id > w.workspace_id"
    " ORDER BY workspace_id LIMIT 1) AS n)"
    " SELECT workspace_id FROM w UNION SELECT workspace_id FROM (SELECT workspace_id, kind FROM wakeup WHERE due_at <= :now"
    " ORDER BY due_at LIMIT 2000) AS t WHERE kind = 'workflow'"
)
# A contact whose oldest signal is put off waits with all of them.
_CANDIDATES = text(
    "SELECT contact_id FROM (SELECT contact_id FROM workflow_signal s WHERE due_at <= :now AND NOT EXISTS (SELECT FROM workflow_signal o"
    " WHERE o.contact_id = s.contact_id AND o.id < s.id AND o.due_at > :now) ORDER BY id LIMIT :most) AS s"
    " UNION SELECT contact_id FROM"
    " (SELECT contact_id FROM wakeup WHERE kind = 'workflow' AND due_at <= :now ORDER BY due_at LIMIT :most) AS t"
)
_SIGNALS = text(
    "SELECT s.* FROM unnest(CAST(:contacts AS bigint[])) AS c(id), LATERAL"
    " (SELECT id, contact_id, kind, payload, depth, due_at, attempt, at FROM workflow_signal WHERE contact_id = c.id ORDER BY id"
    " LIMIT :each) AS s"
)
_TIMES = text(
    "DELETE FROM wakeup WHERE kind = 'workflow' AND contact_id = ANY(:contacts) AND due_at <= :now RETURNING contact_id, subject_id, due_at"
)
_KEEP_TIMES = text(
    "INSERT INTO wakeup (kind, contact_id, subject_id, due_at, attempt)"
    " SELECT 'workflow', c, r, :due, 0 FROM unnest(CAST(:contacts AS bigint[]), CAST(:runs AS bigint[])) AS n(c, r)"
    " ON CONFLICT (workspace_id, contact_id, kind, subject_id) DO NOTHING"
)
_HEARD = text("DELETE FROM workflow_signal WHERE id = ANY(:ids)")
_LATER = text("UPDATE workflow_signal SET due_at = :due, attempt = attempt + 1 WHERE id = :id")
_TELL = text(
    "INSERT INTO workflow_signal (contact_id, kind, payload, depth, due_at, attempt, at)"
    " SELECT c, k, CAST(p AS jsonb), d, :now, 0, :now FROM unnest(CAST(:contacts AS bigint[]), CAST(:kinds AS text[]),"
    " CAST(:payloads AS text[]), CAST(:depths AS int[])) WITH ORDINALITY AS n(c, k, p, d, o) ORDER BY o"
)


@dataclass(frozen=True, slots=True)
class Signal:
    """A row of `WorkflowSignal`. The time of a run that is up is one of kind ``time``, with the id 0."""

    id: int
    contact_id: int
    kind: str
    payload: Mapping[str, Any]
    at: datetime
    depth: int = 0
    attempt: int = 0


@dataclass(slots=True)
class Claim:
    """Contacts that nobody else works on until the transaction ends, and what is to be heard of each, in order."""

    contacts: Sequence[Contact] = ()
    signals: dict[int, list[Signal]] = field(default_factory=lambda: defaultdict(list))


async def find_signals(installation: Installation) -> Sequence[tuple[int, int]]:
    """The workspaces in which something is to be heard, each in its parts."""
    found: list[tuple[int, int]] = []
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            found += [
                (workspace_id, part) for workspace_id in (await connection.execute(_FIND, {"now": now()})).scalars() for part in PARTS
            ]
    return found


async def claim(db: WriteSession, *, most: int = AT_ONCE, only: Sequence[int] | None = None) -> Claim:
    """Take contacts of which something is due, those that others hold excepted. ``only`` these, if given."""
    at = now()
    wanted = only if only is not None else (await db.execute(_CANDIDATES, {"now": at, "most": most * 4})).scalars().all()
    if not wanted:
        return Claim()
    statement = select(Contact).where(col(Contact.id).in_(wanted)).order_by(col(Contact.id)).limit(most)
    contacts = (await db.execute(statement.with_for_update(key_share=True, skip_locked=True))).scalars().all()
    taken = Claim(contacts)
    ids = [contact.id for contact in contacts]
    times = (await db.execute(_TIMES, {"contacts": ids, "now": at})).all() if ids else []
    put_off: set[int] = set()
    for row in (await db.execute(_SIGNALS, {"contacts": ids, "each": EACH})).all() if ids else []:
        put_off |= {row.contact_id} if row.due_at > at else set()
        if row.contact_id not in put_off:
            taken.signals[row.contact_id].append(Signal(row.id, row.contact_id, row.kind, row.payload, row.at, row.depth, row.attempt))
    for contact_id, run_id, due_at in times:
        taken.signals[contact_id].append(Signal(0, contact_id, "time", {"run_id": run_id}, due_at))
    for signals in taken.signals.values():
        _in_order(signals)
    return taken


def _in_order(signals: list[Signal]) -> None:
    """Signals by their ids, and each time that is up before the first one that came after it."""
    times = sorted((signal for signal in signals if not signal.id), key=lambda signal: signal.at)
    others = [signal for signal in signals if signal.id]
    for time in times:
        place = next((index for index, other in enumerate(others) if other.at > time.at), len(others))
        others.insert(place, time)
    signals[:] = others


async def keep_times(db: WriteSession, taken: Claim, run_ids: Collection[int], after: timedelta) -> None:
    """Runs that nobody can move now hear later that their time is up."""
    times = [signal for signals in taken.signals.values() for signal in signals if not signal.id and signal.payload["run_id"] in run_ids]
    if times:
        values = {"contacts": [time.contact_id for time in times], "runs": [time.payload["run_id"] for time in times]}
        await db.execute(_KEEP_TIMES, {**values, "due": now() + after})


async def heard(db: WriteSession, signals: Sequence[Signal]) -> None:
    """Take away what was heard."""
    if ids := [signal.id for signal in signals if signal.id]:
        await db.execute(_HEARD, {"ids": ids})


async def put_off(db: WriteSession, signal: Signal, after: timedelta) -> None:
    """Hear it, and what came after it, later."""
    await db.execute(_LATER, {"id": signal.id, "due": now() + after})


async def tell(db: WriteSession, told: Sequence[tuple[int, str, Mapping[str, Any], int]]) -> None:
    """Have workflows hear of contacts: (contact, kind, payload, depth)."""
    if not told:
        return
    values = {
        "contacts": [contact_id for contact_id, *_rest in told],
        "kinds": [kind for _contact, kind, *_rest in told],
        "payloads": [orjson.dumps(payload).decode() for *_rest, payload, _depth in told],
        "depths": [depth for *_rest, depth in told],
    }
    await db.execute(_TELL, {**values, "now": now()})
    db.ring("automation")
