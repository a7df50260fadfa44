"""Teams of a workspace. A member is in one team or in none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ismessenger.accounts.access import announce_teams
from ismessenger.accounts.model import Member, Team
from ismessenger.accounts.visibility import ONLY_TEAM
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_NAME = 60
MAX_DESCRIPTION = 300


class TeamRefused(ValueError):
    """A team cannot be like that; the text says why."""


class TeamNotFound(LookupError):
    """There is no such team."""


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """What a team shall be. ``member_ids`` leave the teams they are in."""

    name: str
    description: str = ""
    member_ids: Collection[int] = ()


async def teams(db: ReadSession) -> Sequence[Team]:
    """All teams, by name."""
    return list((await db.execute(select(Team).order_by(func.lower(Team.name), col(Team.id)))).scalars())


async def team_names(db: ReadSession) -> Mapping[int, str]:
    """The names of all teams by their ids, in the order of the names."""
    return {team.id: team.name for team in await teams(db)}


async def team_named(db: ReadSession, team_id: int) -> Team:
    """A team by its id. Raises `TeamNotFound`."""
    team: Team | None = await db.get(Team, (db.workspace_id, team_id))
    if team is None:
        raise TeamNotFound(gettext("There is no such team."))
    return team


async def add_team(db: WriteSession, draft: TeamDraft) -> Team:
    """A new team. Raises `TeamRefused`."""
    draft = await _checked(db, draft, but=0)
    values = {"name": draft.name, "description": draft.description}
    new = insert(Team).values(workspace_id=db.workspace_id, **values, created_at=func.now())
    team: Team | None = (await db.execute(new.on_conflict_do_nothing().returning(Team))).scalar_one_or_none()
    if team is None:
        raise _taken(draft)
    await _fill(db, team.id, draft.member_ids)
    return team


async def change_team(db: WriteSession, team_id: int, draft: TeamDraft) -> None:
    """Another name, description or other members. Raises `TeamRefused`, `TeamNotFound`."""
    draft = await _checked(db, draft, but=team_id)
    renamed = update(Team).where(col(Team.id) == team_id).values(name=draft.name, description=draft.description)
    try:
        async with db.begin_nested():
            found = (await db.execute(renamed.returning(col(Team.id)))).first()
    except IntegrityError as error:
        raise _taken(draft) from error
    if found is None:
        raise TeamNotFound(gettext("There is no such team."))
    await _fill(db, team_id, draft.member_ids)


async def delete_team(db: WriteSession, team_id: int) -> None:
    """Delete a team; its members are in none then. Raises `TeamNotFound`."""
    await announce_teams(db, {team_id})
    if (await db.execute(delete(Team).where(col(Team.id) == team_id).returning(col(Team.id)))).first() is None:
        raise TeamNotFound(gettext("There is no such team."))


async def limited_to_team(db: ReadSession, team_id: int) -> int:
    """How many members see only the contacts of this team."""
    statement = select(func.count()).where(
        col(Member.team_id) == team_id, col(Member.removed_at).is_(None), func.array_position(Member.restrictions, ONLY_TEAM).is_not(None)
    )
    return int((await db.execute(statement)).scalar_one())


async def _checked(db: ReadSession, draft: TeamDraft, *, but: int) -> TeamDraft:
    name, description = " ".join(draft.name.split()), draft.description.strip()
    if not name or len(name) > MAX_NAME:
        raise TeamRefused(gettext("A team needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if len(description) > MAX_DESCRIPTION:
        raise TeamRefused(gettext("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION})
    same = select(col(Team.id)).where(func.lower(Team.name) == name.lower(), col(Team.id) != but)
    checked = TeamDraft(name, description, draft.member_ids)
    if (await db.execute(same)).first() is not None:
        raise _taken(checked)
    return checked


def _taken(draft: TeamDraft) -> TeamRefused:
    return TeamRefused(gettext("There is a team called %(name)s already.") % {"name": draft.name})


async def _fill(db: WriteSession, team_id: int, member_ids: Collection[int]) -> None:
    """Put these members into the team, from wherever they were, and take all others out."""
    statement = select(Member).where(col(Member.removed_at).is_(None), (col(Member.team_id) == team_id) | col(Member.id).in_(member_ids))
    held = statement.order_by(col(Member.id)).with_for_update().execution_options(populate_existing=True)
    concerned: set[int | None] = set()
    for member in (await db.execute(held)).scalars():
        wanted = team_id if member.id in member_ids else None
        if member.team_id != wanted:
            concerned |= {member.team_id, wanted, team_id}
            member.team_id = wanted
            db.announce("member", 0, member_id=member.id)
    await db.flush()
    await announce_teams(db, concerned - {None})
