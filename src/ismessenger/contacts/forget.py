"""Takes away what an erased person left outside of the contact's rows: stored files, and the raw webhooks that brought the messages.

A webhook is found by the person's identifier as it stands in the body. One that names others too is emptied with it: what it said of
them was imported. One that names the person in another way goes a week after it came, like all that were imported.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import text

from ismessenger.installation import Installation

FILES_AT_ONCE = 100
EVENTS_AT_ONCE = 1000
ERASED = "Erased together with its contact."

# The same upload may have gone to somebody else too, or be in the library.
_KEPT = text(
    "SELECT path FROM attachment WHERE path = ANY(:paths) UNION SELECT path FROM file WHERE path = ANY(:paths) AND library_at IS NOT NULL"
)
_UPLOADS = text("DELETE FROM file WHERE path = ANY(:paths)")
_LOOK = text(
    "WITH slice AS (SELECT id, channel_id, body FROM inbound_event WHERE id > :after AND received_at <= :until ORDER BY id LIMIT :limit)"
    " SELECT id, channel_id, CASE WHEN EXISTS (SELECT FROM unnest(CAST(:needles AS bytea[])) AS n WHERE position(n IN body) > 0)"
    " THEN body END AS body FROM slice ORDER BY id"
)
_BLANK = text(
    "UPDATE inbound_event SET body = '', query = '', note = CASE WHEN note IS NULL THEN NULL ELSE :note END"
    " WHERE id = ANY(:ids) AND state <> 'pending'"
)


class Order(BaseModel):
    """What is left to do. ``people`` are pairs of a channel's id and an identifier; webhooks are read from ``after`` on."""

    paths: list[str]
    people: list[tuple[int, str]]
    until: datetime
    after: int = 0


async def forget(installation: Installation, workspace_id: int, order: Order) -> Order | None:
    """Do a piece of it; returns what is left, ``None`` at the end. Doing a piece twice is fine. Raises `StoreUnavailable`."""
    if order.paths:
        await _forget_files(installation, workspace_id, order.paths[:FILES_AT_ONCE])
        return order.model_copy(update={"paths": order.paths[FILES_AT_ONCE:]})
    if not order.people:
        return None
    after = await _blank_events(installation, workspace_id, order)
    return order.model_copy(update={"after": after}) if after else None


async def _forget_files(installation: Installation, workspace_id: int, paths: Sequence[str]) -> None:
    async with installation.tenancy.workspace(workspace_id) as db:
        kept = set((await db.execute(_KEPT, {"paths": list(paths)})).scalars())
        gone = [path for path in paths if path not in kept]
        await db.execute(_UPLOADS, {"paths": gone})
    # After the commit: nobody can attach the upload again, and the order still names what a crash leaves here.
    for path in gone:
        await installation.files.delete(path)


async def _blank_events(installation: Installation, workspace_id: int, order: Order) -> int:
    """Empty the webhooks of a slice that name one of the people; returns where the next slice begins, 0 at the end."""
    patterns = _patterns(order.people)
    values = {"after": order.after, "until": order.until, "limit": EVENTS_AT_ONCE, "needles": _needles(order.people)}
    async with installation.tenancy.workspace(workspace_id) as db:
        rows = (await db.execute(_LOOK, values)).all()
        named = [
            row.id for row in rows if row.body is not None and row.channel_id in patterns and patterns[row.channel_id].search(row.body)
        ]
        if named:
            await db.execute(_BLANK, {"ids": named, "note": ERASED})
    return rows[-1].id if len(rows) == EVENTS_AT_ONCE else 0


def _needles(people: Sequence[tuple[int, str]]) -> list[bytes]:
    # Providers write a telephone number with and without its plus sign.
    return sorted({identifier.removeprefix("+").encode() for _channel_id, identifier in people})


def _patterns(people: Sequence[tuple[int, str]]) -> dict[int, re.Pattern[bytes]]:
    """By channel what names one of its people: the identifier as a whole, not as a part of a longer number or word."""
    by_channel: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for person in people:
        by_channel[person[0]].append(person)
    return {
        channel_id: re.compile(rb"(?<!\w)(?:" + b"|".join(map(re.escape, _needles(theirs))) + rb")(?!\w)")
        for channel_id, theirs in by_channel.items()
    }
