"""What each member wants to be told, and where."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select, text, update
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.notifications.kinds import KINDS, SURFACES
from ismessenger.notifications.model import NotificationChoice
from ismessenger.tenancy.doors import ReadSession, WriteSession

Surfaces = Mapping[str, frozenset[str]]
"""By kind, the surfaces on which a member is told of it."""

DEFAULTS: Surfaces = {kind.name: kind.surfaces for kind in KINDS.values()}
_KEEP = text(
    "INSERT INTO notification_choice (member_id, kind, surface, enabled) SELECT :member_id, k, s, e FROM"
    " unnest(CAST(:kinds AS text[]), CAST(:surfaces AS text[]), CAST(:enabled AS boolean[])) AS n(k, s, e)"
    " ON CONFLICT (workspace_id, member_id, kind, surface) DO UPDATE SET enabled = excluded.enabled"
)


async def choices_of(db: ReadSession, member_ids: Collection[int]) -> dict[int, Surfaces]:
    """What these members chose; the defaults where they chose nothing."""
    statement = select(NotificationChoice).where(col(NotificationChoice.member_id).in_(member_ids))
    chosen: dict[int, dict[str, frozenset[str]]] = {id_: dict(DEFAULTS) for id_ in member_ids}
    for row in (await db.execute(statement)).scalars():
        surfaces = chosen[row.member_id]
        if row.kind in surfaces and row.surface in SURFACES:
            one = frozenset({row.surface})
            surfaces[row.kind] = surfaces[row.kind] | one if row.enabled else surfaces[row.kind] - one
    return dict(chosen)


async def choose(db: WriteSession, member_id: int, wanted: Surfaces) -> None:
    """Tell the member so from now on. Only what differs from the defaults is kept, so that those may change for everybody else."""
    differs = {
        (kind, surface): surface in wanted.get(kind, ())
        for kind, default in DEFAULTS.items()
        for surface in SURFACES
        if (surface in wanted.get(kind, ())) != (surface in default)
    }
    of_member = delete(NotificationChoice).where(col(NotificationChoice.member_id) == member_id)
    await db.execute(of_member)
    if differs:
        kinds, surfaces = zip(*differs, strict=True)
        values = {"member_id": member_id, "kinds": list(kinds), "surfaces": list(surfaces), "enabled": list(differs.values())}
        await db.execute(_KEEP, values)


async def show_words(db: WriteSession, member_id: int, *, shown: bool) -> None:
    """Whether names and words of contacts are in what the member is told outside of the application."""
    await db.execute(update(Member).where(col(Member.id) == member_id).values(notify_words=shown))
