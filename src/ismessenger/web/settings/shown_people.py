"""From members, teams and invitations to what the settings pages take, and the words for what access means."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ismessenger.accounts.access import Access
from ismessenger.accounts.model import Member, Team
from ismessenger.accounts.rights import AGENT, MANAGER, OWNER, RESTRICTIONS, may_manage
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM
from ismessenger.kit.clock import now
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Invitation
from ismessenger.web.shown import picture_url
from ismessenger.web.view import Presence

Choice = tuple[str, str]
"""A value and its words."""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A member in the list. ``manageable``: whoever looks may edit and remove them."""

    id: int
    name: str
    email: str
    role: str
    restrictions: Sequence[str]
    team: str
    presence: Presence
    last_active_at: datetime | None
    manageable: bool
    myself: bool
    picture_url: str = ""


@dataclass(frozen=True, slots=True)
class InvitedRow:
    """Somebody who has not accepted yet."""

    id: int
    email: str
    role: str
    restrictions: Sequence[str]
    team: str
    invited_by: str
    sent_at: datetime
    expires_at: datetime
    expired: bool
    manageable: bool


@dataclass(frozen=True, slots=True)
class AccessFields:
    """The part of a form that says what somebody may do. ``roles`` are triples of value, words and explanation."""

    role: str
    roles: Sequence[tuple[str, str, str]]
    managers: Sequence[Choice]
    agents: Sequence[Choice]
    visibilities: Sequence[Choice]
    chosen: frozenset[str]
    visibility: str
    team_id: str
    teams: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team in the list."""

    id: int
    name: str
    description: str
    members: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member who may be put into a team. ``elsewhere`` is the name of the other team that they are in."""

    id: int
    name: str
    chosen: bool
    elsewhere: str


def person_row(member: Member, teams: Mapping[int, str], presence: Presence, *, by: Member) -> PersonRow:
    """A line of the list of members."""
    return PersonRow(
        id=member.id,
        name=member.name,
        email=member.email,
        role=member.role,
        restrictions=restriction_words(member.role, member.restrictions),
        team=teams.get(member.team_id or 0, ""),
        presence=presence,
        last_active_at=member.last_active_at,
        manageable=may_manage(by, member.role, member_id=member.id),
        myself=member.id == by.id,
        picture_url=picture_url(member.id, member.picture),
    )


def invited_row(invitation: Invitation, teams: Mapping[int, str], *, by: Member) -> InvitedRow:
    """A line of the list of invitations."""
    return InvitedRow(
        id=invitation.id,
        email=invitation.email,
        role=invitation.role,
        restrictions=restriction_words(invitation.role, invitation.restrictions),
        team=teams.get(invitation.team_id or 0, ""),
        invited_by=invitation.invited_by,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
        expired=invitation.expires_at <= now(),
        manageable=may_manage(by, invitation.role),
    )


def team_row(team: Team, members: Iterable[Member]) -> TeamRow:
    """A line of the list of teams."""
    return TeamRow(team.id, team.name, team.description, [(member.id, member.name) for member in members if member.team_id == team.id])


def candidates(members: Iterable[Member], teams: Mapping[int, str], team_id: int, chosen: frozenset[int]) -> list[Candidate]:
    """Everybody, for the form of a team."""
    return [
        Candidate(
            member.id,
            member.name,
            member.id in chosen,
            teams.get(member.team_id or 0, "") if member.team_id != team_id else "",
        )
        for member in members
    ]


def access_fields(access: Access, teams: Mapping[int, str], *, by: Member) -> AccessFields:
    """The fields, with what was chosen. Only roles that ``by`` may give are offered."""
    visibility = next((each for each in (ONLY_MINE, ONLY_TEAM) if each in access.restrictions), "")
    words = _restrictions()
    return AccessFields(
        role=access.role,
        roles=[(role, *_roles()[role]) for role in (OWNER, MANAGER, AGENT) if may_manage(by, role)],
        managers=[(each, words[each]) for each in RESTRICTIONS[MANAGER]],
        agents=[(each, words[each]) for each in RESTRICTIONS[AGENT] if each not in {ONLY_MINE, ONLY_TEAM}],
        visibilities=[("", gettext("All contacts")), (ONLY_MINE, words[ONLY_MINE]), (ONLY_TEAM, words[ONLY_TEAM])],
        chosen=frozenset(access.restrictions),
        visibility=visibility,
        team_id=str(access.team_id or ""),
        teams=[("", gettext("No team")), *((str(id_), name) for id_, name in teams.items())],
    )


def restriction_words(role: str, restrictions: Iterable[str]) -> list[str]:
    """What is taken away from somebody, in words and in a fixed order."""
    given, words = frozenset(restrictions), _restrictions()
    return [words[each] for each in RESTRICTIONS[role] if each in given]


def _roles() -> dict[str, tuple[str, str]]:
    return {
        OWNER: (gettext("Owner"), gettext("Everything, also deleting channels and teams and managing other Owners.")),
        MANAGER: (gettext("Manager"), gettext("All areas and settings; deletes no channels, teams or tokens and manages Agents only.")),
        AGENT: (gettext("Agent"), gettext("The inbox, and nothing else.")),
    }


def _restrictions() -> dict[str, str]:
    return {
        "workspace_settings": gettext("No workspace settings"),
        "contact_deletion": gettext("No deleting of contacts"),
        "data_export": gettext("No export of data"),
        "integrations": gettext("No integrations and API tokens"),
        "workflows": gettext("No workflows"),
        "shortcuts": gettext("No shortcuts"),
        ONLY_MINE: gettext("Only contacts assigned to them"),
        ONLY_TEAM: gettext("Only contacts assigned to their team"),
    }
