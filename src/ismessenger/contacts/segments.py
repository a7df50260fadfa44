"""Segments: named filters of contacts, evaluated when they are used."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ismessenger.conditions.tree import Duration, Group, Leaf, parse
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.model import Segment
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

MAX_SEGMENTS = 500
MAX_NAME = 100
MAX_DESCRIPTION = 300
# Who adds waits for whoever adds at the same moment: else both would count too few.
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('segments', :workspace_id))")


@dataclass(frozen=True, slots=True)
class SegmentDraft:
    """What a segment shall be."""

    name: str
    condition: Group
    description: str = ""


@dataclass(frozen=True, slots=True)
class Prebuilt:
    """A segment that every workspace has and nobody changes."""

    slug: str
    name: str
    condition: Group


PREBUILT: Final[Sequence[Prebuilt]] = (
    Prebuilt(
        "new",
        "Created less than 7 days ago",
        Group(items=(Leaf(category="createdTime", operator="isLessThan", value=Duration(value=7, unit="days")),)),
    ),
    Prebuilt(
        "inactive",
        "Inactive for more than 30 days",
        Group(items=(Leaf(category="timeSinceLastIncomingMessage", operator="isGreaterThan", value=Duration(value=30, unit="days")),)),
    ),
    Prebuilt("tagged", "With tags", Group(items=(Leaf(category="contactTag", operator="exists"),))),
    Prebuilt("country", "Country known", Group(items=(Leaf(category="contactField", field="countryCode", operator="exists"),))),
    Prebuilt("language", "Language known", Group(items=(Leaf(category="contactField", field="language", operator="exists"),))),
)


def prebuilt(slug: str) -> Prebuilt:
    """One that every workspace has. Raises `NotThere`."""
    for segment in PREBUILT:
        if segment.slug == slug:
            return segment
    raise NotThere(gettext("There is no such segment."))


async def segments(db: ReadSession) -> list[Segment]:
    """All segments of the workspace, by name."""
    return list((await db.execute(select(Segment).order_by(func.lower(Segment.name), col(Segment.id)))).scalars())


async def segment_named(db: ReadSession, segment_id: int) -> Segment:
    """A segment by its id. Raises `NotThere`."""
    segment: Segment | None = await db.get(Segment, (db.workspace_id, segment_id))
    if segment is None:
        raise NotThere(gettext("There is no such segment."))
    return segment


def condition_of(segment: Segment) -> Group:
    """Whom a segment means."""
    return parse(segment.condition)


async def add_segment(db: WriteSession, draft: SegmentDraft, *, by: int | None = None) -> Segment:
    """A new segment. Raises `Refused`."""
    await db.execute(_ONE_AT_A_TIME, {"workspace_id": db.workspace_id})
    draft = await _checked(db, draft, but=0)
    if (await db.execute(select(func.count()).select_from(Segment))).scalar_one() >= MAX_SEGMENTS:
        raise Refused(gettext("A workspace has at most %(most)s segments; delete one that nobody uses.") % {"most": MAX_SEGMENTS})
    segment = Segment(name=draft.name, description=draft.description, condition=draft.condition.as_json(), created_by_id=by)
    db.add(segment)
    await _flush(db, draft)
    return segment


async def change_segment(db: WriteSession, segment_id: int, draft: SegmentDraft) -> Segment:
    """Another name, description or condition. Raises `Refused`, `NotThere`."""
    segment = await segment_named(db, segment_id)
    draft = await _checked(db, draft, but=segment_id)
    segment.name, segment.description, segment.condition = draft.name, draft.description, draft.condition.as_json()
    segment.updated_at = now()
    await _flush(db, draft)
    return segment


async def delete_segment(db: WriteSession, segment_id: int) -> None:
    """Delete a segment; its contacts stay as they are. Raises `NotThere`."""
    if (await db.execute(delete(Segment).where(col(Segment.id) == segment_id).returning(col(Segment.id)))).first() is None:
        raise NotThere(gettext("There is no such segment."))


async def _checked(db: ReadSession, draft: SegmentDraft, *, but: int) -> SegmentDraft:
    name, description = " ".join(clean(draft.name).split()), clean(draft.description).strip()
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("A segment needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if len(description) > MAX_DESCRIPTION:
        raise Refused(gettext("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION})
    checked = SegmentDraft(name, draft.condition, description)
    same = select(col(Segment.id)).where(func.lower(Segment.name) == func.lower(name), col(Segment.id) != but)
    if (await db.execute(same)).first() is not None:
        raise _taken(checked)
    return checked


async def _flush(db: WriteSession, draft: SegmentDraft) -> None:
    try:
        async with db.begin_nested():
            await db.flush()
    except IntegrityError as error:
        raise _taken(draft) from error


def _taken(draft: SegmentDraft) -> Refused:
    return Refused(gettext("There is a segment called %(name)s already.") % {"name": draft.name})
