"""Do what the orders say: a line in each member's centre, a word to their open pages, and orders for pushes and letters."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import orjson
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.kit.clock import now
from ismessenger.notifications.audience import Line, lines_of
from ismessenger.notifications.kinds import KINDS
from ismessenger.notifications.model import PushSubscription
from ismessenger.notifications.occasions import Occasion, occasions_of
from ismessenger.notifications.orders import Order
from ismessenger.notifications.push import PushOrder
from ismessenger.notifications.settle import settle_seen, settle_taken
from ismessenger.tenancy.doors import WriteSession

PUSHES = 4
"""Of more things at once a browser shows the newest, and says how many there are."""

MAIL_AFTER = timedelta(minutes=5)
"""So long whoever is away may come back before they get a letter; what happens meanwhile is in the same one."""

_STORE = text(
    "INSERT INTO notification (member_id, kind, contact_id, subject_id, by_id, details, folds, count, in_app, at)"
    " SELECT m, k, c, s, b, CAST(d AS jsonb), f, n, a, :now FROM unnest(CAST(:members AS bigint[]), CAST(:kinds AS text[]),"
    " CAST(:contacts AS bigint[]), CAST(:subjects AS bigint[]), CAST(:by AS bigint[]), CAST(:details AS text[]), CAST(:folds AS boolean[]),"
    " CAST(:counts AS int[]), CAST(:in_app AS boolean[])) AS t(m, k, c, s, b, d, f, n, a)"
    " ON CONFLICT (workspace_id, member_id, kind, contact_id) WHERE read_at IS NULL AND folds DO UPDATE SET"
    " count = notification.count + excluded.count, subject_id = GREATEST(notification.subject_id, excluded.subject_id),"
    " details = excluded.details || notification.details, in_app = excluded.in_app, at = excluded.at"
    " RETURNING id, member_id, kind, contact_id"
)
_PUSH = text(
    "INSERT INTO outbox (kind, payload, due_at) SELECT 'push', CAST(p AS jsonb), d"
    " FROM unnest(CAST(:payloads AS text[]), CAST(:due AS timestamptz[])) AS n(p, d)"
)
_WAITING = text(
    "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE kind = 'push' AND attempt = 0"
    " AND CAST(payload ->> 'member_id' AS bigint) = ANY(:members) FOR UPDATE SKIP LOCKED) RETURNING payload, due_at"
)
_MAIL = text(
    "INSERT INTO outbox (kind, payload, due_at) SELECT 'digest', jsonb_build_object('member_id', m), :due"
    " FROM unnest(CAST(:members AS bigint[])) AS n(m) WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.kind = 'digest'"
    " AND CAST(o.payload ->> 'member_id' AS bigint) = n.m)"
)
Key = tuple[int | None, str, int | None]
"""Whose line it is (``None``: everybody's), its kind and its contact."""


async def carry_out(db: WriteSession, orders: Sequence[Order]) -> None:
    """Tell everybody whom these orders concern, in a handful of statements however many orders and people they are."""
    occasions = await occasions_of(db, orders)
    lines, shared = _folded(await lines_of(db, occasions)), [occasion for occasion in occasions if occasion.shared]
    if shared:
        await settle_taken(db)
    if not lines and not shared:
        return
    ids = await _store(db, lines, shared)
    if shared:
        await settle_seen(db, [id_ for occasion in shared for id_ in ids[_shared_key(occasion)]])
        db.announce("tell", 0, member_id=None, what="notification", id=ids[_shared_key(shared[-1])][-1], sound=False)
    _tell(db, lines, ids)
    await _order_pushes(db, lines, ids)
    await _order_letters(db, lines)


def _folded(lines: Iterable[Line]) -> list[Line]:
    """Several occasions that are one row, made one."""
    folded: dict[tuple[int, Key], Line] = {}
    others: list[Line] = []
    for line in lines:
        if not KINDS[line.occasion.kind].folds:
            others.append(line)
        elif (known := folded.get((line.member.id, _key(line)))) is None:
            folded[line.member.id, _key(line)] = line
        else:
            folded[line.member.id, _key(line)] = replace(
                known, occasion=replace(line.occasion, count=known.occasion.count + line.occasion.count)
            )
    return [*folded.values(), *others]


async def _store(db: WriteSession, lines: Sequence[Line], shared: Sequence[Occasion]) -> dict[Key, list[int]]:
    """The rows, by whose they are, kind and contact."""
    mine = [(line.member.id, line.occasion, "app" in line.surfaces) for line in lines if not line.occasion.shared]
    rows = [*((None, occasion, True) for occasion in shared), *mine]
    values = {
        "now": now(),
        "members": [member_id for member_id, _occasion, _in_app in rows],
        "kinds": [occasion.kind for _member_id, occasion, _in_app in rows],
        "contacts": [occasion.contact_id for _member_id, occasion, _in_app in rows],
        "subjects": [occasion.subject_id for _member_id, occasion, _in_app in rows],
        "by": [occasion.by for _member_id, occasion, _in_app in rows],
        "details": [orjson.dumps(occasion.details).decode() for _member_id, occasion, _in_app in rows],
        "folds": [KINDS[occasion.kind].folds for _member_id, occasion, _in_app in rows],
        "counts": [occasion.count for _member_id, occasion, _in_app in rows],
        "in_app": [in_app for _member_id, _occasion, in_app in rows],
    }
    stored: dict[Key, list[int]] = defaultdict(list)
    for row in (await db.execute(_STORE, values)).all():
        stored[row.member_id, row.kind, row.contact_id].append(row.id)
    return stored


def _tell(db: WriteSession, lines: Iterable[Line], ids: dict[Key, list[int]]) -> None:
    """One word to each member, however much happened. Of what is shared all hear together, and alone only whoever wants a sound."""
    for told in _by_member(line for line in lines if not line.occasion.shared or "sound" in line.surfaces):
        last = told[-1]
        sounds = any("sound" in line.surfaces for line in told)
        db.announce(
            "tell", last.occasion.contact_id or 0, member_id=last.member.id, what="notification", id=ids[_key(last)][-1], sound=sounds
        )


async def _order_pushes(db: WriteSession, lines: Iterable[Line], ids: dict[Key, list[int]]) -> None:
    wanted = _by_member(line for line in lines if "browser" in line.surfaces)
    if not wanted:
        return
    statement = select(PushSubscription.member_id).where(col(PushSubscription.member_id).in_(told[0].member.id for told in wanted))  # type: ignore[call-overload]
    reached = set((await db.execute(statement.distinct())).scalars())
    orders = [
        PushOrder(member_id=told[0].member.id, ids=sorted(of_member)[-PUSHES:], count=len(of_member))
        for told in wanted
        if told[0].member.id in reached and (of_member := {id_ for line in told for id_ in ids[_key(line)]})
    ]
    if orders:
        await _write_pushes(db, orders)
        db.ring("push")


async def _write_pushes(db: WriteSession, orders: Iterable[PushOrder]) -> None:
    """One order for each member: what waits for the lane goes into the new one, and keeps its place."""
    by_member = {order.member_id: order for order in orders}
    due = dict.fromkeys(by_member, now())
    for row in (await db.execute(_WAITING, {"members": list(by_member)})).all():
        waiting = PushOrder.model_validate(row.payload)
        order = by_member[waiting.member_id]
        ids = {*order.ids, *waiting.ids}
        count = order.count + waiting.count - len({*order.ids} & {*waiting.ids})
        by_member[waiting.member_id] = order.model_copy(update={"ids": sorted(ids)[-PUSHES:], "count": count})
        due[waiting.member_id] = min(due[waiting.member_id], row.due_at)
    payloads = [order.model_dump_json(exclude_none=True) for order in by_member.values()]
    await db.execute(_PUSH, {"payloads": payloads, "due": list(due.values())})


async def _order_letters(db: WriteSession, lines: Iterable[Line]) -> None:
    wanted = {line.member.id for line in lines if "email" in line.surfaces}
    if wanted:
        await db.execute(_MAIL, {"members": sorted(wanted), "due": now() + MAIL_AFTER})


def _by_member(lines: Iterable[Line]) -> list[list[Line]]:
    by_member: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        by_member[line.member.id].append(line)
    return list(by_member.values())


def _key(line: Line) -> Key:
    if line.occasion.shared:
        return _shared_key(line.occasion)
    return line.member.id, line.occasion.kind, line.occasion.contact_id


def _shared_key(occasion: Occasion) -> Key:
    return None, occasion.kind, occasion.contact_id
