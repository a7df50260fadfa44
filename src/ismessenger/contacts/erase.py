"""Erase people for good: the contact with its conversations, messages and files; what stays is how much it was, who did it and when.

The rows go at once. The stored files and the raw webhooks go right after the commit: an order in the outbox, written by the same
transaction, names them and is repeated until it is done (see ``forget.py``), so that a crash leaves nothing that nobody can reach.
"""

from collections.abc import Sequence

import orjson
from sqlalchemy import text

from ismessenger.contacts.lock import ContactNotFound
from ismessenger.contacts.model import Contact
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

PATHS_PER_ORDER = 1000

_HOLD = text("SELECT id, assignee_id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR UPDATE")
_RECORD = text(
    "INSERT INTO erasure (contact_id, by_id, at, messages, conversations, files)"
    " SELECT c, CAST(:by AS bigint), :at, (SELECT count(*) FROM message WHERE contact_id = c),"
    " (SELECT count(*) FROM conversation WHERE contact_id = c),"
    " (SELECT count(*) FROM attachment a JOIN message m ON m.id = a.message_id WHERE m.contact_id = c AND a.path IS NOT NULL)"
    " FROM unnest(CAST(:ids AS bigint[])) AS n(c)"
)
_FILES = text(
    "SELECT DISTINCT a.path FROM attachment a JOIN message m ON m.id = a.message_id WHERE m.contact_id = ANY(:ids) AND a.path IS NOT NULL"
)
_PEOPLE = text("SELECT channel_id, identifier FROM contact_channel WHERE contact_id = ANY(:ids)")
_ORDER = text("INSERT INTO outbox (kind, payload, due_at) VALUES ('erase', CAST(:payload AS jsonb), :at)")
_DELETE = text("DELETE FROM contact WHERE id = ANY(:ids)")


async def erase_contacts(db: WriteSession, contact_ids: Sequence[int], *, by: int | None) -> list[int]:
    """Delete these contacts and all that hangs on them; returns those that there were. ``by`` is a member's id.

    Give at most a few hundred at a time: they are locked until the transaction ends. Webhooks that wait to be handled are left alone:
    what somebody writes meanwhile makes a new contact. Backups and files that were exported before still hold the person.
    """
    held = (await db.execute(_HOLD, {"ids": sorted(set(contact_ids))})).all()
    ids = [row.id for row in held]
    if not ids:
        return []
    await db.flush()
    await db.execute(_RECORD, {"ids": ids, "by": by, "at": now()})
    await _order_the_rest(db, ids)
    await db.execute(_DELETE, {"ids": ids})
    for row in held:
        db.announce("gone", row.id, assignee=row.assignee_id)
    db.ring("outbox")
    return ids


async def erase_contact(db: WriteSession, contact: Contact, *, by: int | None) -> None:
    """Delete one. The session forgets the row. Raises `ContactNotFound`."""
    db.expunge(contact)
    if not await erase_contacts(db, [contact.id], by=by):
        raise ContactNotFound(gettext("There is no such contact."))


async def _order_the_rest(db: WriteSession, ids: Sequence[int]) -> None:
    paths = list((await db.execute(_FILES, {"ids": ids})).scalars())
    people = [[channel_id, identifier] for channel_id, identifier in (await db.execute(_PEOPLE, {"ids": ids})).all()]
    at = now()
    for start in range(0, max(len(paths), 1), PATHS_PER_ORDER):
        order = {"paths": paths[start : start + PATHS_PER_ORDER], "people": [] if start else people, "until": at.isoformat(), "after": 0}
        if order["paths"] or order["people"]:
            await db.execute(_ORDER, {"payload": orjson.dumps(order).decode(), "at": at})
