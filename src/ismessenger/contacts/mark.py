"""Put tags on contacts and move them between lifecycle stages, for many at once."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import text

from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

# The rows are locked in the order of their ids, like everywhere.
_TAG = text(
    "WITH held AS MATERIALIZED (SELECT id, tag_ids FROM contact WHERE id = ANY(:contacts) ORDER BY id FOR NO KEY UPDATE),"
    " wanted AS (SELECT id, tag_ids AS was, ARRAY(SELECT DISTINCT t FROM unnest(tag_ids || CAST(:add AS bigint[])) AS t"
    " WHERE t <> ALL(CAST(:remove AS bigint[])) ORDER BY t) AS becomes FROM held)"
    " UPDATE contact SET tag_ids = wanted.becomes FROM wanted WHERE contact.id = wanted.id AND wanted.was <> wanted.becomes"
    " RETURNING contact.id, wanted.was, wanted.becomes"
)
# A tag that is being deleted is waited for, and one that is put on somebody is not deleted meanwhile.
_NAMES = text("SELECT id, name FROM tag WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE")
_STAGES = text("SELECT id, name FROM lifecycle_stage")
_STAGE = text(
    "WITH held AS MATERIALIZED (SELECT id, lifecycle_id FROM contact WHERE id = ANY(:contacts) ORDER BY id FOR NO KEY UPDATE)"
    " UPDATE contact SET lifecycle_id = CAST(:stage AS bigint) FROM held WHERE contact.id = held.id"
    " AND held.lifecycle_id IS DISTINCT FROM CAST(:stage AS bigint) RETURNING contact.id, held.lifecycle_id"
)
_TELL = text(
    "INSERT INTO event (contact_id, kind, actor_kind, actor_id, details, at)"
    " SELECT c, k, :actor, CAST(:by AS bigint), CAST(d AS jsonb), :at FROM unnest(CAST(:contacts AS bigint[]), CAST(:kinds AS text[]),"
    " CAST(:details AS text[])) AS n(c, k, d) RETURNING id, contact_id"
)
Told = tuple[int, str, Mapping[str, Any]]


async def tag_contacts(
    db: WriteSession,
    contact_ids: Sequence[int],
    *,
    add: Collection[int] = (),
    remove: Collection[int] = (),
    actor: str = "user",
    by: int | None = None,
) -> list[int]:
    """Add and remove tags by id. Returns the contacts that changed; every tag is an event. One that is gone by now is not added."""
    values = {"contacts": list(contact_ids), "add": list(add), "remove": list(remove)}
    changed = [(row.id, row.was, row.becomes) for row in (await db.execute(_TAG, values)).all()]
    names: dict[int, str] = dict((await db.execute(_NAMES, {"ids": [*add, *remove]})).all()) if changed else {}
    if changed and (gone := set(add) - set(names)):
        await db.execute(_TAG, {"contacts": list(contact_ids), "add": [], "remove": list(gone)})
        changed = [(id_, was, kept) for id_, was, then in changed if (kept := [tag for tag in then if tag not in gone]) != was]
    told: list[Told] = []
    for contact_id, was, then in changed:
        told += [(contact_id, "tag.added", {"tag_id": id_, "name": names.get(id_, "")}) for id_ in sorted(set(then) - set(was))]
        told += [(contact_id, "tag.removed", {"tag_id": id_, "name": names.get(id_, "")}) for id_ in sorted(set(was) - set(then))]
    await tell(db, told, actor, by)
    return [contact_id for contact_id, _was, _then in changed]


async def move_contacts(
    db: WriteSession, contact_ids: Sequence[int], stage_id: int | None, *, actor: str = "user", by: int | None = None
) -> list[int]:
    """Move contacts to a stage, which must exist, or out of all. Returns those that changed; each is an event."""
    changed = (await db.execute(_STAGE, {"contacts": list(contact_ids), "stage": stage_id})).all()
    names: dict[int | None, str] = dict((await db.execute(_STAGES)).all()) if changed else {}
    details = {"to": stage_id, "to_name": names.get(stage_id)}
    told = [(contact_id, "lifecycle.updated", {**details, "from": was, "from_name": names.get(was)}) for contact_id, was in changed]
    await tell(db, told, actor, by)
    return [contact_id for contact_id, _was in changed]


async def tell(db: WriteSession, told: Sequence[Told], actor: str, by: int | None) -> None:
    """Write events of contacts, in order, and show them."""
    if not told:
        return
    values = {
        "actor": actor,
        "by": by,
        "at": now(),
        "contacts": [contact_id for contact_id, _kind, _details in told],
        "kinds": [kind for _contact_id, kind, _details in told],
        "details": [orjson.dumps(details).decode() for _contact_id, _kind, details in told],
    }
    for event_id, contact_id in (await db.execute(_TELL, values)).all():
        db.announce("event", contact_id, id=event_id)
    for contact_id in {contact_id for contact_id, _kind, _details in told}:
        db.announce("contact", contact_id)
