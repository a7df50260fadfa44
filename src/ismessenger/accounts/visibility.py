"""What a member may see: the one clause that every list, count, search, stream and notification uses."""

from sqlalchemy import ColumnElement, false, or_, select, true

from ismessenger.accounts.model import Member
from ismessenger.contacts.model import Contact

ONLY_MINE = "contacts_assigned_to_me"
ONLY_TEAM = "contacts_assigned_to_team"


def visible_to(member: Member) -> ColumnElement[bool]:
    """A condition on `Contact`. Only Agents can be restricted in what they see."""
    if member.removed_at is not None:
        return false()
    if member.role != "agent":
        return true()
    mine: ColumnElement[bool] = Contact.assignee_id == member.id  # type: ignore[assignment]
    if ONLY_MINE in member.restrictions:
        return mine
    if ONLY_TEAM in member.restrictions:
        if member.team_id is None:
            return mine
        mates = select(Member.id).where(Member.team_id == member.team_id, Member.removed_at.is_(None))  # type: ignore[union-attr]
        return or_(mine, Contact.assignee_id.in_(mates))  # type: ignore[union-attr]
    return true()


def sees(member: Member, *, assignee_id: int | None, mates: frozenset[int] = frozenset()) -> bool:
    """The same rule for one contact in memory; ``mates`` are the ids of the members of the member's team."""
    if member.removed_at is not None:
        return False
    if member.role != "agent":
        return True
    if ONLY_MINE in member.restrictions:
        return assignee_id == member.id
    if ONLY_TEAM in member.restrictions:
        return assignee_id is not None and (assignee_id == member.id or assignee_id in mates)
    return True
