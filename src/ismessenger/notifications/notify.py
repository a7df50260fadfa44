"""Tell members that something happened: an order in the outbox, written by whoever makes it happen, carried out after the commit."""

from collections.abc import Collection

from ismessenger.outbox.model import OutboxRow
from ismessenger.tenancy.doors import WriteSession


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
    payload = {
        "kind": kind,
        "contact_id": contact_id,
        "to": sorted(to) if to is not None else None,
        "by": by,
        "subject_id": subject_id,
        "details": details,
    }
    db.add(OutboxRow(kind="notify", payload=payload))
    db.ring("notify")
