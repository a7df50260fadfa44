"""Who may do what: the one table of rights. Pages name the right they need at the edge; nothing else compares roles."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM

OWNER: Final = "owner"
MANAGER: Final = "manager"
AGENT: Final = "agent"


class Right(StrEnum):
    """What a member of a workspace may do. Which contacts are seen is another question: see ``visibility.py``."""

    INBOX = "inbox"
    SHORTCUTS = "shortcuts"
    DELETE_CONTACTS = "delete_contacts"
    CONTACTS = "contacts"
    BROADCASTS = "broadcasts"
    WORKFLOWS = "workflows"
    REPORTS = "reports"
    EXPORT = "export"
    SETTINGS = "settings"
    USERS = "users"
    TEAMS = "teams"
    DELETE_TEAMS = "delete_teams"
    CHANNELS = "channels"
    DELETE_CHANNELS = "delete_channels"
    FIELDS = "fields"
    DELETE_FIELDS = "delete_fields"
    SNIPPETS = "snippets"
    INTEGRATIONS = "integrations"
    DELETE_INTEGRATIONS = "delete_integrations"


_OF_AGENTS = frozenset({Right.INBOX, Right.SHORTCUTS, Right.DELETE_CONTACTS})
_OF_OWNERS_ONLY = frozenset({Right.DELETE_TEAMS, Right.DELETE_CHANNELS, Right.DELETE_FIELDS, Right.DELETE_INTEGRATIONS})

RIGHTS: Final[Mapping[str, frozenset[Right]]] = {
    OWNER: frozenset(Right),
    MANAGER: frozenset(Right) - _OF_OWNERS_ONLY,
    AGENT: _OF_AGENTS,
}

RESTRICTIONS: Final[Mapping[str, Mapping[str, frozenset[Right]]]] = {
    OWNER: {},
    MANAGER: {
        "workspace_settings": frozenset(
            {Right.SETTINGS, Right.USERS, Right.TEAMS, Right.CHANNELS, Right.FIELDS, Right.SNIPPETS, Right.INTEGRATIONS}
        ),
        "contact_deletion": frozenset({Right.DELETE_CONTACTS}),
        "data_export": frozenset({Right.EXPORT}),
        "integrations": frozenset({Right.INTEGRATIONS}),
        "workflows": frozenset({Right.WORKFLOWS}),
    },
    AGENT: {
        ONLY_MINE: frozenset(),
        ONLY_TEAM: frozenset(),
        "shortcuts": frozenset({Right.SHORTCUTS}),
        "contact_deletion": frozenset({Right.DELETE_CONTACTS}),
    },
}
"""Restrictions that a member of a role may be given, and the rights each of them takes away."""


class OrganizationRight(StrEnum):
    """What a person may do in an organization."""

    GENERAL = "general"
    USERS = "users"
    WORKSPACES = "workspaces"
    SECURITY = "security"


ORGANIZATION_RIGHTS: Final[Mapping[str, frozenset[OrganizationRight]]] = {
    "admin": frozenset(OrganizationRight),
    "user_admin": frozenset({OrganizationRight.USERS}),
    "member": frozenset(),
}


def may(member: Member, right: Right) -> bool:
    """Whether a member has a right: the role gives it, and no restriction takes it away."""
    if member.removed_at is not None or right not in RIGHTS[member.role]:
        return False
    taken = RESTRICTIONS[member.role]
    return not any(right in taken.get(restriction, ()) for restriction in member.restrictions)


def may_manage(member: Member, role: str, *, member_id: int | None = None) -> bool:
    """Whether a member may invite to a role, or edit and remove the member ``member_id`` who has it. Nobody manages themselves."""
    if member_id == member.id or not may(member, Right.USERS):
        return False
    return member.role == OWNER or role == AGENT
