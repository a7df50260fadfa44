"""Members of a team without accounts of their own, and contacts to give them."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import col

from ismessenger.accounts.model import Member, Team
from ismessenger.contacts.model import Contact
from tests.conftest import World

_numbers = itertools.count(1_000_000)


async def crew(world: World, size: int) -> tuple[int, list[int]]:
    """A new team and its members, in order of their ids."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        team = Team(name=f"Team {next(_numbers)}")
        db.add(team)
        await db.flush()
        numbers = [next(_numbers) for _each in range(size)]
        mates = [Member(account_id=number, name=f"Mate {number}", email=f"{number}@example.com", team_id=team.id) for number in numbers]
        db.add_all(mates)
        await db.flush()
        return team.id, sorted(mate.id for mate in mates)


async def people(world: World, number: int, **columns: Any) -> list[int]:
    """New contacts, open if nothing else is said."""
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        rows = [{"workspace_id": db.workspace_id, "first_name": f"Person {each}", "status": "open", **columns} for each in range(number)]
        return sorted((await db.execute(insert(Contact).returning(col(Contact.id)), rows)).scalars())


async def assignees(world: World, contact_ids: Sequence[int]) -> Mapping[int, int | None]:
    """Whose each of them is."""
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        rows = await db.execute(select(col(Contact.id), col(Contact.assignee_id)).where(col(Contact.id).in_(contact_ids)))
        return {row.id: row.assignee_id for row in rows}
