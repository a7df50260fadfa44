"""Write to somebody first: find the person by what was typed, say which channels allow it, and make a contact of an unknown number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, select, text, true
from sqlmodel import col

from ismessenger.accounts.members import mates
from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import sees, visible_to
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.create import create_contact
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import Field, fields, kept_from
from ismessenger.contacts.listing import table_page
from ismessenger.contacts.model import Contact
from ismessenger.contacts.order import Order
from ismessenger.contacts.phone import e164, variants
from ismessenger.contacts.search import named
from ismessenger.contacts.values import Value, checked
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.writable import capabilities_known, writable_channels
from ismessenger.sdk.channel import Permission, permission
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession

FOUND: Final = 8
_ACTIVE: Final = Order(
    "lastMessage", col(Contact.last_message_at), (datetime, type(None)), col(Contact.last_message_at).is_not(None), descending=True
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:number, :workspace_id))")
MUST_WRITE_FIRST: Final = Permission("closed", words="This contact must write first.")


@dataclass(frozen=True, slots=True)
class Way:
    """A connected channel and what may be sent there to one person now."""

    channel_id: int
    kind: str
    name: str
    permission: Permission

    @property
    def possible(self) -> bool:
        """Whether anything at all may be sent."""
        return self.permission.state != "closed"


async def people_to_write_to(db: ReadSession, member: Member, words: str) -> Sequence[Contact]:
    """Contacts that the member sees and who are meant by the words, the last active first; without words those active last.

    A telephone number means first of all whoever has it, in any of its spellings; not to whoever numbers are kept from.
    """
    kept = await kept_from(db, member)
    number = e164(words) if words and "phone" not in kept else None
    holders = select(Contact).where(visible_to(member), _has_number(number)).order_by(col(Contact.id)).limit(FOUND) if number else None
    found = list((await db.execute(holders)).scalars()) if holders is not None else []
    page = await table_page(db, member, await named(db, words, kept) if words else true(), _ACTIVE, limit=FOUND)
    known = {contact.id for contact in found}
    return [*found, *(contact for contact in page.contacts if contact.id not in known)][:FOUND]


def _has_number(number: str) -> ColumnElement[bool]:
    return col(Contact.phone).is_not(None) & col(Contact.phone).in_(variants(number))


async def ways_to(installation: Installation, db: ReadSession, contact: Contact) -> list[Way]:
    """All connected channels, those first on which the contact can be written to."""
    writable = (await writable_channels(installation, db, [contact.id]))[contact.id]
    ways = [Way(each.channel_id, each.kind, each.name, each.permission) for each in writable]
    known = {way.channel_id for way in ways}
    others = [Way(channel.id, channel.kind, channel.name, MUST_WRITE_FIRST) for channel in await _connected(db) if channel.id not in known]
    return sorted([*ways, *others], key=lambda way: not way.possible)


async def ways_to_number(installation: Installation, db: ReadSession) -> list[Way]:
    """The same for a telephone number that nobody has written from."""
    ways = []
    for channel in await _connected(db):
        takes = capabilities_known(installation, channel.kind, channel.route, channel.config, channel.secrets)
        if takes is not None:
            ways.append(Way(channel.id, channel.kind, channel.name, permission(takes, last_incoming_at=None, now=now())))
    return sorted(ways, key=lambda way: not way.possible)


async def _connected(db: ReadSession) -> Sequence[ConnectedChannel]:
    statement = select(ConnectedChannel).where(col(ConnectedChannel.disconnected_at).is_(None)).order_by(col(ConnectedChannel.id))
    return list((await db.execute(statement)).scalars())


async def contact_of_number(db: WriteSession, member: Member, number: str, name: str = "") -> Contact:
    """The contact with this number, in any of its spellings; a new one if nobody has it. Raises `Refused`.

    A new contact of somebody who sees only some contacts is theirs from the beginning.
    """
    # Two who type the same number at once get the same contact.
    await db.execute(_LOCK, {"number": f"contact_of_number/{min(variants(number))}", "workspace_id": db.workspace_id})
    holders = select(Contact).where(_has_number(number)).order_by(col(Contact.id))
    found = list((await db.execute(holders)).scalars())
    team = await mates(db, member)
    if mine := [contact for contact in found if sees(member, assignee_id=contact.assignee_id, mates=team)]:
        return mine[0]
    if found:
        raise Refused(gettext("This number belongs to a contact of a colleague. Ask for the contact to be assigned to you."))
    known = {field.slug: field for field in await fields(db) if field.column}
    values: dict[Field, Value | None] = {known["phone"]: checked(known["phone"], number)}
    if name:
        values[known["firstName"]] = checked(known["firstName"], name)
    owner = None if sees(member, assignee_id=None, mates=team) else member
    return await create_contact(db, values, source="number", assignee=owner, by=member.id)
