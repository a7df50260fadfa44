"""Snippets: words that are written often, for everybody or for one member alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Final

from sqlalchemy import ColumnElement, any_, case, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.files.library import library_files
from ismessenger.kit.clock import now
from ismessenger.kit.folding import folded
from ismessenger.kit.text import clean
from ismessenger.messages.model import Snippet
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_NAME: Final = 50
MAX_TEXT: Final = 2000
MAX_TOPICS: Final = 10
MAX_FILES: Final = 10
MAX_SHARED: Final = 2000
MAX_OWN: Final = 500
PAGE: Final = 50
Position = tuple[str, int]
"""Where a page begins: behind the snippet with this name in small letters and this id."""

_NAMES = (Snippet.slug, Snippet.name)
_SLUG = re.compile(r"[\w-]+")


@dataclass(frozen=True, slots=True)
class SnippetDraft:
    """What a snippet shall be. Without a ``slug`` it is made from the name."""

    name: str
    text: str
    slug: str = ""
    topics: Sequence[str] = ()
    file_ids: Sequence[int] = ()


async def snippets_page(
    db: ReadSession, owner_id: int | None, words: str = "", topic: str = "", *, after: Position | None = None
) -> tuple[list[Snippet], Position | None]:
    """A page of the shared snippets, or of a member's own, by name; and where the next page begins."""
    name: ColumnElement[str] = func.lower(Snippet.name)
    statement = select(Snippet, name).where(_of(owner_id))
    if words:
        statement = statement.where(_holds(words))
    if topic:
        statement = statement.where(literal(topic) == any_(col(Snippet.topics)))
    if after is not None:
        statement = statement.where(tuple_(name, col(Snippet.id)) > tuple_(*after))
    rows = (await db.execute(statement.order_by(name, col(Snippet.id)).limit(PAGE + 1))).all()
    page = rows[:PAGE]
    return [snippet for snippet, _name in page], (page[-1][1], page[-1][0].id) if len(rows) > PAGE else None


async def find_snippets(db: ReadSession, member_id: int, words: str, *, limit: int) -> list[Snippet]:
    """What a member may put in by these words: a name or shortcut that begins with them first. ``#topic`` finds a topic's."""
    statement = select(Snippet).where(or_(_of(None), _of(member_id)))
    if words.startswith("#"):
        each_on_a_line = "\n" + func.search_fold(func.array_to_string(Snippet.topics, "\n"))
        statement = statement.where(func.strpos(each_on_a_line, f"\n{folded(words[1:].strip())}") > 0)
    elif words:
        statement = statement.where(_holds(words))
    order = (*_rank(words), func.lower(Snippet.name), col(Snippet.id))
    return list((await db.execute(statement.order_by(*order).limit(limit))).scalars())


async def topics_of(db: ReadSession, owner_id: int | None, *, also_shared: bool = False) -> list[str]:
    """The topics of the shared snippets, or of a member's own, by name."""
    of = or_(_of(None), _of(owner_id)) if also_shared else _of(owner_id)
    topic = func.unnest(Snippet.topics).label("topic")
    return sorted(set((await db.execute(select(topic).where(of).distinct())).scalars()), key=str.casefold)


async def snippet_of(db: ReadSession, snippet_id: int, owner_id: int | None) -> Snippet:
    """A shared snippet, or one of a member's own. Raises `NotThere`."""
    snippet: Snippet | None = await db.get(Snippet, (db.workspace_id, snippet_id))
    if snippet is None or snippet.owner_id != owner_id:
        raise NotThere(gettext("There is no such snippet."))
    return snippet


async def add_snippet(db: WriteSession, draft: SnippetDraft, *, owner_id: int | None, by: int) -> Snippet:
    """A new snippet, of ``owner_id`` alone or for everybody. Raises `Refused`."""
    number = (await db.execute(select(func.count()).select_from(Snippet).where(_of(owner_id)))).scalar_one()
    if number >= (most := MAX_SHARED if owner_id is None else MAX_OWN):
        raise Refused(gettext("There are %(most)s snippets already; delete some that nobody uses.") % {"most": most})
    draft = await _checked(db, draft, owner_id)
    snippet = Snippet(owner_id=owner_id, created_by_id=by, **_values(draft))
    try:
        async with db.begin_nested():
            db.add(snippet)
            await db.flush()
    except IntegrityError as error:
        raise _taken(draft) from error
    return snippet


