"""A workspace to ask about: tags, stages, channels, members in teams, a field of every type, and some things that were deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete
from sqlmodel import col

from ismessenger.accounts.model import Team
from ismessenger.channels.model import ConnectedChannel
from ismessenger.conditions.vocabulary import Vocabulary
from ismessenger.contacts.model import ContactField, LifecycleStage, Tag
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.tenancy.doors import WriteSession
from tests.conftest import World

TYPES = ("text", "list", "checkbox", "email", "number", "url", "date", "time")
OPTIONS = ["Ada", "ada", "green"]


@dataclass(frozen=True)
class Place:
    """The workspace and what stands in it, by id. The last of ``tags``, ``stages`` and ``fields`` was deleted."""

    world: World
    known: Vocabulary
    tags: Sequence[int]
    stages: Sequence[int]
    channels: Sequence[int]
    members: Sequence[int]
    teams: Sequence[int]
    fields: Sequence[tuple[str, str]]


async def lay_place(world: World) -> Place:
    """Fill a new workspace."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        teams = [Team(name=name) for name in ("Sales", "Nobody’s")]
        rows: dict[type[Any], list[Any]] = {
            Tag: [Tag(name=name) for name in ("VIP", "new", "old", "deleted")],
            LifecycleStage: [LifecycleStage(name=name) for name in ("New", "Hot", "Won", "deleted")],
            ContactField: [ContactField(slug=f"f_{type_}", name=type_.title(), type=type_, options=OPTIONS) for type_ in (*TYPES, "text ")],
            ConnectedChannel: [ConnectedChannel(kind="custom_channel", name=name, route=f"r{name}", secrets=b"") for name in "AB"],
            Team: teams,
        }
        ids = {table: await _laid(db, made) for table, made in rows.items()}
        world.owner.team_id = world.manager.team_id = teams[0].id
        await db.merge(world.owner)
        await db.merge(world.manager)
        fields = list(zip(map(str, ids[ContactField]), (type_.strip() for type_ in (*TYPES, "text ")), strict=True))
        for table in (Tag, LifecycleStage, ContactField):
            await db.execute(delete(table).where(col(table.id) == ids[table][-1]))
        await db.flush()
        known = await vocabulary(db, "UTC")
    members = [world.owner.id, world.manager.id, world.agent.id]
    return Place(world, known, ids[Tag], ids[LifecycleStage], ids[ConnectedChannel], members, ids[Team], fields)


async def _laid(db: WriteSession, rows: Sequence[Any]) -> list[int]:
    db.add_all(rows)
    await db.flush()
    return [row.id for row in rows]
