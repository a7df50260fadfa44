"""Who is told of what happened, and on which surfaces: who may see the contact, was not the one who did it, and wants to know."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
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

_CENTRE = frozenset({"app"})

# Who has a browser that takes pushes, or wants to be told elsewhere than in the centre.
_REACHED = text(
    "SELECT member_id FROM push_subscription UNION"
    " SELECT member_id FROM notification_choice WHERE kind = ANY(CAST(:kinds AS text[])) AND enabled AND surface <> 'app'"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One member is told of one occasion."""

    member: Member
    occasion: Occasion
    surfaces: frozenset[str]


@dataclass(frozen=True, slots=True)
class _People:
    """Those whom the occasions may concern, with what they chose and how far they have read. ``reached``: of what is shared."""

    members: Sequence[Member]
    reached: frozenset[int]
    mates: Mapping[int | None, frozenset[int]]
    choices: Mapping[int, Surfaces]
    read: Mapping[tuple[int, int], int]


async def lines_of(db: ReadSession, occasions: Sequence[Occasion]) -> list[Line]:
    """Everybody who is told of each. What is shared is in the centre of all anyway: of that, whom it reaches elsewhere too."""
    known = [occasion for occasion in occasions if occasion.kind in KINDS]
    if not known:
        return []
    reached = await _reached(db, {occasion.kind for occasion in known if occasion.shared})
    people = await _concerned(db, known, reached)
    told = _People(
        members=people,
        reached=reached,
        mates=_mates(people),
        choices=await choices_of(db, [member.id for member in people]),
        read=await _read(db, {each.contact_id for each in known if is_message(each) and each.contact_id}),
    )
    return [line for occasion in known for line in _lines(occasion, told)]


async def _reached(db: ReadSession, kinds: set[str]) -> frozenset[int]:
    return frozenset((await db.execute(_REACHED, {"kinds": sorted(kinds)})).scalars()) if kinds else frozenset()


async def _concerned(db: ReadSession, occasions: Sequence[Occasion], reached: frozenset[int]) -> Sequence[Member]:
    """Of a thousand members those who may be told, and whose contacts these are, which says who else sees them."""
    if any(occasion.to is None and not occasion.shared for occasion in occasions):
        return await members(db)
    assignees = {occasion.contact.assignee_id for occasion in occasions if occasion.contact}
    return await members(db, reached.union(assignees, *(occasion.to or () for occasion in occasions)))


def _lines(occasion: Occasion, people: _People) -> Iterator[Line]:
    to = people.reached if occasion.shared else occasion.to
    for member in people.members:
        if to is not None and member.id not in to:
            continue
        surfaces = people.choices[member.id][occasion.kind] - (_CENTRE if occasion.shared else frozenset())
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
