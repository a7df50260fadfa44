"""What a stretch of rows names: the contacts that are there already, tags, stages, members. A query per kind, however many rows."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import text

from ismessenger.accounts.members import members
from ismessenger.contacts.fields import STANDARD
from ismessenger.contacts.lifecycle import default_stage_id, stages
from ismessenger.contacts.phone import variants
from ismessenger.contacts.tags import tags_by_name
from ismessenger.imports.order import Order
from ismessenger.imports.plan import Names, State, key_of
from ismessenger.imports.read_rows import Read
from ismessenger.imports.targets import ASSIGNEE, LIFECYCLE, TAGS
from ismessenger.tenancy.doors import ReadSession

COLUMNS = "id, first_name, last_name, phone, email, language, country_code, fields, tag_ids, lifecycle_id, assignee_id"
_HELD = f"SELECT {COLUMNS} FROM contact WHERE id = ANY(:ids) ORDER BY id"  # noqa: S608 - the list above
# One value after the other: of a table that an import is just filling, the planner believes that a list of values finds all of it.
_FOUND = {
    "phone": "SELECT c.id FROM unnest(CAST(:wanted AS text[])) AS w(value),"
    " LATERAL (SELECT id FROM contact WHERE phone = w.value OFFSET 0) AS c",
    "email": "SELECT c.id FROM unnest(CAST(:wanted AS text[])) AS w(value),"
    " LATERAL (SELECT id FROM contact WHERE lower(email) = w.value AND email IS NOT NULL OFFSET 0) AS c",
}
_TAGS = text("SELECT w.name, t.id FROM unnest(CAST(:names AS text[])) AS w(name) JOIN tag t ON lower(t.name) = lower(w.name)")
Known = dict[str, list[tuple[int, State]]]


async def look_up(db: ReadSession, order: Order, rows: Sequence[Read], *, lock: bool) -> Known:
    """The contacts that rows are about, by key. With ``lock`` nobody else changes them until the transaction ends."""
    if order.purpose == "all":
        return {}
    keys = {key_of(row, order.identifier) for row in rows} - {""}
    if order.identifier in _FOUND:
        ids = list((await db.execute(text(_FOUND[order.identifier]), {"wanted": _wanted(order, keys)})).scalars()) if keys else []
    else:
        ids = [int(key) for key in keys]
    known: Known = defaultdict(list)
    if ids:
        # The rows are locked in the order of their ids, like everywhere.
        held = text(_HELD + (" FOR NO KEY UPDATE" if lock else ""))
        for row in (await db.execute(held, {"ids": ids})).mappings():
            known[_key(order, row)].append((row["id"], state_of(row)))
    return known


async def names_in(db: ReadSession, order: Order, rows: Sequence[Read], *, create: bool) -> Names:
    """The ids of what rows name. With ``create``, which needs a `WriteSession`, tags that nobody knew are made."""
    wanted = list(dict.fromkeys([*order.tags, *(name for row in rows if not row.reasons for name in row.tags)]))
    if wanted and create:
        await tags_by_name(db, wanted)
    ids: dict[str, int] = {row.name: row.id for row in await db.execute(_TAGS, {"names": wanted})} if wanted else {}
    staged = any(row.stage for row in rows)
    assigned = any(row.assignee for row in rows)
    return Names(
        tags=ids,
        stages={stage.name.lower(): stage.id for stage in await stages(db)} if staged else {},
        assignees={member.email.lower(): member.id for member in await members(db)} if assigned else {},
        default_stage=await default_stage_id(db) if order.adds else None,
        for_all=[ids[name] for name in order.tags if name in ids],
    )


def state_of(row: Any) -> State:
    """What a row with `COLUMNS` says of a contact."""
    state: State = {field.key: row[field.column] for field in STANDARD}
    return {**state, **row["fields"], TAGS: list(row["tag_ids"]), LIFECYCLE: row["lifecycle_id"], ASSIGNEE: row["assignee_id"]}


def _wanted(order: Order, keys: Collection[str]) -> list[str]:
    return [number for key in keys for number in variants(key)] if order.identifier == "phone" else list(keys)


def _key(order: Order, row: Any) -> str:
    match order.identifier:
        case "phone":
            return min(variants(row["phone"])) if row["phone"] else ""
        case "email":
            return str(row["email"] or "").lower()
        case _:
            return str(row["id"])
