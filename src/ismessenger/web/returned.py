"""Words and files that come back to the composer they were written in, because they are not sent after all."""

from sqlalchemy import func, select
from sqlmodel import col

from ismessenger.messages.model import Message
from ismessenger.messages.parts import files_to_send
from ismessenger.messages.recall import Typed
from ismessenger.web.edge import Visit
from ismessenger.web.shown_compose import kept_file
from ismessenger.web.templating import fragment
from ismessenger.web.view_compose import ReturnedView

MAX_QUOTED = 300


async def returned_to_composer(visit: Visit, contact_id: int, typed: Typed) -> str:
    """The stream that puts them there."""
    files = await files_to_send(visit.db, typed.file_ids)
    about = select(func.left(col(Message.words), MAX_QUOTED)).where(
        col(Message.id) == (typed.reply_to or 0), col(Message.contact_id) == contact_id
    )
    quoted = (await visit.db.execute(about)).scalar_one_or_none()
    returned = ReturnedView(
        contact_id=contact_id,
        text=typed.text,
        files=[kept_file(file) for file in files],
        reply_to=typed.reply_to if quoted is not None else None,
        quoted=quoted or "",
    )
    return fragment("conversations/returned.stream.html", returned=returned)
