"""Which segments and custom inboxes name a field, a tag or a stage: told before it is deleted, and rewritten when a tag becomes another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import func, select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.contacts.model import Segment
from ismessenger.conversations.model import CustomInbox
from ismessenger.tenancy.doors import ReadSession, WriteSession

Category = Literal["contactField", "contactTag", "lifecycle"]


@dataclass(frozen=True, slots=True)
class Mentions:
    """What names a field, a tag or a stage: segments and custom inboxes by name, and how many inboxes others keep for themselves."""

    segments: Sequence[str] = ()
    inboxes: Sequence[str] = ()
    private: int = 0


async def mentions(db: ReadSession, member: Member, category: Category, named: int | str) -> Mentions:
    """What the member is told of: ``named`` is a field's key, or the id of a tag or a stage."""
    segments = [row for row in await _segments(db) if _mentioned(row.condition, category, named)]
    inboxes = [row for row in await _inboxes(db) if _mentioned(row.condition, category, named)]
    private = [row for row in inboxes if row.sharing == "private" and row.owner_id != member.id]
    return Mentions([row.name for row in segments], [row.name for row in inboxes if row not in private], len(private))


async def rename_in_conditions(db: WriteSession, category: Category, was: int, becomes: int) -> None:
    """Have every condition that names ``was`` name ``becomes``."""
    rows: list[Segment | CustomInbox] = [*await _segments(db, held=True), *await _inboxes(db, held=True)]
    for row in rows:
        if _mentioned(row.condition, category, was):
            row.condition = _renamed(row.condition, category, was, becomes)
    await db.flush()


async def _segments(db: ReadSession, *, held: bool = False) -> Sequence[Segment]:
    statement = select(Segment).order_by(func.lower(Segment.name), col(Segment.id))
    return (await db.execute(statement.with_for_update() if held else statement)).scalars().all()


async def _inboxes(db: ReadSession, *, held: bool = False) -> Sequence[CustomInbox]:
    statement = select(CustomInbox).order_by(func.lower(CustomInbox.name), col(CustomInbox.id))
    return (await db.execute(statement.with_for_update() if held else statement)).scalars().all()


def _mentioned(tree: Any, category: Category, named: int | str) -> bool:
    return any(_names(leaf, category, named) for leaf in _leaves(tree))


def _leaves(tree: Any) -> Iterator[dict[str, Any]]:
    match tree:
        case {"category": _}:
            yield tree
        case {"$and": list(parts)} | {"$or": list(parts)}:
            for part in parts:
                yield from _leaves(part)


def _names(leaf: dict[str, Any], category: Category, named: int | str) -> bool:
    if leaf["category"] != category:
        return False
    if category == "contactField":
        return leaf.get("field") == named
    return named in _values(leaf)


def _values(leaf: dict[str, Any]) -> Sequence[object]:
    value = leaf.get("value")
    return value if isinstance(value, list) else [value]


def _renamed(tree: Any, category: Category, was: int, becomes: int) -> Any:
    match tree:
        case {"category": found} if found == category:
            if not isinstance(tree.get("value"), list):
                return {**tree, "value": becomes} if tree.get("value") == was else tree
            return {**tree, "value": list(dict.fromkeys(becomes if each == was else each for each in tree["value"]))}
        case {"$and": list(parts)}:
            return {"$and": [_renamed(part, category, was, becomes) for part in parts]}
        case {"$or": list(parts)}:
            return {"$or": [_renamed(part, category, was, becomes) for part in parts]}
        case _:
            return tree
