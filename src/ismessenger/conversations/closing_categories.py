"""What closed conversations were about: the categories that a workspace lets its members choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.conversations.model import ClosingCategory
from ismessenger.conversations.rules import closing_rules
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_NAME: Final = 128
MAX_DESCRIPTION: Final = 255
MAX_CATEGORIES: Final = 200

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('closing_category', :workspace_id))")


@dataclass(frozen=True, slots=True)
class CategoryDraft:
    """What a category shall be."""

    name: str
    description: str = ""


async def categories(db: ReadSession) -> Sequence[ClosingCategory]:
    """All of them, in the order that the workspace gave them."""
    return list((await db.execute(select(ClosingCategory).order_by(col(ClosingCategory.position), col(ClosingCategory.id)))).scalars())


async def category_named(db: ReadSession, category_id: int) -> ClosingCategory:
    """A category by its id. Raises `NotThere`."""
    found: ClosingCategory | None = await db.get(ClosingCategory, (db.workspace_id, category_id))
    if found is None:
        raise NotThere(gettext("There is no such category."))
    return found


async def category_by_name(db: ReadSession, name: str) -> ClosingCategory | None:
    """The category that is called so; capitals do not matter."""
    statement = select(ClosingCategory).where(func.lower(ClosingCategory.name) == func.lower(_plain(name)))
    found: ClosingCategory | None = (await db.execute(statement)).scalar_one_or_none()
    return found


async def add_category(db: WriteSession, draft: CategoryDraft) -> ClosingCategory:
    """A new category behind the others. Raises `Refused`."""
    draft = _checked(draft)
    await _alone(db)
    existing = await categories(db)
    if len(existing) >= MAX_CATEGORIES:
        raise Refused(gettext("A workspace has at most %(most)s closing categories.") % {"most": MAX_CATEGORIES})
    position = max((each.position for each in existing), default=-1) + 1
    category = ClosingCategory(name=draft.name, description=draft.description, position=position)
    try:
        async with db.begin_nested():
            db.add(category)
            await db.flush()
    except IntegrityError as error:
        raise _taken(draft) from error
    return category


async def change_category(db: WriteSession, category_id: int, draft: CategoryDraft) -> None:
    """Another name or description. Conversations that were closed keep the name of then. Raises `Refused`, `NotThere`."""
    draft = _checked(draft)
    values = {"name": draft.name, "description": draft.description}
    changed = update(ClosingCategory).where(col(ClosingCategory.id) == category_id).values(**values).returning(col(ClosingCategory.id))
    try:
        async with db.begin_nested():
            found = (await db.execute(changed.execution_options(synchronize_session=False))).first()
    except IntegrityError as error:
        raise _taken(draft) from error
    if found is None:
        raise NotThere(gettext("There is no such category."))


async def delete_category(db: WriteSession, category_id: int) -> None:
    """Take it from the list. Conversations that were closed keep its name. Raises `NotThere`, and `Refused` for the last one wanted."""
    await _alone(db)
    gone = delete(ClosingCategory).where(col(ClosingCategory.id) == category_id).returning(col(ClosingCategory.id))
    if (await db.execute(gone.execution_options(synchronize_session=False))).first() is None:
        raise NotThere(gettext("There is no such category."))
    if (await closing_rules(db)).asks and not await categories(db):
        raise Refused(
            gettext("Whoever closes a conversation has to choose a category, and this is the last one. Have nobody asked for it first.")
        )


async def order_categories(db: WriteSession, category_ids: Sequence[int]) -> None:
    """Put them into this order; those that are not named stay behind."""
    await _alone(db)
    existing = [category.id for category in await categories(db)]
    wanted = [id_ for id_ in dict.fromkeys(category_ids) if id_ in existing]
    for position, id_ in enumerate([*wanted, *(id_ for id_ in existing if id_ not in wanted)]):
        moved = update(ClosingCategory).where(col(ClosingCategory.id) == id_).values(position=position)
        await db.execute(moved.execution_options(synchronize_session=False))


async def _alone(db: WriteSession) -> None:
    await db.execute(_LOCK, {"workspace_id": db.workspace_id})


def _plain(typed: str) -> str:
    return " ".join(clean(typed).split())


def _checked(draft: CategoryDraft) -> CategoryDraft:
    name, description = _plain(draft.name), clean(draft.description).strip()
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("A category needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if len(description) > MAX_DESCRIPTION:
        raise Refused(gettext("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION})
    return CategoryDraft(name, description)


def _taken(draft: CategoryDraft) -> Refused:
    return Refused(gettext("There is a category called %(name)s already.") % {"name": draft.name})
