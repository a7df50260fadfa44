"""What a composer holds, as contents to send."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from ismessenger.files.links import file_url
from ismessenger.files.model import StoredFile
from ismessenger.kit.clock import now
from ismessenger.messages.media import kind_of
from ismessenger.messages.reply import Part
from ismessenger.sdk.content import Media, Text
from ismessenger.web.edge import Visit
from ismessenger.web.errors import Unprocessable

# Where a channel takes no files, the link itself is what the customer gets.
LINK_LIFE = timedelta(days=30)


async def parts_of(visit: Visit, text: str, file_ids: Sequence[int]) -> list[Part]:
    """The files in their order, the words as the first one's caption; without files the words alone. Raises `Unprocessable`."""
    files = await _own_files(visit, file_ids)
    words = text.strip()
    if not files:
        return [Part(Text(text=words))] if words else []
    return [Part(_media(visit, file, words if index == 0 else ""), file) for index, file in enumerate(files)]


def _media(visit: Visit, file: StoredFile, caption: str) -> Media:
    url = file_url(visit.installation, visit.db.workspace_id, file.path, file.name, expires_at=now() + LINK_LIFE)
    return Media(kind=kind_of(file.mime), url=url, mime=file.mime, file_name=file.name, size=file.size, caption=caption or None)


async def _own_files(visit: Visit, file_ids: Sequence[int]) -> list[StoredFile]:
    if not file_ids:
        return []
    statement = select(StoredFile).where(col(StoredFile.id).in_(file_ids), col(StoredFile.uploaded_by_id) == visit.member.id)
    found = {file.id: file for file in (await visit.db.execute(statement)).scalars()}
    missing = [file_id for file_id in file_ids if file_id not in found]
    if missing:
        raise Unprocessable("One of the files is not there any more. Attach it again.")
    return [found[file_id] for file_id in dict.fromkeys(file_ids)]
