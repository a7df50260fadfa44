"""An echo is a copy of what was sent: by us, or from the provider's own application. Ours must not become a second message."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from ismessenger.contacts.identify import Known
from ismessenger.messages.errors import ComeAgain
from ismessenger.messages.status import raise_statuses
from ismessenger.sdk.channel import MessageEchoed
from ismessenger.tenancy.doors import WriteSession

_OURS = text("SELECT id, client_id FROM message WHERE channel_id = :channel_id AND client_id = ANY(:ours) AND traffic = 'outgoing'")
_NAME = text(
    "UPDATE message SET external_id = :external_id WHERE id = :id AND external_id IS NULL"
    " AND NOT EXISTS (SELECT FROM message o WHERE o.channel_id = :channel_id AND o.external_id = :external_id)"
)
_SEEN = text("SELECT external_id FROM message WHERE channel_id = :channel_id AND external_id = ANY(:ids)")
_SENDING = text("SELECT contact_channel_id FROM delivery WHERE contact_channel_id = ANY(:ids) AND state = 'leased'")


async def settle_echoes(db: WriteSession, channel_id: int, echoes: Sequence[MessageEchoed], known: Mapping[str, Known]) -> None:
    """Match echoes that carry our id with our messages, however early they come.

    Raises `ComeAgain` for an echo without our id while a send to the same person is under way: it may be that very message.
    """
    if not echoes:
        return
    ours = {event.our_id: event for event in echoes if event.our_id}
    rows = (await db.execute(_OURS, {"channel_id": channel_id, "ours": list(ours)})).all() if ours else []
    for id_, client_id in rows:
        echo = ours[client_id]
        await db.execute(_NAME, {"id": id_, "external_id": echo.external_id, "channel_id": channel_id})
        await raise_statuses(db, [(id_, "sent", echo.sent_at, None)])
    await _wait_for_sends(db, channel_id, echoes, known)


async def _wait_for_sends(db: WriteSession, channel_id: int, echoes: Sequence[MessageEchoed], known: Mapping[str, Known]) -> None:
    seen = set((await db.execute(_SEEN, {"channel_id": channel_id, "ids": [echo.external_id for echo in echoes]})).scalars())
    strange = [known[echo.identifier].contact_channel_id for echo in echoes if echo.external_id not in seen]
    if strange and (await db.execute(_SENDING, {"ids": strange})).first() is not None:
        raise ComeAgain
