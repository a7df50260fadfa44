"""What can stand in the way of a conversation's life cycle."""

from ismessenger.contacts.errors import Refused


class ConversationRefused(Refused):
    """It cannot be opened, closed or snoozed; the text says why."""


class NoteWanted(ConversationRefused):
    """The workspace wants a closing note with more in it; the text says what."""


class CategoryGone(ConversationRefused):
    """The closing category that was chosen is not there any more."""
