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
from ismessenger.notifications.occasions import occasions_of
from ismessenger.notifications.orders import Order
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
    "INSERT INTO outbox (kind, payload, due_at) SELECT 'push', CAST(p AS jsonb), :now FROM unnest(CAST(:payloads AS text[])) AS n(p)"
)
_MAIL = text(
    "INSERT INTO outbox (kind, payload, due_at) SELECT 'digest', jsonb_build_object('member_id', m), :due"
    " FROM unnest(CAST(:members AS bigint[])) AS n(m) WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.kind = 'digest'"
    " AND CAST(o.payload ->> 'member_id' AS bigint) = n.m)"
)
Key = tuple[int, str, int | None]


async def carry_out(db: WriteSession, orders: Sequence[Order]) -> None:
    """Tell everybody whom these orders concern, in a handful of statements however many they are."""
    lines = _folded(await lines_of(db, await occasions_of(db, orders)))
    if not lines:
        return
    ids = await _store(db, lines)
    _tell(db, lines, ids)
    await _order_pushes(db, lines, ids)
    await _order_letters(db, lines)


def _folded(lines: Iterable[Line]) -> list[Line]:
    """Several occasions that are one row, made one."""
    folded: dict[Key, Line] = {}
    others: list[Line] = []
    for line in lines:
        if not KINDS[line.occasion.kind].folds:
            others.append(line)
        elif (known := folded.get(_key(line))) is None:
            folded[_key(line)] = line
        else:
            folded[_key(line)] = replace(known, occasion=replace(line.occasion, count=known.occasion.count + line.occasion.count))
    return [*folded.values(), *others]


async def _store(db: WriteSession, lines: Sequence[Line]) -> dict[Key, list[int]]:
    """The rows, by member, kind and contact."""
    values = {
        "now": now(),
        "members": [line.member.id for line in lines],
        "kinds": [line.occasion.kind for line in lines],
        "contacts": [line.occasion.contact_id for line in lines],
        "subjects": [line.occasion.subject_id for line in lines],
        "by": [line.occasion.by for line in lines],
        "details": [orjson.dumps(line.occasion.details).decode() for line in lines],
        "folds": [KINDS[line.occasion.kind].folds for line in lines],
        "counts": [line.occasion.count for line in lines],
        "in_app": ["app" in line.surfaces for line in lines],
    }
    stored: dict[Key, list[int]] = defaultdict(list)
    for row in (await db.execute(_STORE, values)).all():
        stored[row.member_id, row.kind, row.contact_id].append(row.id)
    return stored


def _tell(db: WriteSession, lines: Iterable[Line], ids: dict[Key, list[int]]) -> None:
    """One word to each member, however much happened."""
    for told in _by_member(lines):
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
    payloads = []
    for told in wanted:
        if told[0].member.id in reached:
            of_member = sorted({id_ for line in told for id_ in ids[_key(line)]})
            payloads.append({"member_id": told[0].member.id, "ids": of_member[-PUSHES:], "count": len(of_member)})
    if payloads:
        await db.execute(_PUSH, {"payloads": [orjson.dumps(payload).decode() for payload in payloads], "now": now()})
        db.ring("push")


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
    return line.member.id, line.occasion.kind, line.occasion.contact_id
