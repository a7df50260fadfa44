"""Where the dot goes that says that something new came in."""

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import col

from ismessenger.accounts.model import Member, ReadMark
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.model import Contact
from ismessenger.conversations.listing import COUNTED, Inbox, in_inbox, inboxes_of
from ismessenger.tenancy.doors import ReadSession

PRIORITY: tuple[Inbox, ...] = ("mine", "unassigned", "all")


async def inbox_with_news(db: ReadSession, member: Member) -> Inbox | None:
    """The one inbox that shows the dot: the first by priority that holds an open conversation which the member has not read."""
    has = [inbox for inbox in PRIORITY if inbox in inboxes_of(member)]
    row = (await db.execute(select(*[_holds_unread(member, inbox).label(inbox) for inbox in has]))).one()
    return next((inbox for inbox, unread in zip(has, row, strict=True) if unread), None)


def _holds_unread(member: Member, inbox: Inbox) -> ColumnElement[bool]:
    """Looks at the newest `COUNTED` conversations only, so that a member who reads everything costs no more than the count."""
    wanted = (visible_to(member), col(Contact.status) == "open", col(Contact.last_message_at).is_not(None), *in_inbox(inbox, member))
    newest = select(col(Contact.id), col(Contact.last_incoming_id)).where(*wanted)
    found = newest.order_by(col(Contact.last_message_at).desc(), col(Contact.id).desc()).limit(COUNTED).subquery()
    mine = and_(col(ReadMark.contact_id) == found.c.id, col(ReadMark.member_id) == member.id)
    unread = found.c.last_incoming_id > func.coalesce(col(ReadMark.message_id), 0)
    return select(found.c.id).outerjoin(ReadMark, mine).where(unread).exists()
