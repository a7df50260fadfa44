"""Internal notes in a contact's thread."""

from sqlmodel import select

from ismessenger.contacts.lock import lock_contact
from ismessenger.kit.text import clean
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.mention import mentioned
from ismessenger.messages.model import Comment
from ismessenger.notifications.notify import notify
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import WriteSession

MAX_LENGTH = 1000


async def comment(
    db: WriteSession, contact_id: int, words: str, *, by: int | None, kind: str = "user", client_id: str | None = None
) -> Comment:
    """Write a note that only members see; whom it names is told. A repeated ``client_id`` returns the first one.

    Raises `ReplyRefused`, `ContactNotFound`.
    """
    contact = await lock_contact(db, contact_id)
    words = clean(words).strip()
    if not words or len(words) > MAX_LENGTH:
        raise ReplyRefused(gettext("A comment has between 1 and %(most)s characters.") % {"most": MAX_LENGTH}, "length")
    if client_id is not None:
        before = (await db.execute(select(Comment).where(Comment.client_id == client_id))).scalar_one_or_none()
        if before is not None and before.contact_id != contact_id:
            raise ReplyRefused(gettext("This comment was written to another contact."), "conflict")
        if before is not None:
            return before
    stored, ids = await mentioned(db, contact, words)
    row = Comment(contact_id=contact_id, text=stored, mentioned_ids=ids, author_id=by, author_kind=kind, client_id=client_id)
    db.add(row)
    await db.flush()
    member = by if kind == "user" else None
    await notify(db, "mention", contact_id, to=[member_id for member_id in ids if member_id != member], by=member, subject_id=row.id)
    db.announce("comment", contact_id, id=row.id)
    return row
