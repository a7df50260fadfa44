"""Which segments name a field, a tag or a stage: told before it is deleted, and rewritten when a tag becomes another."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from sqlalchemy import func, select
from sqlmodel import col

from ismessenger.contacts.model import Segment
from ismessenger.tenancy.doors import ReadSession, WriteSession

Category = Literal["contactField", "contactTag", "lifecycle"]


async def segments_naming(db: ReadSession, category: Category, named: int | str) -> list[str]:
    """The names of the segments whose condition mentions it: ``named`` is a field's key, or the id of a tag or a stage."""
    rows = (await db.execute(select(Segment).order_by(func.lower(Segment.name), col(Segment.id)))).scalars()
    return [row.name for row in rows if any(_names(leaf, category, named) for leaf in _leaves(row.condition))]


async def rename_in_segments(db: WriteSession, category: Category, was: int, becomes: int) -> None:
    """Have every condition that names ``was`` name ``becomes``."""
    for row in (await db.execute(select(Segment).order_by(col(Segment.id)).with_for_update())).scalars():
        if any(_names(leaf, category, was) for leaf in _leaves(row.condition)):
            row.condition = _renamed(row.condition, category, was, becomes)
    await db.flush()


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
