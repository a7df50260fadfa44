"""Conversations with their times and numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.model import Contact
from ismessenger.contacts.select import selected
from ismessenger.conversations.model import Conversation
from ismessenger.exports.names import member_names
from ismessenger.exports.order import Order
from ismessenger.exports.sheet import Sheet, at
from ismessenger.tenancy.doors import ReadSession

COLUMNS = (
    *(("Conversation ID", "id"), ("Contact ID", "contact_id"), ("Contact", "contact"), ("Opened", "opened_at")),
    *(("Opened through", "opened_source"), ("Opened by", "opened_by"), ("Closed", "closed_at"), ("Closed through", "closed_source")),
    *(("Closed by", "closed_by"), ("Category", "category"), ("Summary", "summary"), ("First assigned to", "first_assignee")),
    *(("Last assigned to", "last_assignee"), ("First answer after seconds", "first_response_seconds"), ("Answers", "responses")),
    *(("Incoming messages", "incoming"), ("Outgoing messages", "outgoing")),
)


async def conversation_sheet(db: ReadSession, member: Member, order: Order) -> Sheet:
    """A row per conversation that was opened in the time asked for."""
    names = await member_names(db)

    def row(found: Any) -> dict[str, Any]:
        conversation: Conversation = found[0]
        return {
            "id": conversation.id,
            "contact_id": conversation.contact_id,
            "contact": found[1].called(()),
            "opened_at": at(conversation.opened_at),
            "opened_source": conversation.opened_source,
            "opened_by": names.get(conversation.opened_by_id or 0),
            "closed_at": at(conversation.closed_at),
            "closed_source": conversation.closed_source,
            "closed_by": names.get(conversation.closed_by_id or 0),
            "category": conversation.category,
            "summary": conversation.summary,
            "first_assignee": names.get(conversation.first_assignee_id or 0),
            "last_assignee": names.get(conversation.last_assignee_id or 0),
            "first_response_seconds": _seconds(conversation.opened_at, conversation.first_response_at),
            "responses": conversation.response_count,
            "incoming": conversation.incoming_count,
            "outgoing": conversation.outgoing_count,
        }

    statement = select(Conversation, Contact).join(Contact, col(Contact.id) == col(Conversation.contact_id))
    statement = statement.where(visible_to(member), await selected(db, order.chosen)).order_by(col(Conversation.id))
    if order.begins:
        statement = statement.where(col(Conversation.opened_at) >= order.begins)
    if order.ends:
        statement = statement.where(col(Conversation.opened_at) < order.ends)
    return Sheet(statement, COLUMNS, row)


def _seconds(since: datetime, until: datetime | None) -> int | None:
    return int((until - since).total_seconds()) if until else None
