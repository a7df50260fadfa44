"""What a workspace's conditions can speak about, and which operators go with what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from ismessenger.conditions.tree import Category, Operator
from ismessenger.sdk.words import gettext

Kind = Literal["text", "number", "checkbox", "date", "time", "choice", "tags", "moment", "since", "words"]
STATUSES: Final = ("open", "closed", "snoozed", "blocked")
ASSIGNEE_STATUSES: Final = ("online", "busy", "offline", "none")

_PRESENCE: Final[tuple[Operator, ...]] = ("exists", "doesNotExist")
OPERATORS: Final[Mapping[Kind, tuple[Operator, ...]]] = {
    "text": ("isEqualTo", "isNotEqualTo", "contains", "doesNotContain", "startsWith", *_PRESENCE),
    "number": ("isEqualTo", "isNotEqualTo", "isGreaterThan", "isLessThan", "isBetween", *_PRESENCE),
    "checkbox": ("isEqualTo", *_PRESENCE),
    "date": ("isTimestampAfter", "isTimestampBefore", "isTimestampBetween", *_PRESENCE),
    "time": ("isTimestampAfter", "isTimestampBefore", "isTimestampBetween", *_PRESENCE),
    "choice": ("isEqualTo", "isNotEqualTo", "hasAnyOf", "hasNoneOf", *_PRESENCE),
    "tags": ("hasAnyOf", "hasAllOf", "hasNoneOf", *_PRESENCE),
    "moment": ("isTimestampAfter", "isTimestampBefore", "isTimestampBetween", "isGreaterThan", "isLessThan", *_PRESENCE),
    "since": ("isGreaterThan", "isLessThan", "isBetween", *_PRESENCE),
    "words": ("contains", "doesNotContain"),
}
KIND_OF_TYPE: Final[Mapping[str, Kind]] = {
    "text": "text",
    "email": "text",
    "url": "text",
    "phone": "text",
    "number": "number",
    "checkbox": "checkbox",
    "date": "date",
    "time": "time",
    "list": "choice",
    "language": "choice",
    "country": "choice",
}
KIND_OF_CATEGORY: Final[Mapping[Category, Kind]] = {
    "contactTag": "tags",
    "lifecycle": "choice",
    "channel": "choice",
    "lastInteractedChannel": "choice",
    "timeSinceLastIncomingMessage": "since",
    "assignee": "choice",
    "team": "choice",
    "conversationStatus": "choice",
    "createdTime": "moment",
    "messageText": "words",
    "assigneeStatus": "choice",
    "lastIncomingMessage": "text",
}


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field of contacts. ``column`` is the contact's for a standard one, else empty; ``key`` is how conditions name it."""

    key: str
    slug: str
    name: str
    type: str
    column: str = ""
    options: Sequence[str] = ()

    @property
    def called(self) -> str:
        """Its name as people read it: of a standard one in their language."""
        return gettext(self.name) if self.column else self.name

    @property
    def kind(self) -> Kind:
        """What operators it takes."""
        return KIND_OF_TYPE[self.type]


@dataclass(frozen=True, slots=True)
class KnownVariable:
    """A variable of a workflow's runs. ``options`` are the values that it can have and their names, where they are few."""

    name: str
    label: str
    type: Literal["text", "number", "checkbox", "date", "time", "choice"] = "text"
    options: Sequence[tuple[str, str]] = ()

    @property
    def kind(self) -> Kind:
        """What operators it takes."""
        return "text" if self.type == "choice" and not self.options else self.type


@dataclass(frozen=True, slots=True)
class KnownMember:
    """Somebody who can be assigned."""

    name: str
    email: str
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What exists now, by id. ``timezone`` is the workspace's: days begin there.

    ``variables`` are those of a workflow, by name. None: nothing is asked inside of a workflow, and what only a run can answer is broken.
    """

    fields: Mapping[str, KnownField] = field(default_factory=dict)
    tags: Mapping[int, str] = field(default_factory=dict)
    stages: Mapping[int, str] = field(default_factory=dict)
    channels: Mapping[int, str] = field(default_factory=dict)
    members: Mapping[int, KnownMember] = field(default_factory=dict)
    teams: Mapping[int, str] = field(default_factory=dict)
    timezone: str = "UTC"
    variables: Mapping[str, KnownVariable] | None = None

    def without(self, fields: Collection[str]) -> "Vocabulary":
        """The same for somebody who is not to ask about these fields."""
        return replace(self, fields={key: known for key, known in self.fields.items() if key not in fields}) if fields else self

    def named(self, category: Category) -> Mapping[int, str]:
        """The things that conditions of a category name by id."""
        match category:
            case "contactTag":
                return self.tags
            case "lifecycle":
                return self.stages
            case "channel" | "lastInteractedChannel":
                return self.channels
            case "assignee":
                return {id_: member.name for id_, member in self.members.items()}
            case "team":
                return self.teams
            case _:
                return {}

    def in_teams(self, team_ids: frozenset[object]) -> frozenset[int]:
        """The members of these teams."""
        return frozenset(id_ for id_, member in self.members.items() if member.team_id in team_ids)
