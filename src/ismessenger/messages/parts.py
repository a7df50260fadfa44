"""What a composer holds, as contents to send: words and files that members uploaded."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select
from sqlmodel import col

from ismessenger.files.links import file_url
from ismessenger.files.model import StoredFile
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.media import kind_of
from ismessenger.messages.reply import Part
from ismessenger.sdk.content import Media, Text
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession

# Where a channel takes no files, the link itself is what the customer gets.
LINK_LIFE = timedelta(days=30)


def parts(installation: Installation, workspace_id: int, text: str, files: Sequence[StoredFile]) -> list[Part]:
    """The files in their order, the words as the first one's caption; without files the words alone."""
    words = text.strip()
    if not files:
        return [Part(Text(text=words))] if words else []
    return [Part(_media(installation, workspace_id, file, words if index == 0 else ""), file) for index, file in enumerate(files)]


def _media(installation: Installation, workspace_id: int, file: StoredFile, caption: str) -> Media:
    url = file_url(installation, workspace_id, file.path, file.name, expires_at=now() + LINK_LIFE)
    return Media(kind=kind_of(file.mime), url=url, mime=file.mime, file_name=file.name, size=file.size, caption=caption or None)


async def files_to_send(db: ReadSession, file_ids: Sequence[int], *, by: int | None = None) -> list[StoredFile]:
    """These files, each once, in this order. ``by``: only what this member uploaded or what is in the library. Raises `ReplyRefused`."""
    if not file_ids:
        return []
    statement = select(StoredFile).where(col(StoredFile.id).in_(file_ids))
    if by is not None:
        statement = statement.where(or_(col(StoredFile.uploaded_by_id) == by, col(StoredFile.library_at).is_not(None)))
    found = {file.id: file for file in (await db.execute(statement)).scalars()}
    if any(file_id not in found for file_id in file_ids):
        raise ReplyRefused(gettext("One of the files is not there any more. Attach it again."), "file_gone")
    return [found[file_id] for file_id in dict.fromkeys(file_ids)]
