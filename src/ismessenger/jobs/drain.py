"""Wait until the work that is due is done: for scripts, tests and a quiet shutdown."""

import asyncio
import time
from dataclasses import asdict, dataclass

from sqlalchemy import text

from ismessenger.installation import Installation
from ismessenger.kit.clock import now

LOOK_SECONDS = 0.1

# A call that is being made has more attempts than outcomes. The time is read once the rows are there: what came while the question was on
# its way is due, and not for later.
_LEFT = text(
    "WITH clock AS MATERIALIZED (SELECT greatest(:now, clock_timestamp()) AS now) SELECT"
    " (SELECT count(*) FROM inbound_event WHERE state = 'pending' AND (due_at IS NULL OR due_at <= (SELECT now FROM clock))) AS inbound,"
    " (SELECT count(*) FROM inbound_event WHERE state = 'pending' AND due_at > (SELECT now FROM clock)) AS inbound_waiting,"
    " (SELECT count(*) FROM delivery WHERE state = 'leased' OR (state = 'due' AND due_at <= (SELECT now FROM clock))) AS deliveries,"
    " (SELECT count(*) FROM delivery WHERE state = 'due' AND due_at > (SELECT now FROM clock)) AS deliveries_waiting,"
    " (SELECT count(*) FROM attachment WHERE state = 'pending' AND due_at <= (SELECT now FROM clock)) AS media,"
    " (SELECT count(*) FROM attachment WHERE state = 'pending' AND due_at > (SELECT now FROM clock)) AS media_waiting,"
    " (SELECT count(*) FROM workflow_signal WHERE due_at <= (SELECT now FROM clock))"
    " + (SELECT count(*) FROM workflow_call WHERE due_at <= (SELECT now FROM clock) OR attempt > jsonb_array_length(tries))"
    " + (SELECT count(*) FROM wakeup WHERE kind = 'workflow' AND due_at <= (SELECT now FROM clock)) AS workflows,"
    " (SELECT count(*) FROM workflow_signal WHERE due_at > (SELECT now FROM clock))"
    " + (SELECT count(*) FROM workflow_call WHERE due_at > (SELECT now FROM clock) AND attempt <= jsonb_array_length(tries))"
    " + (SELECT count(*) FROM wakeup WHERE kind = 'workflow' AND due_at > (SELECT now FROM clock)) AS workflows_waiting"
)


@dataclass(frozen=True, slots=True)
class Left:
    """What is still to do: due now, and ``…_waiting`` for its next try or its time."""

    inbound: int = 0
    inbound_waiting: int = 0
    deliveries: int = 0
    deliveries_waiting: int = 0
    media: int = 0
    media_waiting: int = 0
    workflows: int = 0
    workflows_waiting: int = 0

    @property
    def done(self) -> bool:
        """Nothing is due. A file that is not fetched yet holds no message back."""
        return not self.inbound and not self.deliveries and not self.workflows

    def values(self) -> dict[str, int]:
        """For printing."""
        return asdict(self)

    def __add__(self, other: "Left") -> "Left":
        mine, theirs = asdict(self), asdict(other)
        return Left(**{name: mine[name] + theirs[name] for name in mine})


async def drain(installation: Installation, *, seconds: float) -> Left:
    """Wait at most so many ``seconds`` until nothing is due; returns what is left then."""
    deadline = time.monotonic() + seconds
    while True:
        left = await what_is_left(installation)
        if (left.done and not left.media) or time.monotonic() >= deadline:
            return left
        await asyncio.sleep(LOOK_SECONDS)


async def what_is_left(installation: Installation) -> Left:
    """Count the to-do rows of all homes."""
    total = Left()
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            row = (await connection.execute(_LEFT, {"now": now()})).mappings().one()
            total += Left(**row)
    return total
