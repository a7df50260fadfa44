"""Messages in the order in which we learnt of them."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.channels.model import ConnectedChannel
from ismessenger.contacts.model import Contact
from ismessenger.contacts.select import selected
from ismessenger.exports.names import member_names
from ismessenger.exports.order import Order
from ismessenger.exports.sheet import Sheet, at
from ismessenger.messages.model import Message
from ismessenger.tenancy.doors import ReadSession

COLUMNS = (
    *(("Message ID", "id"), ("Contact ID", "contact_id"), ("Contact", "contact"), ("Conversation ID", "conversation_id")),
    *(("Channel", "channel"), ("Sent", "sent_at"), ("Direction", "traffic"), ("Source", "source"), ("Sent by", "sender")),
    *(("Kind", "kind"), ("Text", "words"), ("Status", "status"), ("Reason", "status_reason")),
)


async def message_sheet(db: ReadSession, member: Member, order: Order) -> Sheet:
    """A row per message of the time asked for. JSON also holds its whole content."""
    names = await member_names(db)

    def row(found: Any) -> dict[str, Any]:
        message: Message = found[0]
        return {
            "id": message.id,
            "contact_id": message.contact_id,
            "contact": found[1].called(()),
            "conversation_id": message.conversation_id,
            "channel": found[2],
            "sent_at": at(message.sent_at),
            "traffic": message.traffic,
            "source": message.source,
            "sender": names.get(message.sender_id or 0) if message.source == "user" else None,
            "kind": message.kind,
            "words": message.words,
            "status": message.status,
            "status_reason": message.status_reason,
        }

    def tree(found: Any) -> dict[str, Any]:
        return row(found) | {"content": found[0].body}

    statement = select(Message, Contact, col(ConnectedChannel.name)).join(Contact, col(Contact.id) == col(Message.contact_id))
    statement = statement.join(ConnectedChannel, col(ConnectedChannel.id) == col(Message.channel_id))
    statement = statement.where(visible_to(member), await selected(db, order.chosen)).order_by(col(Message.id))
    if order.begins:
        statement = statement.where(col(Message.sent_at) >= order.begins)
    if order.ends:
        statement = statement.where(col(Message.sent_at) < order.ends)
    return Sheet(statement, COLUMNS, row, tree)
