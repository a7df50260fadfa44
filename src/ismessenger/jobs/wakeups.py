"""Does what was to happen to a contact now: each in one transaction with its row, so that it happens once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ismessenger.contacts.lock import ContactNotFound, lock_contact
from ismessenger.contacts.model import Contact
from ismessenger.conversations.model import Wakeup
from ismessenger.conversations.time_is_up import close_by_itself, end_snooze
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.schedule import WAKEUP, send_scheduled
from ismessenger.tenancy.doors import WriteSession

log = structlog.get_logger()

KINDS: Final[Mapping[str, Callable[[Installation, WriteSession, Contact, Wakeup], Awaitable[None]]]] = {
    "snooze": end_snooze,
    "auto_close": close_by_itself,
    WAKEUP: send_scheduled,
}
"""What each kind of wake-up does, in the transaction that takes its row away."""

AGAIN = timedelta(seconds=30)
AT_ONCE = 200

# Those of runs are heard by the lane of workflows, many at once.
_FIND = text("SELECT workspace_id, id FROM wakeup WHERE due_at <= :now AND kind <> 'workflow' ORDER BY due_at LIMIT :most")
_WHOSE = text("SELECT contact_id FROM wakeup WHERE id = :id")
_LATER = text("UPDATE wakeup SET due_at = :due, attempt = attempt + 1 WHERE id = :id")


async def find_wakeups(installation: Installation) -> Sequence[tuple[int, int]]:
    """Those that are due in any home."""
    found: list[tuple[int, int]] = []
    for home in installation.tenancy.homes:
        async with installation.tenancy.system(home) as connection:
            found += [(row.workspace_id, row.id) for row in (await connection.execute(_FIND, {"now": now(), "most": AT_ONCE})).all()]
    return found


async def work_wakeup(installation: Installation, piece: tuple[int, int]) -> int:
    """Do one. What fails is tried again later, and delays nothing else."""
    workspace_id, id_ = piece
    try:
        async with installation.tenancy.workspace(workspace_id) as db:
            return await _happen(installation, db, id_)
    except (SQLAlchemyError, OSError):
        raise
    except Exception:
        log.exception("wakeup.broken", workspace_id=workspace_id, wakeup_id=id_)
        async with installation.tenancy.workspace(workspace_id) as db:
            await db.execute(_LATER, {"id": id_, "due": now() + AGAIN})
        return 0


async def _happen(installation: Installation, db: WriteSession, id_: int) -> int:
    # First the contact, like everybody who sets or cancels a wake-up.
    contact_id = (await db.execute(_WHOSE, {"id": id_})).scalar_one_or_none()
    if contact_id is None:
        return 0
    try:
        contact = await lock_contact(db, contact_id)
    except ContactNotFound:
        return 0
    wakeup = await db.get(Wakeup, (db.workspace_id, id_), with_for_update={"key_share": True})
    if wakeup is None or wakeup.due_at > now():
        return 0
    # First the row: what happens may set the next one.
    await db.delete(wakeup)
    await db.flush()
    await KINDS[wakeup.kind](installation, db, contact, wakeup)
    return 1
