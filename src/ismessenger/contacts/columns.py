"""The columns of the contacts table: which there are, and which a member chose, in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.contacts.fields import Field, fields
from ismessenger.contacts.model import ContactTable
from ismessenger.tenancy.doors import ReadSession, WriteSession
from ismessenger.workspaces.preferences import preferences

OWN: Final[Sequence[str]] = ("channels", "tags", "lifecycle", "assignee", "status", "created", "lastMessage", "id")
"""What the table shows beside fields. The name stands before all columns and is none that can be chosen."""

USUAL: Final[Sequence[str]] = ("phone", "email", "channels", "tags", "lifecycle", "assignee", "status", "lastMessage")


@dataclass(frozen=True, slots=True)
class Column:
    """A column. ``field`` is None for one of `OWN`."""

    key: str
    field: Field | None = None


async def columns(db: ReadSession) -> Mapping[str, Column]:
    """All that can be chosen, by their keys."""
    staged = (await preferences(db)).lifecycle_enabled
    own = [Column(key) for key in OWN if key != "lifecycle" or staged]
    return {column.key: column for column in [*(Column(field.key, field) for field in await fields(db)), *own]}


async def chosen_columns(db: ReadSession, member: Member, offered: Mapping[str, Column]) -> list[Column]:
    """The member's columns in order, or the usual ones. What does not exist any more is left out."""
    statement = select(col(ContactTable.columns)).where(col(ContactTable.member_id) == member.id)
    keys = (await db.execute(statement)).scalar_one_or_none()
    return [offered[key] for key in (USUAL if keys is None else keys) if key in offered]


async def choose_columns(db: WriteSession, member: Member, keys: Sequence[str]) -> None:
    """Keep what a member chose. Unknown keys are left out."""
    offered = await columns(db)
    wanted = [key for key in dict.fromkeys(keys) if key in offered]
    statement = insert(ContactTable).values(workspace_id=db.workspace_id, member_id=member.id, columns=wanted)
    await db.execute(statement.on_conflict_do_update(index_elements=["workspace_id", "member_id"], set_={"columns": wanted}))


async def usual_columns(db: WriteSession, member: Member) -> None:
    """Forget what a member chose."""
    await db.execute(delete(ContactTable).where(col(ContactTable.member_id) == member.id))