async def change_snippet(db: WriteSession, snippet: Snippet, draft: SnippetDraft) -> None:
    """Make it what the draft says; without a slug it keeps its own. Raises `Refused`."""
    draft = await _checked(db, replace(draft, slug=draft.slug or snippet.slug), snippet.owner_id)
    changed = update(Snippet).where(col(Snippet.id) == snippet.id).values(**_values(draft), updated_at=now())
    try:
        async with db.begin_nested():
            await db.execute(changed.execution_options(synchronize_session=False))
    except IntegrityError as error:
        raise _taken(draft) from error


async def duplicate_snippet(db: WriteSession, snippet: Snippet, *, by: int) -> Snippet:
    """The same once more, under a name and a shortcut of its own. Raises `Refused`."""
    draft = SnippetDraft(snippet.name, snippet.text, await _free(db, snippet.slug, snippet.owner_id), snippet.topics, snippet.file_ids)
    return await add_snippet(db, draft, owner_id=snippet.owner_id, by=by)


async def delete_snippet(db: WriteSession, snippet: Snippet) -> None:
    """Delete it; what was written with it stays."""
    await db.execute(delete(Snippet).where(col(Snippet.id) == snippet.id))


def _of(owner_id: int | None) -> ColumnElement[bool]:
    return col(Snippet.owner_id).is_(None) if owner_id is None else col(Snippet.owner_id) == owner_id


def _holds(words: str) -> ColumnElement[bool]:
    places = (Snippet.name, Snippet.slug, Snippet.text, func.array_to_string(Snippet.topics, " "))
    return or_(*(func.strpos(func.search_fold(place), folded(words)) > 0 for place in places))


def _rank(words: str) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """By whether a name has the words in this very spelling, and then by where they stand."""
    spelled, plain = [func.lower(place) for place in _NAMES], [func.search_fold(place) for place in _NAMES]
    begins = or_(*(func.starts_with(place, folded(words)) for place in plain))
    named = or_(*(func.strpos(place, folded(words)) > 0 for place in plain))
    as_typed = or_(*(func.strpos(place, words.lower()) > 0 for place in spelled))
    return case((as_typed, 0), else_=1), case((begins, 0), (named, 1), else_=2)


def _values(draft: SnippetDraft) -> dict[str, Any]:
    topics, file_ids = list(draft.topics), list(draft.file_ids)
    return {"name": draft.name, "slug": draft.slug, "text": draft.text, "topics": topics, "file_ids": file_ids}


async def _checked(db: ReadSession, draft: SnippetDraft, owner_id: int | None) -> SnippetDraft:
    name, words = " ".join(clean(draft.name).split()), clean(draft.text).strip()
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("A snippet needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if len(words) > MAX_TEXT:
        raise Refused(gettext("The words of a snippet have at most %(most)s characters.") % {"most": MAX_TEXT})
    slug = clean(draft.slug).strip().removeprefix("/").lower()
    if slug and (len(slug) > MAX_NAME or not _SLUG.fullmatch(slug)):
        raise Refused(gettext("A shortcut has at most %(most)s letters, digits, hyphens and underscores.") % {"most": MAX_NAME})
    files = await library_files(db, draft.file_ids)
    if len(files) > MAX_FILES:
        raise Refused(gettext("A snippet has at most %(most)s files.") % {"most": MAX_FILES})
    if not words and not files:
        raise Refused(gettext("Write what the snippet says, or give it a file."))
    slug = slug or await _free(db, "-".join(_SLUG.findall(name.lower()))[: MAX_NAME - 5] or "snippet", owner_id)
    return SnippetDraft(name, words, slug, _topics(draft.topics), [file.id for file in files])


def _topics(typed: Sequence[str]) -> list[str]:
    by_name = {topic.casefold(): topic for each in reversed(typed) if (topic := " ".join(clean(each).split()).removeprefix("#"))}
    topics = sorted(by_name.values(), key=str.casefold)
    if len(topics) > MAX_TOPICS or any(len(topic) > MAX_NAME for topic in topics):
        raise Refused(
            gettext("A snippet has at most %(most)s topics of at most %(longest)s characters each.")
            % {"most": MAX_TOPICS, "longest": MAX_NAME}
        )
    return topics


async def _free(db: ReadSession, slug: str, owner_id: int | None) -> str:
    """The slug, with a number behind it where it is taken."""
    base = slug[: MAX_NAME - 5]
    statement = select(func.lower(Snippet.slug)).where(_of(owner_id), func.starts_with(func.lower(Snippet.slug), base))
    taken = set((await db.execute(statement)).scalars())
    return next(each for number in count(1) if (each := base if number == 1 else f"{base}-{number}") not in taken)


def _taken(draft: SnippetDraft) -> Refused:
    return Refused(gettext("There is a snippet with the shortcut /%(slug)s already.") % {"slug": draft.slug})
