"""How much members have to do, and who of a team has the least."""

from collections.abc import Mapping, Sequence

from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.accounts.model import Member, Team
from ismessenger.accounts.presence import statuses
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession

COUNTED = 999

_LOADS = text(
    "SELECT m.id, n.number FROM unnest(CAST(:members AS bigint[])) AS m(id), LATERAL (SELECT count(*) AS number FROM (SELECT FROM contact"
    " WHERE assignee_id = m.id AND status = 'open' AND blocked_at IS NULL LIMIT :most) AS o) AS n"
)


async def loads(db: ReadSession, member_ids: Sequence[int], most: int = COUNTED) -> Mapping[int, int]:
    """How many open conversations each of these members has, exact up to ``most``; one more says that it is more."""
    rows = (await db.execute(_LOADS, {"members": list(member_ids), "most": most + 1})).all()
    return {row.id: row.number for row in rows}


async def freest(db: ReadSession, redis: Redis, team_id: int) -> tuple[Member, Team]:
    """Who of a team takes the next conversation: of those online whoever has the fewest open ones; if nobody is, of all.

    Raises `NotThere`, and `Refused` for a team without members.
    """
    team: Team | None = await db.get(Team, (db.workspace_id, team_id))
    if team is None:
        raise NotThere(gettext("There is no such team."))
    here = select(Member).where(col(Member.team_id) == team_id, col(Member.removed_at).is_(None)).order_by(col(Member.id))
    mates = list((await db.execute(here)).scalars())
    if not mates:
        raise Refused(gettext("Nobody is in the team %(name)s. Add members to it, or choose somebody else.") % {"name": team.name})
    presence = await statuses(db, redis, mates)
    number = await loads(db, [mate.id for mate in mates])
    return min(mates, key=lambda mate: (presence[mate.id] != "online", number[mate.id], mate.id)), team
