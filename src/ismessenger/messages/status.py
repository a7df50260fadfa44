"""What providers report about messages we sent. A status only moves forward; the list of a message's statuses only grows."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text

from ismessenger.contacts.lock import keep_people_of
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.notifications.notify import notify_of_failures
from ismessenger.sdk.channel import StatusChanged
from ismessenger.tenancy.doors import WriteSession

# Failed gives way to a later delivered or read, and follows sent.
ORDER = ("queued", "sending", "sent", "failed", "delivered", "read")
MAX_REASON = 1000

_ORDER_SQL = "ARRAY['queued', 'sending', 'sent', 'failed', 'delivered', 'read']"
_FIND = text(
    "SELECT id, external_id, client_id FROM message WHERE traffic = 'outgoing' AND channel_id = :channel_id"
    " AND (external_id = ANY(:external) OR client_id = ANY(:ours))"
)
_FIND_BEFORE = text(
    "SELECT m.id FROM message m JOIN contact_channel cc ON cc.id = m.contact_channel_id WHERE cc.channel_id = :channel_id"
    " AND cc.identifier = :identifier AND m.traffic = 'outgoing' AND m.sent_at <= :watermark"
    " AND m.status IN ('sending', 'sent', 'failed', 'delivered') AND m.status <> :status"
    " AND NOT (m.status = 'failed' AND m.external_id IS NULL)"
)
_RAISE = text(
    "UPDATE message SET status = n.status, status_reason = n.reason, unconfirmed_at = NULL"  # noqa: S608
    " FROM (SELECT DISTINCT ON (i) i, s, r, a FROM unnest(CAST(:ids AS bigint[]), CAST(:statuses AS text[]), CAST(:reasons AS text[]),"
    f" CAST(:times AS timestamptz[])) AS u(i, s, r, a) ORDER BY i, array_position({_ORDER_SQL}, s) DESC) AS n(id, status, reason, at)"
    " JOIN message AS before ON before.id = n.id"
    f" WHERE message.id = n.id AND array_position({_ORDER_SQL}, n.status) > array_position({_ORDER_SQL}, message.status)"
    " RETURNING message.id, message.contact_id, n.status, before.status AS was"
)
_APPEND = text(
    "INSERT INTO message_status (message_id, value, at, reason) SELECT i, s, a, r FROM unnest(CAST(:ids AS bigint[]),"
    " CAST(:statuses AS text[]), CAST(:times AS timestamptz[]), CAST(:reasons AS text[])) AS n(i, s, a, r)"
)
_SETTLE = text(
    "UPDATE delivery SET state = 'done', lease_until = NULL WHERE message_id = ANY(:ids) AND state IN ('unconfirmed', 'leased', 'due')"
)
_KEEP = text(
    "INSERT INTO early_status (channel_id, external_id, value, at, reason, created_at) SELECT :channel_id, x, s, a, r, :now"
    " FROM unnest(CAST(:external AS text[]), CAST(:statuses AS text[]), CAST(:times AS timestamptz[]), CAST(:reasons AS text[]))"
    " AS n(x, s, a, r)"
)
_TAKE = text(
    "DELETE FROM early_status WHERE channel_id = :channel_id AND external_id = ANY(:external) RETURNING external_id, value, at, reason"
)

Step = tuple[int, str, datetime, str | None]


async def apply_statuses(db: WriteSession, channel_id: int, events: Sequence[StatusChanged], *, early_only: bool = False) -> None:
    """Move messages forward. A status whose message is unknown waits for it.

    With ``early_only`` the events only name messages that have just become known: what waited for them is applied.
    """
    named = [event for event in events if event.external_id or event.our_id]
    ids = await _find(db, channel_id, named)
    early = await take_early(db, channel_id, [event.external_id for event in named if event.external_id in ids and event.external_id])
    steps: list[Step] = [(ids[external_id], value, at, reason) for external_id, value, at, reason in early]
    if not early_only:
        for event in named:
            message_id = ids.get(event.external_id or "") or ids.get(event.our_id or "")
            if message_id:
                steps.append((message_id, event.status, event.at, _words(event.reason)))
        await _keep(db, channel_id, [event for event in named if not ({event.external_id, event.our_id} & ids.keys())])
        steps += await _below_watermarks(db, channel_id, [event for event in events if event.watermark and event.identifier])
    if steps:
        await keep_people_of(db, [step[0] for step in steps])
        await raise_statuses(db, steps)


async def raise_statuses(db: WriteSession, steps: Sequence[Step]) -> list[int]:
    """Write (message id, status, time, reason) where it is a step forward; returns the messages that changed.

    The caller holds their contacts.
    """
    if not steps:
        return []
    values = {
        "ids": [step[0] for step in steps],
        "statuses": [step[1] for step in steps],
        "times": [step[2] for step in steps],
        "reasons": [step[3] for step in steps],
    }
    raised = (await db.execute(_RAISE, values)).all()
    if not raised:
        return []
    kept = _forward(steps, {row.id: row.was for row in raised})
    columns = {"ids": 0, "statuses": 1, "times": 2, "reasons": 3}
    await db.execute(_APPEND, {name: [step[index] for step in kept] for name, index in columns.items()})
    settled = [row.id for row in raised if row.status in ("sent", "delivered", "read")]
    if settled:
        await db.execute(_SETTLE, {"ids": settled})
    await notify_of_failures(db, [row.id for row in raised if row.status == "failed"])
    for row in raised:
        db.announce("status", row.contact_id, id=row.id)
    return [row.id for row in raised]


def _forward(steps: Sequence[Step], before: Mapping[int, str]) -> list[Step]:
    """The steps that lead on, lowest first, each once.

    One that a later one in the same batch has passed is kept. Messenger reports every delivery twice: by ids and by a watermark.
    """
    kept: dict[tuple[int, str], Step] = {}
    for step in sorted(steps, key=lambda step: ORDER.index(step[1])):
        message_id, value = step[:2]
        if message_id in before and ORDER.index(value) > ORDER.index(before[message_id]):
            kept.setdefault((message_id, value), step)
    return list(kept.values())


async def _find(db: WriteSession, channel_id: int, events: Sequence[StatusChanged]) -> dict[str | None, int]:
    if not events:
        return {}
    values = {
        "channel_id": channel_id,
        "external": [event.external_id for event in events if event.external_id],
        "ours": [event.our_id for event in events if event.our_id],
    }
    found: dict[str | None, int] = {}
    for id_, external_id, client_id in (await db.execute(_FIND, values)).all():
        found |= {name: id_ for name in (external_id, client_id) if name}
    return found


async def take_early(db: WriteSession, channel_id: int, external: Sequence[str]) -> list[tuple[str, str, datetime, str | None]]:
    """Statuses that waited for messages with these external ids; they are taken out."""
    if not external:
        return []
    rows = (await db.execute(_TAKE, {"channel_id": channel_id, "external": list(external)})).all()
    return [tuple(row) for row in rows]


async def _keep(db: WriteSession, channel_id: int, events: Sequence[StatusChanged]) -> None:
    waiting = [event for event in events if event.external_id]
    if waiting:
        values = {
            "channel_id": channel_id,
            "now": now(),
            "external": [event.external_id for event in waiting],
            "statuses": [event.status for event in waiting],
            "times": [event.at for event in waiting],
            "reasons": [_words(event.reason) for event in waiting],
        }
        await db.execute(_KEEP, values)


async def _below_watermarks(db: WriteSession, channel_id: int, events: Sequence[StatusChanged]) -> list[Step]:
    newest: dict[tuple[str, str], StatusChanged] = {}
    for event in events:
        key = (event.identifier or "", event.status)
        if key not in newest or (event.watermark or event.at) > (newest[key].watermark or newest[key].at):
            newest[key] = event
    steps: list[Step] = []
    for event in newest.values():
        values = {"channel_id": channel_id, "identifier": event.identifier, "watermark": event.watermark, "status": event.status}
        steps += [(id_, event.status, event.at, None) for id_ in (await db.execute(_FIND_BEFORE, values)).scalars()]
    return steps


def _words(reason: str | None) -> str | None:
    return clean(reason)[:MAX_REASON] if reason else None
