"""The members of a workspace."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession


class MemberNotFound(LookupError):
    """Nobody of this workspace has this id."""


async def members(db: ReadSession, ids: Collection[int | None] | None = None) -> Sequence[Member]:
    """Everybody who works here, or those of ``ids`` who do, by name."""
    statement = select(Member).where(col(Member.removed_at).is_(None)).order_by(Member.name, col(Member.id))
    if ids is not None:
        statement = statement.where(col(Member.id).in_(ids))
    return list((await db.execute(statement)).scalars())


async def present_member(db: ReadSession, member_id: int) -> Member:
    """A member who was not removed. Raises `MemberNotFound`."""
    member: Member | None = await db.get(Member, (db.workspace_id, member_id))
    if member is None or member.removed_at is not None:
        raise MemberNotFound(gettext("There is no such member."))
    return member


async def mates(db: ReadSession, member: Member) -> frozenset[int]:
    """The ids of the members of the member's team; empty without a team."""
    if member.team_id is None:
        return frozenset()
    statement = select(col(Member.id)).where(col(Member.team_id) == member.team_id, col(Member.removed_at).is_(None))
    return frozenset((await db.execute(statement)).scalars())
