"""Look conversations up."""

from sqlmodel import select

from ismessenger.conversations.model import Conversation
from ismessenger.tenancy.doors import ReadSession


async def open_conversation(db: ReadSession, contact_id: int) -> Conversation | None:
    """The contact's open conversation."""
    statement = select(Conversation).where(Conversation.contact_id == contact_id, Conversation.closed_at.is_(None))  # type: ignore[union-attr]
    return (await db.execute(statement)).scalar_one_or_none()
