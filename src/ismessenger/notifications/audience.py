"""Who is told of what happened, and on which surfaces: who may see the contact, was not the one who did it, and wants to know."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.members import members
from ismessenger.accounts.model import Member, ReadMark
from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.visibility import sees
from ismessenger.notifications.choices import Surfaces, choices_of
from ismessenger.notifications.kinds import KINDS
from ismessenger.notifications.occasions import Occasion, is_message
from ismessenger.tenancy.doors import ReadSession

NEEDED: Mapping[str, Right] = {"channel_broken": Right.CHANNELS}
"""What somebody must be allowed to be told of a kind; the inbox for all others."""


@dataclass(frozen=True, slots=True)
class Line:
    """One member is told of one occasion."""

    member: Member
    occasion: Occasion
    surfaces: frozenset[str]


@dataclass(frozen=True, slots=True)
class _People:
    """Everybody who works here, with what they chose and how far they have read."""

    members: Sequence[Member]
    mates: Mapping[int | None, frozenset[int]]
    choices: Mapping[int, Surfaces]
    read: Mapping[tuple[int, int], int]


async def lines_of(db: ReadSession, occasions: Sequence[Occasion]) -> list[Line]:
    """Everybody who is told of each."""
    if not occasions:
        return []
    everybody = await members(db)
    people = _People(
        members=everybody,
        mates=_mates(everybody),
        choices=await choices_of(db, [member.id for member in everybody]),
        read=await _read(db, {each.contact_id for each in occasions if is_message(each) and each.contact_id}),
    )
    return [line for occasion in occasions if occasion.kind in KINDS for line in _lines(occasion, people)]


def _lines(occasion: Occasion, people: _People) -> Iterator[Line]:
    for member in people.members:
        if occasion.to is not None and member.id not in occasion.to:
            continue
        surfaces = people.choices[member.id][occasion.kind]
        if surfaces and member.id != occasion.by and _may_know(occasion, member, people) and not _has_read(occasion, member, people):
            yield Line(member, occasion, surfaces)


def _may_know(occasion: Occasion, member: Member, people: _People) -> bool:
    if not may(member, NEEDED.get(occasion.kind, Right.INBOX)):
        return False
    contact = occasion.contact
    return contact is None or sees(member, assignee_id=contact.assignee_id, mates=people.mates[member.team_id])


def _has_read(occasion: Occasion, member: Member, people: _People) -> bool:
    """Whoever looks at the thread sees a message come."""
    if not is_message(occasion) or occasion.contact_id is None or occasion.subject_id is None:
        return False
    return people.read.get((member.id, occasion.contact_id), 0) >= occasion.subject_id


def _mates(everybody: Iterable[Member]) -> dict[int | None, frozenset[int]]:
    teams: dict[int | None, set[int]] = defaultdict(set)
    for member in everybody:
        teams[member.team_id].add(member.id)
    return {team_id: frozenset() if team_id is None else frozenset(ids) for team_id, ids in teams.items()}


async def _read(db: ReadSession, contact_ids: set[int]) -> dict[tuple[int, int], int]:
    if not contact_ids:
        return {}
    statement = select(ReadMark.member_id, ReadMark.contact_id, ReadMark.message_id).where(col(ReadMark.contact_id).in_(contact_ids))  # type: ignore[call-overload]
    return {(member_id, contact_id): message_id for member_id, contact_id, message_id in (await db.execute(statement)).all()}
