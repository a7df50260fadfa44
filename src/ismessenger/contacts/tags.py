"""The tags of a workspace: short labels that people put on contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ARRAY, ColumnElement, bindparam, cast, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.model import Tag
from ismessenger.kit.folding import folded
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_NAME = 255
MAX_DESCRIPTION = 255
MAX_EMOJI = 16
MAX_TAGS = 5000
COUNTED = 10_000
PAGE = 50
Position = tuple[str, int]
"""Where a page begins: behind the tag with this name in small letters and this id."""

COLORS: Final[Sequence[str]] = ("grey", "red", "orange", "yellow", "green", "blue", "indigo", "purple")

_COUNT = text(
    "SELECT w.id, n.number FROM unnest(CAST(:ids AS bigint[])) AS w(id), LATERAL (SELECT count(*) AS number FROM (SELECT 1 FROM contact"
    " WHERE tag_ids @> ARRAY[w.id] AND tag_ids <> '{}' LIMIT :limit) AS c) AS n"
).bindparams(bindparam("limit", COUNTED + 1))


@dataclass(frozen=True, slots=True)
class TagDraft:
    """What a tag shall be. ``color`` is one of `COLORS`."""

    name: str
    description: str = ""
    emoji: str = ""
    color: str = "grey"


async def tags(db: ReadSession) -> Sequence[Tag]:
    """All tags, by name."""
    return list((await db.execute(select(Tag).order_by(func.lower(Tag.name), col(Tag.id)))).scalars())


async def tag_named(db: ReadSession, tag_id: int) -> Tag:
    """A tag by its id. Raises `NotThere`."""
    tag: Tag | None = await db.get(Tag, (db.workspace_id, tag_id))
    if tag is None:
        raise NotThere(gettext("There is no such tag."))
    return tag


async def tags_by_name(db: ReadSession, names: Sequence[str], *, create: bool = True) -> list[Tag]:
    """The tags of these names in the order of the names, each once; capitals do not matter. Unknown ones are made, or left out.

    To make them it needs a `WriteSession`. Raises `Refused` for a name that no tag can have.
    """
    wanted = list(dict.fromkeys(_named(name) for name in names))
    found = await _by_names(db, wanted)
    missing = {name.lower(): name for name in reversed(wanted) if name not in found}
    if create and missing:
        await _room(db, len(missing))
        rows = [{"workspace_id": db.workspace_id, "name": name, "color": "grey"} for name in missing.values()]
        new = insert(Tag).values([row | {"description": "", "emoji": "", "created_at": func.now()} for row in rows])
        await db.execute(new.on_conflict_do_nothing())
        # Somebody else may have made one at the same instant: what counts is what stands in the table now.
        found |= await _by_names(db, wanted)
    return list({found[name].id: found[name] for name in wanted if name in found}.values())


async def tags_like(db: ReadSession, words: str, *, but: Sequence[int], limit: int) -> Sequence[Tag]:
    """Tags with these words in their name, but for some; in this very spelling first, and then those that begin with the words."""
    name, place = func.lower(Tag.name), func.strpos(func.search_fold(Tag.name), folded(words))
    statement = select(Tag).where(place > 0, col(Tag.id).not_in(but))
    order = (func.strpos(name, words.lower()) == 0, place, name, col(Tag.id))
    return list((await db.execute(statement.order_by(*order).limit(limit))).scalars())


async def tags_page(db: ReadSession, words: str, *, after: Position | None = None) -> tuple[Sequence[Tag], Position | None]:
    """A page of the tags with these words in their name, by name; and where the next page begins."""
    name: ColumnElement[str] = func.lower(Tag.name)
    statement = select(Tag, name).order_by(name, col(Tag.id)).limit(PAGE + 1)
    if words:
        statement = statement.where(func.strpos(func.search_fold(Tag.name), folded(words)) > 0)
    if after is not None:
        statement = statement.where(tuple_(name, col(Tag.id)) > tuple_(*after))
    rows = (await db.execute(statement)).all()
    page = rows[:PAGE]
    return [tag for tag, _name in page], (page[-1][1], page[-1][0].id) if len(rows) > PAGE else None


async def used(db: ReadSession, tag_ids: Sequence[int]) -> Mapping[int, int]:
    """On how many contacts each tag is, exact up to `COUNTED`; one more says that it is more."""
    return {row.id: row.number for row in (await db.execute(_COUNT, {"ids": list(tag_ids)})).all()}


async def add_tag(db: WriteSession, draft: TagDraft) -> Tag:
    """A new tag. Raises `Refused`."""
    draft = _checked(draft)
    await _room(db, 1)
    tag = Tag(name=draft.name, description=draft.description, emoji=draft.emoji, color=draft.color)
    try:
        async with db.begin_nested():
            db.add(tag)
            await db.flush()
    except IntegrityError as error:
        raise _taken(draft) from error
    return tag


async def change_tag(db: WriteSession, tag_id: int, draft: TagDraft) -> None:
    """Another name, description, emoji or colour; contacts keep the tag. Raises `Refused`, `NotThere`."""
    draft = _checked(draft)
    values = {"name": draft.name, "description": draft.description, "emoji": draft.emoji, "color": draft.color}
    try:
        async with db.begin_nested():
            changed = update(Tag).where(col(Tag.id) == tag_id).values(**values).returning(col(Tag.id))
            found = (await db.execute(changed.execution_options(synchronize_session=False))).first()
    except IntegrityError as error:
        raise _taken(draft) from error
    if found is None:
        raise NotThere(gettext("There is no such tag."))
    db.announce("refresh", 0)


async def _by_names(db: ReadSession, names: Sequence[str]) -> dict[str, Tag]:
    """The tags that exist, by the names as they were asked for: PostgreSQL decides what is the same but for capitals."""
    asked = func.unnest(cast(list(names), ARRAY(Tag.__table__.c.name.type))).table_valued("name").render_derived(name="asked")  # type: ignore[attr-defined]
    statement = select(asked.c.name, Tag).select_from(asked).join(Tag, func.lower(Tag.name) == func.lower(asked.c.name))
    named: dict[str, Tag] = dict((await db.execute(statement)).all())
    return named


async def _room(db: ReadSession, more: int) -> None:
    number = (await db.execute(select(func.count()).select_from(Tag))).scalar_one()
    if number + more > MAX_TAGS:
        raise Refused(gettext("A workspace has at most %(most)s tags.") % {"most": MAX_TAGS})


def _checked(draft: TagDraft) -> TagDraft:
    description, emoji = clean(draft.description).strip(), clean(draft.emoji).strip()
    if len(description) > MAX_DESCRIPTION:
        raise Refused(gettext("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION})
    if len(emoji) > MAX_EMOJI or " " in emoji:
        raise Refused(gettext("One emoji is enough."))
    if draft.color not in COLORS:
        raise Refused(gettext("A tag is %(others)s or %(last)s.") % {"others": ", ".join(COLORS[:-1]), "last": COLORS[-1]})
    return TagDraft(_named(draft.name), description, emoji, draft.color)


def _named(typed: str) -> str:
    name = " ".join(clean(typed).split())
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("A tag needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    return name


def _taken(draft: TagDraft) -> Refused:
    return Refused(gettext("There is a tag called %(name)s already.") % {"name": draft.name})
