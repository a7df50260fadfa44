"""What the panel beside a thread tells about a contact: its addresses, conversations and tags, and which fields and stages there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ARRAY, BigInteger, cast, func, select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.fields import Field, fields
from ismessenger.contacts.lifecycle import stages_in_use
from ismessenger.contacts.model import Contact, ContactChannel, LifecycleStage, Tag
from ismessenger.conversations.model import Conversation
from ismessenger.tenancy.doors import ReadSession

SHOWN_CONVERSATIONS = 20


@dataclass(frozen=True, slots=True)
class Address:
    """How one channel knows the contact."""

    identity: ContactChannel
    kind: str
    channel_name: str


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation and the name of the member who closed it."""

    conversation: Conversation
    closed_by: str | None


@dataclass(frozen=True, slots=True)
class Panel:
    """Addresses, the last used first; the newest conversations first, at most `SHOWN_CONVERSATIONS`; tags by name.

    ``fields`` and ``stages`` are the workspace's; there are no stages while the lifecycle is off.
    """

    fields: Sequence[Field] = ()
    stages: Sequence[LifecycleStage] = ()
    addresses: list[Address] = field(default_factory=list)
    conversations: list[Held] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)


async def panels(db: ReadSession, contact_ids: Sequence[int]) -> Mapping[int, Panel]:
    """The panels of these contacts."""
    known, stages = await fields(db), await stages_in_use(db)
    found = {contact_id: Panel(known, stages) for contact_id in contact_ids}
    for address in await _addresses(db, contact_ids):
        found[address.identity.contact_id].addresses.append(address)
    for held in await _conversations(db, contact_ids):
        found[held.conversation.contact_id].conversations.append(held)
    for contact_id, tag in await _tags(db, contact_ids):
        found[contact_id].tags.append(tag)
    return found


async def _addresses(db: ReadSession, contact_ids: Sequence[int]) -> list[Address]:
    statement = (
        select(ContactChannel, col(ConnectedChannel.kind), col(ConnectedChannel.name))
        .join(ConnectedChannel, col(ConnectedChannel.id) == col(ContactChannel.channel_id))
        .where(col(ContactChannel.contact_id).in_(contact_ids))
        .order_by(col(ContactChannel.last_message_at).desc().nulls_last(), col(ContactChannel.id))
    )
    return [Address(identity, kind, name) for identity, kind, name in (await db.execute(statement)).all()]


async def _tags(db: ReadSession, contact_ids: Sequence[int]) -> Sequence[tuple[int, Tag]]:
    statement = (
        select(col(Contact.id), Tag)
        .join(Tag, col(Tag.id) == func.any(col(Contact.tag_ids)))
        .where(col(Contact.id).in_(contact_ids))
        .order_by(func.lower(Tag.name))
    )
    return [(contact_id, tag) for contact_id, tag in (await db.execute(statement)).all()]


async def _conversations(db: ReadSession, contact_ids: Sequence[int]) -> list[Held]:
    wanted = func.unnest(cast(list(contact_ids), ARRAY(BigInteger))).table_valued("id").render_derived(name="wanted")
    newest = (
        select(col(Conversation.id))
        .where(col(Conversation.contact_id) == wanted.c.id)
        .order_by(col(Conversation.opened_at).desc())
        .limit(SHOWN_CONVERSATIONS)
        .correlate(wanted)
        .lateral("newest")
    )
    statement = (
        select(Conversation, col(Member.name))
        .select_from(wanted)
        .join(newest, col(newest.c.id).is_not(None))
        .join(Conversation, col(Conversation.id) == newest.c.id)
        .outerjoin(Member, col(Member.id) == col(Conversation.closed_by_id))
        .order_by(col(Conversation.opened_at).desc(), col(Conversation.id).desc())
    )
    return [Held(conversation, name) for conversation, name in (await db.execute(statement)).all()]
