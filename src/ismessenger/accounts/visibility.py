"""What a member may see: the one clause that every list, count, search, stream and notification uses."""

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlmodel import col

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
        mates = select(col(Member.id)).where(col(Member.team_id) == member.team_id, col(Member.removed_at).is_(None))
        return or_(mine, Contact.assignee_id.in_(mates))  # type: ignore[union-attr]
    return true()


def assignees_seen(member: Member, mates: frozenset[int] = frozenset()) -> frozenset[int] | None:
    """The same rule in memory: whose contacts the member sees; ``None``: everybody's and nobody's. ``mates`` are the ids of the team."""
    if member.removed_at is not None:
        return frozenset()
    if member.role != "agent":
        return None
    if ONLY_MINE in member.restrictions:
        return frozenset({member.id})
    if ONLY_TEAM in member.restrictions:
        return mates | {member.id}
    return None


def sees(member: Member, *, assignee_id: int | None, mates: frozenset[int] = frozenset()) -> bool:
    """Whether the member sees a contact of this assignee."""
    seen = assignees_seen(member, mates)
    return seen is None or assignee_id in seen
