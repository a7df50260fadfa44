"""The library of a workspace: files that snippets and replies use again and again."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ARRAY, BigInteger, cast, func, select, text, tuple_
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.files.model import StoredFile
from ismessenger.kit.clock import now
from ismessenger.kit.folding import folded
from ismessenger.kit.text import clean
from ismessenger.messages.model import Snippet
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_FILES: Final = 5000
MAX_NAME: Final = 150
PAGE: Final = 50
Position = tuple[datetime, int]
"""Where a page begins: behind the file that came at this time with this id."""

_OFF_SNIPPETS = text("UPDATE snippet SET file_ids = array_remove(file_ids, CAST(:id AS bigint)) WHERE CAST(:id AS bigint) = ANY(file_ids)")


@dataclass(frozen=True, slots=True)
class Shelved:
    """A file of the library. ``by`` is who uploaded it, empty if nobody knows."""

    file: StoredFile
    by: str


async def library_page(
    db: ReadSession, words: str, *, after: Position | None = None, limit: int = PAGE
) -> tuple[list[Shelved], Position | None]:
    """A page of the files with these words in their name, newest first; and where the next page begins."""
    at = col(StoredFile.library_at)
    statement = (
        select(StoredFile, col(Member.name)).outerjoin(Member, col(Member.id) == col(StoredFile.uploaded_by_id)).where(at.is_not(None))
    )
    if words:
        statement = statement.where(func.strpos(func.search_fold(StoredFile.name), folded(words)) > 0)
    if after is not None:
        statement = statement.where(tuple_(at, col(StoredFile.id)) < tuple_(*after))
    rows = (await db.execute(statement.order_by(at.desc(), col(StoredFile.id).desc()).limit(limit + 1))).all()
    found = [Shelved(file, by or "") for file, by in rows[:limit]]
    last = found[-1].file if len(rows) > limit else None
    return found, (last.library_at, last.id) if last and last.library_at else None


async def library_file(db: ReadSession, file_id: int) -> StoredFile:
    """A file of the library. Raises `NotThere`."""
    file: StoredFile | None = await db.get(StoredFile, (db.workspace_id, file_id))
    if file is None or file.library_at is None:
        raise NotThere(gettext("There is no such file in the library."))
    return file


async def library_files(db: ReadSession, file_ids: Sequence[int]) -> list[StoredFile]:
    """Those of these files that are in the library, each once, in this order."""
    if not file_ids:
        return []
    statement = select(StoredFile).where(col(StoredFile.id).in_(file_ids), col(StoredFile.library_at).is_not(None))
    found = {file.id: file for file in (await db.execute(statement)).scalars()}
    return [found[file_id] for file_id in dict.fromkeys(file_ids) if file_id in found]


async def shelve(db: WriteSession, file: StoredFile) -> None:
    """Put a file into the library. Raises `Refused`."""
    number = (await db.execute(select(func.count()).select_from(StoredFile).where(col(StoredFile.library_at).is_not(None)))).scalar_one()
    if number >= MAX_FILES:
        raise Refused(gettext("The library holds at most %(most)s files; delete some that nobody uses.") % {"most": MAX_FILES})
    file.library_at = now()
    db.add(file)
    await db.flush()


async def rename_file(db: WriteSession, file_id: int, name: str) -> None:
    """Another name, under which it is sent from now on. Raises `NotThere`, `Refused`."""
    file = await library_file(db, file_id)
    name = " ".join(clean(name).replace("/", "_").replace("\\", "_").split()).strip(". ")
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("A file needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    file.name = name
    await db.flush()


async def take_out(db: WriteSession, file_id: int) -> None:
    """Delete a file of the library and take it off the snippets. Raises `NotThere`.

    Messages keep it, and links to it that customers have been sent work until they expire: it goes when it is as old as an upload that
    was never sent, counted from now.
    """
    file = await library_file(db, file_id)
    file.library_at, file.created_at = None, now()
    await db.flush()
    await db.execute(_OFF_SNIPPETS, {"id": file_id})


async def used_in(db: ReadSession, file_ids: Sequence[int]) -> Mapping[int, list[Snippet]]:
    """The snippets that use each of these files, by name; also other members' own."""
    using: dict[int, list[Snippet]] = defaultdict(list)
    if not file_ids:
        return using
    wanted = cast(list(file_ids), ARRAY(BigInteger))
    statement = select(Snippet).where(col(Snippet.file_ids).op("&&")(wanted)).order_by(func.lower(Snippet.name), col(Snippet.id))
    for snippet in (await db.execute(statement)).scalars():
        for file_id in set(snippet.file_ids).intersection(file_ids):
            using[file_id].append(snippet)
    return using
