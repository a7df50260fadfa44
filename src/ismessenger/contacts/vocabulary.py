"""What the conditions of a workspace can speak about now."""

from collections import defaultdict

from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.conditions.vocabulary import KnownField, KnownMember, Vocabulary
from ismessenger.contacts.fields import fields
from ismessenger.tenancy.doors import ReadSession

_NAMES = text(
    "SELECT 1, id, name FROM (SELECT id, name FROM tag ORDER BY lower(name)) AS t"
    " UNION ALL SELECT 2, id, name FROM (SELECT id, name FROM lifecycle_stage ORDER BY position, id) AS s"
    " UNION ALL SELECT 3, id, name FROM (SELECT id, name FROM channel ORDER BY lower(name), id) AS c"
    " UNION ALL SELECT 4, id, name FROM (SELECT id, name FROM team ORDER BY lower(name), id) AS g"
)


async def vocabulary(db: ReadSession, timezone: str) -> Vocabulary:
    """Fields, tags, stages, channels, members and teams by id, each in the order in which they are shown."""
    named: dict[int, dict[int, str]] = defaultdict(dict)
    for kind, id_, name in (await db.execute(_NAMES)).all():
        named[kind][id_] = name
    statement = (
        select(col(Member.id), col(Member.name), col(Member.email), col(Member.team_id))
        .where(col(Member.removed_at).is_(None))
        .order_by(col(Member.name), col(Member.id))
    )
    members = {id_: KnownMember(name, email, team_id) for id_, name, email, team_id in (await db.execute(statement)).all()}
    known = {
        field.key: KnownField(field.key, field.slug, field.name, field.type, field.column, tuple(field.options))
        for field in await fields(db)
    }
    return Vocabulary(known, named[1], named[2], named[3], members, named[4], timezone)
