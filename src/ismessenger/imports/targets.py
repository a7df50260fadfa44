"""Where a column of a file can go: a field of contacts, or what else is known of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ismessenger.contacts.fields import Field, fields
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import ReadSession
from ismessenger.workspaces.preferences import preferences

ID: Final = "id"
TAGS: Final = "tags"
LIFECYCLE: Final = "lifecycle"
ASSIGNEE: Final = "assignee"


@dataclass(frozen=True, slots=True)
class Target:
    """``field`` is None for what is no field. ``slug`` is another name to find it by."""

    key: str
    name: str
    slug: str
    field: Field | None = None

    @property
    def called(self) -> str:
        """Its name as people read it."""
        return self.field.called if self.field else gettext(self.name)


async def targets(db: ReadSession) -> Sequence[Target]:
    """All of them: the fields in their order, then the rest. Stages only while the workspace uses them."""
    found = [Target(field.key, field.name, field.slug, field) for field in await fields(db)]
    found += [Target(TAGS, marked("Tags"), "tags"), Target(ASSIGNEE, marked("Assigned to"), "assignee")]
    if (await preferences(db)).lifecycle_enabled:
        found.append(Target(LIFECYCLE, marked("Lifecycle stage"), "lifecycle"))
    return [*found, Target(ID, marked("Contact ID"), "id")]
