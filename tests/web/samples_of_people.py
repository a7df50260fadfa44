"""Members, invitations, teams and tokens for looking at the pages that show them."""

from datetime import UTC, datetime

from ismessenger.web.settings.shown_people import AccessFields, Candidate, InvitedRow, PersonRow, TeamRow
from ismessenger.web.settings.tokens import TokenRow

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)

PEOPLE = [
    PersonRow(1, "Mira Lund", "mira@lumen.example", "owner", [], "", "online", AT, manageable=False, myself=True),
    PersonRow(
        2, "Ada Nwosu", "ada@lumen.example", "agent", ["Restriction-words"], "Team-name", "offline", AT, manageable=True, myself=False
    ),
    PersonRow(3, "Bo", "bo@lumen.example", "manager", [], "", "offline", None, manageable=True, myself=False),
    PersonRow(4, "Cleo Marsh", "cleo@lumen.example", "agent", [], "", "busy", None, manageable=False, myself=False),
]
INVITED = [
    InvitedRow(5, "dee@lumen.example", "agent", ["Restriction-words"], "Team-name", "Mira Lund", AT, AT, expired=False, manageable=True),
    InvitedRow(6, "eve@lumen.example", "owner", [], "", "Mira Lund", AT, AT, expired=True, manageable=False),
]
ACCESS = AccessFields(
    role="agent",
    roles=[("manager", "Manager-words", "Manager-help"), ("agent", "Agent-words", "Agent-help")],
    managers=[("data_export", "Export-words")],
    agents=[("shortcuts", "Shortcuts-words")],
    visibilities=[("", "All-words"), ("contacts_assigned_to_me", "Mine-words")],
    chosen=frozenset({"shortcuts"}),
    visibility="contacts_assigned_to_me",
    team_id="7",
    teams=[("", "None-words"), ("7", "Team-name")],
)
TEAMS = [TeamRow(7, "Team-name", "Team-description", [(1, "Mira Lund"), (2, "Ada Nwosu")]), TeamRow(8, "Other-team", "", [])]
TEAM: dict[str, object] = {
    "team_id": 7,
    "team_name": "Team-name",
    "name": "Team-name",
    "description": "Team-description",
    "people": [
        Candidate(number, f"Member-{number}", chosen=number == 1, elsewhere="Other-team" if number == 2 else "") for number in range(1, 11)
    ],
    "inside": 2,
    "limited": 1,
    "may_delete": True,
    "error": "",
}
TOKENS: dict[str, object] = {
    "tokens": [
        TokenRow(1, "Token-name", ["Scope-words"], "Mira Lund", AT, AT),
        TokenRow(2, "Other-token", ["Scope-words"], "", AT, None),
    ],
    "token": "",
    "name": "Token-name",
    "scopes": [("contacts:read", "Scope-words", True), ("contacts:write", "Other-words", False)],
    "may_revoke": True,
    "error": "",
}
OFFER: dict[str, object] = {
    "token": "t0ken",
    "words": "Over-words",
    "into": "Workspace-name",
    "inviter": "Mira Lund",
    "email": "ada@lumen.example",
    "masked": "a…@lumen.example",
    "signed_in_as": "eve@lumen.example",
    "name": "Ada Nwosu",
    "error": "Error-words",
}
