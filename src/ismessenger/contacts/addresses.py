"""Where a contact can be reached: channels that know the person, channels that could write first, channels that must wait."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.contacts.panel import Address
from ismessenger.conversations.model import TimelineEvent
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.status import raise_statuses
from ismessenger.messages.writable import capabilities_known
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import ReadSession, WriteSession

REMOVED = marked("The channel was taken from the contact before this went out.")

_UNDER_WAY = text("SELECT EXISTS (SELECT FROM delivery WHERE contact_channel_id = :id AND state = 'leased')")
_DROP = text("UPDATE delivery SET state = 'failed' WHERE contact_channel_id = :id AND state = 'due' RETURNING message_id")


@dataclass(frozen=True, slots=True)
class Addresses:
    """``active`` know the person, the last used first; ``inactive`` have not been used but could write first; ``unavailable`` cannot."""

    active: Sequence[Address]
    inactive: Sequence[ConnectedChannel]
    unavailable: Sequence[ConnectedChannel]


async def addresses(installation: Installation, db: ReadSession, contact: Contact) -> Addresses:
    """All channels of the workspace as they stand to one contact; disconnected ones only if they know the person."""
    active = await _active(db, contact.id)
    known = {address.identity.channel_id for address in active}
    connected = select(ConnectedChannel).where(col(ConnectedChannel.disconnected_at).is_(None)).order_by(col(ConnectedChannel.id))
    others = [channel for channel in (await db.execute(connected)).scalars() if channel.id not in known]
    # A channel that may write first finds people by their phone number.
    inactive = [channel for channel in others if contact.phone and _may_start(installation, channel)]
    return Addresses(active, inactive, [channel for channel in others if channel not in inactive])


def _may_start(installation: Installation, channel: ConnectedChannel) -> bool:
    takes = capabilities_known(installation, channel.kind, channel.route, channel.config, channel.secrets)
    return takes is not None and takes.starts == "either"


async def _active(db: ReadSession, contact_id: int) -> list[Address]:
    statement = (
        select(ContactChannel, col(ConnectedChannel.kind), col(ConnectedChannel.name))
        .join(ConnectedChannel, col(ConnectedChannel.id) == col(ContactChannel.channel_id))
        .where(col(ContactChannel.contact_id) == contact_id)
        .order_by(col(ContactChannel.last_message_at).desc().nulls_last(), col(ContactChannel.id))
    )
    return [Address(identity, kind, name) for identity, kind, name in (await db.execute(statement)).all()]


async def remove_address(db: WriteSession, contact: Contact, address_id: int, *, actor: str = "user", by: int | None = None) -> Address:
    """Forget one identity of a contact, whose lock the caller holds; the messages stay. Raises `NotThere`, `Refused`.

    Whoever writes from there again is a new contact. What waited to be sent there fails and says why.
    """
    held = await _active(db, contact.id)
    address = next((each for each in held if each.identity.id == address_id), None)
    if address is None:
        raise NotThere(gettext("The contact has no such channel."))
    if (await db.execute(_UNDER_WAY, {"id": address_id})).scalar_one():
        raise Refused(gettext("A message is being sent on this channel right now. Try again in a moment."))
    dropped = list((await db.execute(_DROP, {"id": address_id})).scalars())
    await raise_statuses(db, [(message_id, "failed", now(), REMOVED) for message_id in dropped])
    await db.delete(address.identity)
    if contact.last_channel_id == address.identity.channel_id:
        rest = [each for each in held if each is not address]
        contact.last_channel_id = rest[0].identity.channel_id if rest else None
    details = {"channel_id": address.identity.channel_id, "name": address.channel_name, "identifier": address.identity.identifier}
    event = TimelineEvent(contact_id=contact.id, kind="contact_channel.removed", actor_kind=actor, actor_id=by, details=details)
    db.add(event)
    await db.flush()
    db.announce("event", contact.id, id=event.id)
    db.announce("contact", contact.id)
    return address
