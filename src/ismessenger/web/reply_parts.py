"""What a member's composer holds, as contents to send."""

from collections.abc import Sequence

from ismessenger.messages.parts import files_to_send, parts
from ismessenger.messages.reply import Part
from ismessenger.web.edge import Visit


async def parts_of(visit: Visit, text: str, file_ids: Sequence[int]) -> list[Part]:
    """The words and the files, which are the member's own uploads or the library's. Raises `ReplyRefused`."""
    files = await files_to_send(visit.db, file_ids, by=visit.member.id)
    return parts(visit.installation, visit.db.workspace_id, text, files)
