"""What of a workspace runs ask for: fields, tags, stages, members and who is here, read once for many contacts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.members import members
from ismessenger.accounts.presence import statuses
from ismessenger.conditions.vocabulary import KnownVariable, Vocabulary
from ismessenger.contacts.fields import Field, fields
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.tenancy.catalog import Workspace
from ismessenger.tenancy.doors import ReadSession


@dataclass(frozen=True)
class Surroundings:
    """``present`` is who is online or busy, by member; it is empty unless somebody asked for it."""

    at: datetime
    known: Vocabulary = field(default_factory=Vocabulary)
    fields: Mapping[str, Field] = field(default_factory=dict)
    workspace_name: str = ""
    present: Mapping[int, str] = field(default_factory=dict)
    _with: dict[int, tuple[Mapping[str, KnownVariable], Vocabulary]] = field(default_factory=dict, compare=False, repr=False)

    def knowing(self, variables: Mapping[str, KnownVariable]) -> Vocabulary:
        """The vocabulary inside of a workflow that has these variables; made once for each."""
        if (made := self._with.get(id(variables))) is None or made[0] is not variables:
            made = self._with[id(variables)] = (variables, replace(self.known, variables=variables))
        return made[1]

    @property
    def timezone(self) -> str:
        """The workspace's."""
        return self.known.timezone

    @cached_property
    def tag_ids(self) -> Mapping[str, int]:
        """Tags by their names, without capitals."""
        return {name.casefold(): id_ for id_, name in self.known.tags.items()}

    @cached_property
    def field_of_slug(self) -> Mapping[str, Field]:
        """The workspace's own fields by what variables call them."""
        return {known.slug.lower(): known for known in self.fields.values() if not known.column}


@dataclass(frozen=True, slots=True)
class Place:
    """What the catalog knows of a workspace."""

    name: str = ""
    timezone: str = "UTC"


async def place_of(installation: Installation, workspace_id: int) -> Place:
    """The workspace's name and zone."""
    async with installation.tenancy.catalog() as catalog:
        found = await catalog.execute(select(col(Workspace.name), col(Workspace.timezone)).where(col(Workspace.id) == workspace_id))
        row = found.one_or_none()
    return Place(row.name, row.timezone) if row else Place()


async def surroundings(
    installation: Installation, db: ReadSession, *, with_presence: bool = False, place: Place | None = None
) -> Surroundings:
    """Those of the session's workspace, now. Whoever holds locks knows the ``place``: who waits for a lock may have the last connection."""
    place = place or await place_of(installation, db.workspace_id)
    present = await statuses(db, installation.redis, await members(db)) if with_presence else {}
    return Surroundings(
        at=now(),
        known=await vocabulary(db, place.timezone),
        fields={known.key: known for known in await fields(db)},
        workspace_name=place.name,
        present=present,
    )
