"""The numbers beside the inboxes, and where the dot goes that says that something new came in."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, literal, select
from sqlmodel import col

from ismessenger.accounts.model import Member, ReadMark
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.model import Contact
from ismessenger.conversations.inboxes import Inbox, in_standing, inboxes_with_dot
from ismessenger.tenancy.doors import ReadSession

COUNTED = 1000


async def count_open(db: ReadSession, member: Member, inboxes: Sequence[Inbox]) -> Mapping[Inbox, int]:
    """How many open conversations each of these holds, counted up to `COUNTED`. The caller sees to it that the member has them."""
    if not inboxes:
        return {}
    row = (await db.execute(select(*[_count(in_standing(inbox, member), member) for inbox in inboxes]))).one()
    return dict(zip(inboxes, row, strict=True))


async def count_in(db: ReadSession, member: Member, where: ColumnElement[bool]) -> int:
    """The same for one inbox, which ``where`` is."""
    return int((await db.execute(select(_count(where, member)))).scalar_one())


async def inbox_with_news(db: ReadSession, member: Member) -> Inbox | None:
    """The one inbox that shows the dot: the first by priority that holds an open conversation which the member has not read."""
    has = inboxes_with_dot(member)
    row = (await db.execute(select(*[_holds_unread(member, inbox) for inbox in has]))).one()
    return next((inbox for inbox, unread in zip(has, row, strict=True) if unread), None)


def _count(where: ColumnElement[bool], member: Member) -> ColumnElement[int]:
    some = select(literal(1)).select_from(Contact).where(visible_to(member), col(Contact.status) == "open", where)
    return select(func.count()).select_from(some.limit(COUNTED).subquery()).scalar_subquery()


def _holds_unread(member: Member, inbox: Inbox) -> ColumnElement[bool]:
    """Looks at the newest `COUNTED` conversations only, so that a member who reads everything costs no more than the count."""
    wanted = (visible_to(member), col(Contact.status) == "open", col(Contact.last_message_at).is_not(None), in_standing(inbox, member))
    newest = select(col(Contact.id), col(Contact.last_incoming_id)).where(*wanted)
    found = newest.order_by(col(Contact.last_message_at).desc(), col(Contact.id).desc()).limit(COUNTED).subquery()
    mine = and_(col(ReadMark.contact_id) == found.c.id, col(ReadMark.member_id) == member.id)
    unread = found.c.last_incoming_id > func.coalesce(col(ReadMark.message_id), 0)
    return select(found.c.id).outerjoin(ReadMark, mine).where(unread).exists()
