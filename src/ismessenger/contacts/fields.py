"""The fields of a workspace's contacts: the standard ones, which every workspace has, and its own, in the order that it chose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.model import ContactField
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import ReadSession

Type = Literal["text", "list", "checkbox", "email", "number", "url", "date", "time", "phone", "language", "country"]
Access = Literal["edit", "read", "hidden"]


@dataclass(frozen=True, slots=True)
class Field:
    """A field. ``column`` is the contact's attribute for a standard one, else empty; ``id`` is 0 for one that no row describes."""

    id: int
    slug: str
    name: str
    type: Type
    column: str = ""
    description: str = ""
    options: Sequence[str] = ()
    position: int = 0
    visible: bool = True
    agent_access: Access = "edit"

    @property
    def called(self) -> str:
        """Its name as people read it: of a standard one in their language."""
        return gettext(self.name) if self.column else self.name

    @property
    def key(self) -> str:
        """How conditions, forms and stored choices name it: the slug of a standard one, the id of a custom one."""
        return self.slug if self.column else str(self.id)


STANDARD: Final[Sequence[Field]] = (
    Field(0, "firstName", marked("First name"), "text", "first_name", position=-6),
    Field(0, "lastName", marked("Last name"), "text", "last_name", position=-5),
    Field(0, "phone", marked("Phone"), "phone", "phone", position=-4),
    Field(0, "email", marked("E-mail"), "email", "email", position=-3),
    Field(0, "language", marked("Language"), "language", "language", position=-2),
    Field(0, "countryCode", marked("Country"), "country", "country_code", position=-1),
)


async def fields(db: ReadSession) -> list[Field]:
    """All fields in their order."""
    rows = {row.slug: row for row in (await db.execute(select(ContactField))).scalars()}
    standard = [_decided(field, rows) for field in STANDARD]
    custom = [_custom(row) for row in rows.values() if not row.standard]
    return sorted([*standard, *custom], key=lambda field: (field.position, field.id))


async def fields_by_key(db: ReadSession) -> dict[str, Field]:
    """The same by their keys."""
    return {field.key: field for field in await fields(db)}


async def kept_from(db: ReadSession, member: Member) -> frozenset[str]:
    """The keys of the fields that a member does not see: what is hidden from Agents, and nothing for whoever works with contacts."""
    return frozenset() if may(member, Right.CONTACTS) else await kept_from_agents(db)


async def kept_from_agents(db: ReadSession) -> frozenset[str]:
    """The keys of the fields that are hidden from Agents. They are looked up once in a transaction: every name on a page asks."""
    if "kept_from_agents" not in db.info:
        db.info["kept_from_agents"] = frozenset(field.key for field in await fields(db) if field.agent_access == "hidden")
    kept: frozenset[str] = db.info["kept_from_agents"]
    return kept


async def custom_fields(db: ReadSession) -> list[Field]:
    """The workspace's own, in their order."""
    statement = select(ContactField).where(col(ContactField.standard).is_(False)).order_by(col(ContactField.position), col(ContactField.id))
    return [_custom(row) for row in (await db.execute(statement)).scalars()]


def _decided(field: Field, rows: Mapping[str, ContactField]) -> Field:
    row = rows.get(field.slug)
    if row is None:
        return field
    return Field(row.id, field.slug, field.name, field.type, field.column, "", (), row.position, row.visible, _access(row))


def _custom(row: ContactField) -> Field:
    kind: Type = row.type  # type: ignore[assignment]
    return Field(row.id, row.slug, row.name, kind, "", row.description, tuple(row.options), row.position, row.visible, _access(row))


def _access(row: ContactField) -> Access:
    access: Access = row.agent_access  # type: ignore[assignment]
    return access
