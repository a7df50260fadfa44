"""What a member may do here: role, restrictions, team. Who gives it, and to whom."""

from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlmodel import col

from ismessenger.accounts.members import MemberNotFound
from ismessenger.accounts.model import Member, Team
from ismessenger.accounts.rights import OWNER, RESTRICTIONS, may_manage
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession


class AccessRefused(ValueError):
    """Nobody can have such an access; the text says why."""


class NotManaged(PermissionError):
    """Whoever asks may not invite, edit or remove this person; the text says why."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a member has, or somebody who is invited will have."""

    role: str
    restrictions: tuple[str, ...] = ()
    team_id: int | None = None


async def check_access(db: ReadSession, access: Access) -> None:
    """See that role, restrictions and team fit. In a `WriteSession` the team then stays until it ends. Raises `AccessRefused`."""
    if access.role not in RESTRICTIONS:
        raise AccessRefused(gettext("Choose a role: Owner, Manager or Agent."))
    if set(access.restrictions) - set(RESTRICTIONS[access.role]):
        raise AccessRefused(gettext("This role cannot be restricted in that way."))
    if {ONLY_MINE, ONLY_TEAM} <= set(access.restrictions):
        raise AccessRefused(gettext("Choose one of the ways to limit which contacts are seen."))
    if access.team_id is None:
        if ONLY_TEAM in access.restrictions:
            raise AccessRefused(gettext("Choose a team: whoever sees only the contacts of their team needs one."))
        return
    statement = select(col(Team.id)).where(col(Team.id) == access.team_id)
    if isinstance(db, WriteSession):
        statement = statement.with_for_update(read=True, key_share=True)
    if (await db.execute(statement)).first() is None:
        raise AccessRefused(gettext("This team does not exist any more. Choose another one."))


async def change_access(db: WriteSession, member_id: int, access: Access, *, by: Member) -> Member:
    """Give a member another role, restrictions or team; their open pages are asked for again.

    Raises `AccessRefused`, `NotManaged`, `MemberNotFound`.
    """
    await check_access(db, access)
    member = await hold_managed(db, member_id, by=by, leaves_owners=access.role != OWNER, role=access.role)
    teams = {member.team_id, access.team_id} if member.team_id != access.team_id else set()
    member.role, member.restrictions, member.team_id = access.role, sorted(set(access.restrictions)), access.team_id
    await db.flush()
    db.announce("member", 0, member_id=member.id)
    await announce_teams(db, teams - {None})
    return member


async def hold_managed(db: WriteSession, member_id: int, *, by: Member, leaves_owners: bool, role: str | None = None) -> Member:
    """A member whom ``by`` may edit (to ``role``) or remove, locked together with all Owners: two of them cannot end each other at once.

    Raises `NotManaged`, `AccessRefused`, `MemberNotFound`.
    """
    owns = and_(col(Member.role) == OWNER, col(Member.removed_at).is_(None))
    # Teams before people, people by number: whoever locks several takes them in this order.
    statement = select(Member).where(or_(col(Member.id).in_([member_id, by.id]), owns)).order_by(col(Member.id)).with_for_update()
    found = {each.id: each for each in (await db.execute(statement.execution_options(populate_existing=True))).scalars()}
    member = found.get(member_id)
    if member is None or member.removed_at is not None:
        raise MemberNotFound(gettext("There is no such member."))
    # What the actor may do is judged on the locked row: it may have changed since the page was asked for.
    actor = found[by.id]
    if member.id == actor.id:
        raise NotManaged(gettext("Nobody changes their own access. Ask another Owner."))
    if not all(may_manage(actor, wanted, member_id=member.id) for wanted in (member.role, role or member.role)):
        raise NotManaged(gettext("Managers manage Agents only. Ask an Owner."))
    owners = [each for each in found.values() if each.role == OWNER and each.removed_at is None]
    if leaves_owners and [each.id for each in owners] == [member.id]:
        raise AccessRefused(gettext("A workspace needs an Owner. Make somebody else an Owner first."))
    return member


async def announce_teams(db: WriteSession, team_ids: set[int | None]) -> None:
    """Have the pages of the members of these teams asked for again: whose contacts they see has changed."""
    if not team_ids:
        return
    statement = select(col(Member.id)).where(col(Member.team_id).in_(team_ids), col(Member.removed_at).is_(None))
    told = {change.get("member_id") for change in db.changes if change["kind"] == "member"}
    for member_id in (await db.execute(statement)).scalars():
        if member_id not in told:
            db.announce("member", 0, member_id=member_id)
