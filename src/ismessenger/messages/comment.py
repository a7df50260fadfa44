"""Internal notes in a contact's thread."""

from sqlmodel import select

from ismessenger.contacts.lock import lock_contact
from ismessenger.kit.text import clean
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.model import Comment
from ismessenger.tenancy.doors import WriteSession

MAX_LENGTH = 1000


async def comment(
    db: WriteSession, contact_id: int, words: str, *, by: int | None, kind: str = "user", client_id: str | None = None
) -> Comment:
    """Write a note that only members see. A repeated ``client_id`` returns the first one. Raises `ReplyRefused`, `ContactNotFound`."""
    await lock_contact(db, contact_id)
    words = clean(words).strip()
    if not words or len(words) > MAX_LENGTH:
        raise ReplyRefused(f"A comment has between 1 and {MAX_LENGTH} characters.", "length")
    if client_id is not None:
        before = (await db.execute(select(Comment).where(Comment.client_id == client_id))).scalar_one_or_none()
        if before is not None and before.contact_id != contact_id:
            raise ReplyRefused("This comment was written to another contact.", "conflict")
        if before is not None:
            return before
    row = Comment(contact_id=contact_id, text=words, author_id=by, author_kind=kind, client_id=client_id)
    db.add(row)
    await db.flush()
    db.announce("comment", contact_id, id=row.id)
    return row
