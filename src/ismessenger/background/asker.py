"""For whom a long job works: somebody may be removed or lose a right while it runs."""

from ismessenger.accounts.members import MemberNotFound, present_member
from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right, may
from ismessenger.background.job import JobFailed
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession


async def asker(db: ReadSession, member_id: int | None, *rights: Right) -> Member:
    """Who asked for a job, with the rights that it needs. Raises `JobFailed`."""
    try:
        member = await present_member(db, member_id or 0)
    except MemberNotFound as error:
        raise JobFailed(gettext("Whoever asked for this does not work here any more.")) from error
    if not all(may(member, right) for right in rights):
        raise JobFailed(gettext("Whoever asked for this is not allowed to do it any more."))
    return member
