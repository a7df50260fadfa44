"""What the JSON of contacts takes from other tables: assignees, names of tags and stages, custom fields."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.api.shape import Json, contact_json
from ismessenger.contacts.fields import custom_fields
from ismessenger.contacts.lifecycle import stages_in_use
from ismessenger.contacts.model import Contact, Tag
from ismessenger.tenancy.doors import ReadSession


async def contacts_json(db: ReadSession, contacts: Sequence[Contact]) -> list[Json]:
    """The contacts as the API shows them, in their order."""
    members, tags = await _assignees(db, contacts), await _tags(db, contacts)
    stages, fields = {stage.id: stage.name for stage in await stages_in_use(db)}, await custom_fields(db)
    return [
        contact_json(
            contact,
            members.get(contact.assignee_id or 0),
            tags=sorted((tags[id_] for id_ in contact.tag_ids if id_ in tags), key=str.casefold),
            stage=stages.get(contact.lifecycle_id or 0),
            fields=fields,
        )
        for contact in contacts
    ]


async def _assignees(db: ReadSession, contacts: Sequence[Contact]) -> dict[int, Member]:
    ids = {contact.assignee_id for contact in contacts if contact.assignee_id}
    found = (await db.execute(select(Member).where(col(Member.id).in_(ids)))).scalars() if ids else ()
    return {member.id: member for member in found}


async def _tags(db: ReadSession, contacts: Sequence[Contact]) -> dict[int, str]:
    ids = {id_ for contact in contacts for id_ in contact.tag_ids}
    found = (await db.execute(select(Tag).where(col(Tag.id).in_(ids)))).scalars() if ids else ()
    return {tag.id: tag.name for tag in found}
