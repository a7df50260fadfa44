"""The channels of a workspace, and what arrived for one of them that did not become a message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlmodel import col

from ismessenger.channels.model import ConnectedChannel, InboundEvent
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

LOG_PAGE = 30
SHOWN_BYTES = 4000

# The times and the attempts begin anew, as if it had just arrived; what it failed for stays until it is read again.
_REPLAY = text(
    "UPDATE inbound_event SET state = 'pending', due_at = NULL, attempt = 0 WHERE id = :id AND channel_id = :channel_id"
    " AND state = 'failed' RETURNING id"
)
_CONTACTS = text("SELECT count(*) FROM (SELECT FROM contact_channel WHERE channel_id = :id LIMIT 1001) AS known")


class ChannelNotFound(LookupError):
    """There is no such channel in this workspace, or it is disconnected."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One webhook that was ignored or could not be read. ``body`` is its beginning, ``size`` the whole in bytes."""

    id: int
    received_at: datetime
    state: str
    note: str
    body: bytes
    size: int


async def connected_channels(db: ReadSession) -> Sequence[ConnectedChannel]:
    """All that are connected, by name."""
    statement = select(ConnectedChannel).where(col(ConnectedChannel.disconnected_at).is_(None))
    return list((await db.execute(statement.order_by(ConnectedChannel.name, col(ConnectedChannel.id)))).scalars())


async def connected_channel(db: ReadSession, channel_id: int) -> ConnectedChannel:
    """One of them. Raises `ChannelNotFound`."""
    channel: ConnectedChannel | None = await db.get(ConnectedChannel, (db.workspace_id, channel_id))
    if channel is None or channel.disconnected_at is not None:
        raise ChannelNotFound(gettext("There is no such channel."))
    return channel


async def count_contacts(db: ReadSession, channel_id: int) -> int:
    """How many contacts are known on a channel, up to 1,001."""
    return int((await db.execute(_CONTACTS, {"id": channel_id})).scalar_one())


async def channel_log(
    db: ReadSession, channel_id: int, *, before: int | None = None, limit: int = LOG_PAGE
) -> tuple[list[Logged], int | None]:
    """What was ignored or failed, newest first, and the id where the next page begins."""
    statement = (
        select(
            col(InboundEvent.id),
            col(InboundEvent.received_at),
            col(InboundEvent.state),
            col(InboundEvent.note),
            func.substring(InboundEvent.body, 1, SHOWN_BYTES),
            func.length(InboundEvent.body),
        )
        .where(col(InboundEvent.channel_id) == channel_id, col(InboundEvent.note).is_not(None))
        .order_by(col(InboundEvent.id).desc())
        .limit(limit + 1)
    )
    if before is not None:
        statement = statement.where(col(InboundEvent.id) < before)
    found = [Logged(*row) for row in (await db.execute(statement)).all()]
    return found[:limit], found[limit - 1].id if len(found) > limit else None


async def replay(db: WriteSession, channel_id: int, event_id: int) -> datetime | None:
    """Read a failed webhook once more, after its adapter was mended. Returns when, ``None`` if it is not among the failed ones."""
    if (await db.execute(_REPLAY, {"id": event_id, "channel_id": channel_id})).first() is None:
        return None
    db.ring("inbound")
    return now()
