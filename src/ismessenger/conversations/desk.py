"""Who could take a contact now: the members of the pools with their presence and their load, and whose turn it is."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from redis.asyncio import Redis
from sqlalchemy import ColumnElement, or_, select, true
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import Status, statuses
from ismessenger.conversations.load import COUNTED, loads
from ismessenger.conversations.queue import Rule
from ismessenger.tenancy.doors import ReadSession


@dataclass(slots=True)
class Desk:
    """Members by id, in order of their ids. What is given away here counts at once."""

    members: Mapping[int, Member]
    presence: Mapping[int, Status]
    loads: dict[int, int]
    turns: dict[str, int] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def qualify(self, rule: Rule) -> Sequence[Member]:
        """Who may take a contact after this rule."""
        return [member for member in self.members.values() if self.takes(rule, member)]

    def takes(self, rule: Rule, member: Member) -> bool:
        """Whether this member may."""
        if not _belongs(rule, member) or (rule.online_only and self.presence[member.id] != "online"):
            return False
        return rule.below is None or self.loads[member.id] < rule.below

    def next(self, rule: Rule, turn: str) -> Member | None:
        """The one whose turn it is: the next in line, or of those with the least to do whoever comes next."""
        after = self.turns.get(turn, 0)
        least = rule.logic == "least_open"
        line = self.qualify(rule)
        return min(line, key=lambda member: (self.loads[member.id] if least else 0, member.id <= after, member.id), default=None)

    def give(self, member: Member, turn: str, *, is_open: bool) -> None:
        """The member gets one."""
        if is_open:
            self.loads[member.id] += 1
        self.turns[turn] = member.id
        self.changed.add(turn)

    @property
    def taken_turns(self) -> Mapping[str, int]:
        """The turns that were taken here, to be remembered."""
        return {turn: self.turns[turn] for turn in sorted(self.changed)}


async def desk_for(db: ReadSession, redis: Redis, rules: Collection[Rule], *, held: bool = False) -> Desk:
    """Everybody whom one of these rules may mean. ``held``: whoever removes one of them waits until the transaction ends."""
    statement = select(Member).where(col(Member.removed_at).is_(None), or_(*map(_pool, rules))).order_by(col(Member.id))
    if held:
        statement = statement.with_for_update(read=True, key_share=True).execution_options(populate_existing=True)
    members = {member.id: member for member in (await db.execute(statement)).scalars()}
    presence: Mapping[int, Status] = {}
    if any(rule.online_only for rule in rules):
        presence = await statuses(db, redis, members.values())
    counted = _counted(rules, members.values(), presence)
    most = COUNTED if any(rule.logic == "least_open" for rule in rules) else max((rule.below or 0 for rule in rules), default=0)
    number = await loads(db, counted, most) if counted else {}
    return Desk(members, presence, {id_: number.get(id_, 0) for id_ in members})


def _counted(rules: Collection[Rule], members: Iterable[Member], presence: Mapping[int, Status]) -> list[int]:
    """Of whom it matters how much they have to do."""
    asking = [rule for rule in rules if rule.logic == "least_open" or rule.below is not None]
    return [
        member.id
        for member in members
        if any(_belongs(rule, member) and not (rule.online_only and presence[member.id] != "online") for rule in asking)
    ]


def _belongs(rule: Rule, member: Member) -> bool:
    match rule.pool:
        case "member":
            return member.id == rule.pool_id
        case "team":
            return member.team_id == rule.pool_id
        case _:
            return True


def _pool(rule: Rule) -> ColumnElement[bool]:
    match rule.pool:
        case "member":
            return col(Member.id) == rule.pool_id
        case "team":
            return col(Member.team_id) == rule.pool_id
        case _:
            return true()
