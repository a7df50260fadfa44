"""Tell members that something happened: an order in the outbox, written by whoever makes it happen, carried out after the commit."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel
from sqlalchemy import text

from ismessenger.kit.clock import now
from ismessenger.notifications.orders import Arrived, Failed, Told
from ismessenger.tenancy.doors import WriteSession

LANE = "notify"
SECOND = timedelta(seconds=1)
"""So long, at least, whoever looks at the thread has to read a message before they are told of it."""

_ORDER = text("INSERT INTO outbox (kind, payload, due_at) VALUES ('notify', CAST(:payload AS jsonb), :due)")


async def notify(
    db: WriteSession,
    kind: str,
    contact_id: int | None,
    *,
    to: Collection[int] | None,
    by: int | None = None,
    subject_id: int | None = None,
    **details: str | int | None,
) -> None:
    """Tell the members ``to`` (``None``: everybody) about a contact; whoever did it (``by``) and whoever may not see it is left out.

    ``subject_id`` is the message, the comment or the channel that it is about.
    """
    if to is not None and not to:
        return
    order = Told(kind=kind, contact_id=contact_id, to=sorted(to) if to is not None else None, by=by, subject_id=subject_id, details=details)
    await _write(db, order)
    db.ring(LANE)


async def notify_of_messages(db: WriteSession, arrived: Mapping[int, tuple[int, int, int]]) -> None:
    """Tell those whom it concerns of new messages, by contact: how many, the first and the last. One row for a whole batch.

    All that come within a second are due at one moment, so that a flood is told in one go.
    """
    if arrived:
        await _write(db, Arrived(arrived=dict(arrived)), due=now().replace(microsecond=0) + 2 * SECOND)


async def notify_of_failures(db: WriteSession, message_ids: Collection[int]) -> None:
    """Tell whoever wrote these messages that they could not be sent."""
    if message_ids:
        await _write(db, Failed(failed=sorted(message_ids)))
        db.ring(LANE)


async def _write(db: WriteSession, order: BaseModel, *, due: datetime | None = None) -> None:
    await db.execute(_ORDER, {"payload": order.model_dump_json(), "due": due or now()})
