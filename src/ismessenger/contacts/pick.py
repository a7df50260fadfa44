"""Choose another contact by words."""

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.fields import kept_from
from ismessenger.contacts.model import Contact
from ismessenger.contacts.search import named
from ismessenger.tenancy.doors import ReadSession

SHOWN = 10


async def others_named(db: ReadSession, member: Member, contact_id: int, words: str) -> list[Contact]:
    """Whom the member sees by these words, the newest first; without this contact itself."""
    wanted = select(Contact).where(await named(db, words, await kept_from(db, member)), col(Contact.id) != contact_id, visible_to(member))
    return list((await db.execute(wanted.order_by(col(Contact.id).desc()).limit(SHOWN))).scalars())
