"""How often the steps of a workflow were entered and left in a time, and how many contacts stand at each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from ismessenger.automation.history import run_counts
from ismessenger.tenancy.doors import ReadSession

# Each of the two reads one index and no row, however long the period is.
_PASSED: Final = text(
    "SELECT step, exit, count(*), count(*) FILTER (WHERE entered) FROM workflow_step"
    " WHERE workflow_id = :workflow_id AND at >= :since AND at < :until GROUP BY step, exit"
)
_FAILED: Final = text(
    "SELECT step, count(*) FROM workflow_step"
    " WHERE workflow_id = :workflow_id AND at >= :since AND at < :until AND error IS NOT NULL GROUP BY step"
)
_INSIDE: Final = text(
    "SELECT step, count(*) FROM workflow_run WHERE workflow_id = :workflow_id AND standing = 'waiting' AND step IS NOT NULL GROUP BY step"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers by the step's id, of all versions. ``inside`` is now, all else in the time that was asked for; ``runs`` are by state.

    ``failed`` counts what went wrong at a step, also where it has a way on for that.
    """

    entered: Mapping[str, int]
    inside: Mapping[str, int]
    failed: Mapping[str, int]
    exits: Mapping[str, Mapping[str, int]]
    runs: Mapping[str, int]


async def counts(db: ReadSession, workflow_id: int, since: datetime, until: datetime) -> Counts:
    """The numbers of a time."""
    period = {"workflow_id": workflow_id, "since": since, "until": until}
    entered: dict[str, int] = {}
    exits: dict[str, dict[str, int]] = {}
    for step, exit_, left, came in (await db.execute(_PASSED, period)).all():
        entered[step] = entered.get(step, 0) + came
        if exit_ is not None:
            exits.setdefault(step, {})[exit_] = left
    failed = {str(row[0]): int(row[1]) for row in (await db.execute(_FAILED, period)).all()}
    inside = {str(row[0]): int(row[1]) for row in (await db.execute(_INSIDE, {"workflow_id": workflow_id})).all()}
    return Counts(entered, inside, failed, exits, await run_counts(db, workflow_id, since, until))
