"""The inboxes of the sidebar: which a member has, and which contacts are in each. What a member sees of them `visible_to` decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, and_, select
from sqlmodel import col

from ismessenger.accounts.model import Member, Team
from ismessenger.accounts.teams import teams
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM, visible_to
from ismessenger.conditions.broken import broken
from ismessenger.contacts.errors import NotThere
from ismessenger.contacts.fields import kept_from
from ismessenger.contacts.filtered import filtered
from ismessenger.contacts.lifecycle import in_use, stages_in_use
from ismessenger.contacts.model import Contact, LifecycleStage
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.conversations.custom import Line, condition_of, custom_inbox, custom_inboxes
from ismessenger.conversations.model import CustomInbox
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession

Kind = Literal["all", "mine", "unassigned", "blocked", "team", "stage", "custom"]
_NAME: Final = re.compile(r"(all|mine|unassigned|blocked)|(team|stage|custom)-([1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class Inbox:
    """One inbox; ``id`` is that of the team, the stage or the custom inbox."""

    kind: Kind
    id: int = 0

    @property
    def name(self) -> str:
        """As addresses call it: ``mine``, ``team-3``."""
        return f"{self.kind}-{self.id}" if self.id else self.kind


ALL: Final = Inbox("all")
MINE: Final = Inbox("mine")
UNASSIGNED: Final = Inbox("unassigned")
BLOCKED: Final = Inbox("blocked")


@dataclass(frozen=True, slots=True)
class Sidebar:
    """All inboxes of a member. ``blocked``: somebody whom the member sees is."""

    standing: Sequence[Inbox]
    stages: Sequence[LifecycleStage]
    teams: Sequence[Team]
    custom: Sequence[Line]
    blocked: bool


@dataclass(frozen=True, slots=True)
class OpenInbox:
    """An inbox that a member looks into: ``where`` is a condition on `Contact`, beside `visible_to`.

    ``title`` is empty where the kind says enough; ``faults`` are what is broken about a custom one, which then shows nobody.
    """

    inbox: Inbox
    where: ColumnElement[bool]
    title: str = ""
    emoji: str = ""
    custom: CustomInbox | None = None
    faults: Sequence[str] = ()


def inbox_named(name: str) -> Inbox:
    """What an address means. Raises `NotThere`."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise NotThere(gettext("There is no such inbox."))
    kind = found[1] or found[2]
    return Inbox(kind, int(found[3] or 0))  # type: ignore[arg-type]


def standing_inboxes(member: Member) -> tuple[Inbox, ...]:
    """The inboxes that a member has whatever the workspace is like; the first is where they land."""
    if not _limited(member):
        return (ALL, MINE, UNASSIGNED)
    own_team = _own_team(member)
    return (MINE, own_team) if own_team is not None else (MINE,)


def inboxes_with_dot(member: Member) -> tuple[Inbox, ...]:
    """Where the dot for something new can be, the most important first."""
    has, own_team = standing_inboxes(member), _own_team(member)
    return tuple(inbox for inbox in (MINE, own_team, UNASSIGNED, ALL) if inbox is not None and (inbox in has or inbox == own_team))


async def sidebar(db: ReadSession, member: Member) -> Sidebar:
    """Everything that stands in it: four statements."""
    every = [] if member.role == "agent" and member.team_id is None else await teams(db)
    free = not _limited(member)
    return Sidebar(
        standing=[inbox for inbox in standing_inboxes(member) if inbox.kind != "team"],
        stages=await stages_in_use(db) if free else (),
        teams=[team for team in every if _has_team(member, team.id)],
        custom=await custom_inboxes(db, member),
        blocked=free and await _somebody_blocked(db, member),
    )


async def open_inbox(db: ReadSession, member: Member, inbox: Inbox, timezone: str) -> OpenInbox:
    """See that the member has the inbox, and find out what is in it. Raises `NotThere`."""
    match inbox.kind:
        case "custom":
            return await _custom(db, member, inbox, timezone)
        case "team" if _has_team(member, inbox.id):
            team = await db.get(Team, (db.workspace_id, inbox.id))
            if team is not None:
                return OpenInbox(inbox, await _of_team(db, inbox.id), team.name)
        case "stage" if not _limited(member):
            statement = select(LifecycleStage).where(col(LifecycleStage.id) == inbox.id, in_use())
            stage = (await db.execute(statement)).scalar_one_or_none()
            if stage is not None:
                return OpenInbox(inbox, in_standing(inbox, member), stage.name, stage.emoji)
        case "blocked" if not _limited(member):
            return OpenInbox(inbox, in_standing(inbox, member))
        case "all" | "mine" | "unassigned" if inbox in standing_inboxes(member):
            return OpenInbox(inbox, in_standing(inbox, member))
    raise NotThere(gettext("There is no such inbox."))


async def _custom(db: ReadSession, member: Member, inbox: Inbox, timezone: str) -> OpenInbox:
    row = await custom_inbox(db, member, inbox.id)
    condition, known = condition_of(row), await vocabulary(db, timezone)
    if row.owner_id == member.id:
        # Who builds inboxes would learn a value by asking for one after the other.
        known = known.without(await kept_from(db, member))
    where = and_(welcome(), await filtered(db, condition, timezone, known))
    return OpenInbox(inbox, where, row.name, row.emoji, custom=row, faults=broken(condition, known))


async def _of_team(db: ReadSession, team_id: int) -> ColumnElement[bool]:
    """By numbers and not by a query for them: so the planner knows how many contacts they have."""
    mates = select(col(Member.id)).where(col(Member.team_id) == team_id, col(Member.removed_at).is_(None))
    return and_(welcome(), col(Contact.assignee_id).in_((await db.execute(mates)).scalars().all()))


def in_standing(inbox: Inbox, member: Member) -> ColumnElement[bool]:
    """The same where nothing has to be asked. Whoever is blocked is in no inbox but that of the blocked."""
    match inbox.kind:
        case "mine":
            return and_(welcome(), col(Contact.assignee_id) == member.id)
        case "unassigned":
            return and_(welcome(), col(Contact.assignee_id).is_(None))
        case "team":
            mates = select(col(Member.id)).where(col(Member.team_id) == inbox.id, col(Member.removed_at).is_(None))
            return and_(welcome(), col(Contact.assignee_id).in_(mates))
        case "stage":
            return and_(welcome(), col(Contact.lifecycle_id) == inbox.id)
        case "blocked":
            return col(Contact.blocked_at).is_not(None)
        case _:
            return welcome()


def welcome() -> ColumnElement[bool]:
    """Not blocked."""
    return col(Contact.blocked_at).is_(None)


def _limited(member: Member) -> bool:
    return member.role == "agent" and bool({ONLY_MINE, ONLY_TEAM} & set(member.restrictions))


def _own_team(member: Member) -> Inbox | None:
    if member.team_id is None or (member.role == "agent" and ONLY_MINE in member.restrictions):
        return None
    return Inbox("team", member.team_id)


def _has_team(member: Member, team_id: int) -> bool:
    return member.role != "agent" or _own_team(member) == Inbox("team", team_id)


async def _somebody_blocked(db: ReadSession, member: Member) -> bool:
    statement = select(col(Contact.id)).where(visible_to(member), col(Contact.blocked_at).is_not(None)).limit(1)
    return (await db.execute(statement)).first() is not None
