"""Contacts with all that is known of them; the same file can be imported again."""

from typing import Any

from sqlalchemy import ColumnElement, literal_column, select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.background.model import Job
from ismessenger.contacts.fields import fields
from ismessenger.contacts.lifecycle import stages
from ismessenger.contacts.model import Contact
from ismessenger.contacts.select import Selection, selected
from ismessenger.contacts.tags import tags
from ismessenger.exports.names import member_emails
from ismessenger.exports.order import Format, Order, start
from ismessenger.exports.sheet import Sheet, at
from ismessenger.kit.spreadsheet import joined
from ismessenger.tenancy.doors import ReadSession, WriteSession

_CHANNELS: ColumnElement[Any] = literal_column(
    "(SELECT jsonb_agg(jsonb_build_object('name', h.name, 'kind', h.kind, 'identifier', k.identifier) ORDER BY k.id)"
    " FROM contact_channel k JOIN channel h ON h.id = k.channel_id WHERE k.contact_id = contact.id)"
).label("channels")


async def start_export(db: WriteSession, member: Member, selection: Selection, *, form: Format = "csv", whom: str = "") -> Job:
    """Have a worker write the contacts that a member chose, of those that they see. ``whom`` names them. Raises `Refused`."""
    return await start(db, member, Order(what="contacts", format=form, selection=selection.as_json(), whom=whom))


async def contact_sheet(db: ReadSession, member: Member, order: Order) -> Sheet:
    """A row per contact."""
    known = await fields(db)
    tag_names = {tag.id: tag.name for tag in await tags(db)}
    stage_names = {stage.id: stage.name for stage in await stages(db)}
    emails = await member_emails(db)

    def row(found: Any) -> dict[str, Any]:
        contact: Contact = found[0]
        values = {field.key: getattr(contact, field.column) if field.column else contact.fields.get(field.key) for field in known}
        return (
            values
            | _rest(contact)
            | {
                "tags": joined([tag_names[id_] for id_ in contact.tag_ids if id_ in tag_names]),
                "lifecycle": stage_names.get(contact.lifecycle_id or 0),
                "assignee": emails.get(contact.assignee_id or 0),
                "channels": "; ".join(f"{each['name']}: {each['identifier']}" for each in found[1] or ()),
            }
        )

    def tree(found: Any) -> dict[str, Any]:
        contact: Contact = found[0]
        values = row(found)
        standard = {field.key: values.pop(field.key) for field in known if field.column}
        custom = {field.slug: values.pop(field.key) for field in known if not field.column}
        names = [tag_names[id_] for id_ in contact.tag_ids if id_ in tag_names]
        return {"id": contact.id, **standard, "custom_fields": custom, **values, "tags": names, "channels": found[1] or []}

    columns = [
        ("Contact ID", "id"),
        *((field.name, field.key) for field in known),
        *(("Tags", "tags"), ("Lifecycle stage", "lifecycle"), ("Assigned to", "assignee"), ("Status", "status"), ("Blocked", "isBlocked")),
        *(("Created", "created_at"), ("Last message", "last_message_at"), ("Channels", "channels")),
    ]
    statement = select(Contact, _CHANNELS).where(visible_to(member), await selected(db, order.chosen)).order_by(col(Contact.id))
    return Sheet(statement, columns, row, tree)


def _rest(contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "status": contact.status,
        "isBlocked": contact.blocked_at is not None,
        "created_at": at(contact.created_at),
        "last_message_at": at(contact.last_message_at),
    }
