"""What can stand in the way of a conversation's life cycle."""


class ConversationRefused(ValueError):
    """It cannot be opened or closed; the text says why."""
