"""What the table shows of a page of contacts beside their own rows: channels, tags, stages, assignees. One statement for each."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.model import Contact, ContactChannel, LifecycleStage, Tag
from ismessenger.tenancy.doors import ReadSession


@dataclass(frozen=True, slots=True)
class Beside:
    """By their ids; ``channels`` by the contact's, as pairs of kind and name. What no column shows is empty."""

    channels: Mapping[int, Sequence[tuple[str, str]]] = field(default_factory=dict)
    tags: Mapping[int, Tag] = field(default_factory=dict)
    stages: Mapping[int, LifecycleStage] = field(default_factory=dict)
    members: Mapping[int, Member] = field(default_factory=dict)


async def beside(db: ReadSession, contacts: Sequence[Contact], columns: Collection[str]) -> Beside:
    """Ask for what these columns show."""
    return Beside(
        await _channels(db, [contact.id for contact in contacts]) if "channels" in columns else {},
        await _tags(db, {tag_id for contact in contacts for tag_id in contact.tag_ids}) if "tags" in columns else {},
        await _stages(db, {contact.lifecycle_id for contact in contacts} - {None}) if "lifecycle" in columns else {},
        await _members(db, {contact.assignee_id for contact in contacts} - {None}) if "assignee" in columns else {},
    )


async def _channels(db: ReadSession, contact_ids: Sequence[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
    statement = (
        select(col(ContactChannel.contact_id), col(ConnectedChannel.kind), col(ConnectedChannel.name))
        .join(ConnectedChannel, col(ConnectedChannel.id) == col(ContactChannel.channel_id))
        .where(col(ContactChannel.contact_id).in_(contact_ids))
        .order_by(col(ContactChannel.last_message_at).desc().nulls_last(), col(ContactChannel.id))
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for contact_id, kind, name in (await db.execute(statement)).all() if contact_ids else ():
        if (kind, name) not in found[contact_id]:
            found[contact_id].append((kind, name))
    return found


async def _tags(db: ReadSession, ids: Collection[int]) -> Mapping[int, Tag]:
    statement = select(Tag).where(col(Tag.id).in_(ids)).order_by(func.lower(Tag.name))
    return {tag.id: tag for tag in (await db.execute(statement)).scalars()} if ids else {}


async def _stages(db: ReadSession, ids: Collection[int | None]) -> Mapping[int, LifecycleStage]:
    statement = select(LifecycleStage).where(col(LifecycleStage.id).in_(ids))
    return {stage.id: stage for stage in (await db.execute(statement)).scalars()} if ids else {}


async def _members(db: ReadSession, ids: Collection[int | None]) -> Mapping[int, Member]:
    statement = select(Member).where(col(Member.id).in_(ids))
    return {member.id: member for member in (await db.execute(statement)).scalars()} if ids else {}
