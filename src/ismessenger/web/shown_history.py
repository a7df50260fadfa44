"""From rows to what the history of a contact takes."""

from datetime import datetime, timedelta

from babel.dates import format_timedelta

from ismessenger.contacts.history import Exchanged, PastConversation
from ismessenger.language import locale
from ismessenger.sdk.words import gettext
from ismessenger.web.shown_timeline import file_view, name_of_sender
from ismessenger.web.view_history import ConversationView, ExchangedView


def conversation_view(past: PastConversation) -> ConversationView:
    """A conversation with its metrics in words."""
    conversation = past.conversation
    return ConversationView(
        id=conversation.id,
        opened_at=conversation.opened_at,
        opened=_opener(conversation.opened_source),
        closed_at=conversation.closed_at,
        closed=past.closed_by or (_closer(conversation.closed_source or "") if conversation.closed_at else ""),
        category=conversation.category or "",
        summary=conversation.summary or "",
        assignee=past.assignee or "",
        responder=past.responder or "",
        first_response=_span(conversation.opened_at, conversation.first_response_at),
        resolution=_span(conversation.opened_at, conversation.closed_at),
        incoming=conversation.incoming_count,
        outgoing=conversation.outgoing_count,
        message_id=past.message_id,
    )


def exchanged_view(contact: str, exchanged: Exchanged) -> ExchangedView:
    """A file, for the grid of pictures or the list. ``contact`` is what its contact is called."""
    attachment = exchanged.attachment
    return ExchangedView(
        id=attachment.id,
        file=file_view(attachment),
        at=exchanged.at,
        sender=contact if exchanged.incoming else exchanged.sender or gettext("Us"),
        message_id=attachment.message_id,
    )


def _span(start: datetime, end: datetime | None) -> str:
    """How long it took: "3 minutes", "2 days"."""
    if end is None:
        return ""
    spent = max(end - start, timedelta(seconds=1))
    return str(format_timedelta(spent, threshold=1.5, locale=locale()))


def _opener(source: str) -> str:
    words = {"contact": gettext("by the contact"), "user": gettext("by hand"), "ctc_ads": gettext("by an ad")}
    return words.get(source) or gettext("by %(name)s") % {"name": name_of_sender(source)}


def _closer(source: str) -> str:
    return gettext("the auto-close timer") if source == "auto_close" else name_of_sender(source)
