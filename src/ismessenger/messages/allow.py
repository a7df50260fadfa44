"""Whether a message may go out now, in the words for whoever wrote it."""

from ismessenger.sdk.channel import Permission
from ismessenger.sdk.content import Content


def objection(allowed: Permission, content: Content, tag: str | None, *, by_hand: bool = True) -> str | None:
    """Why the channel's rules forbid it, or ``None``. ``by_hand`` is false for what no human wrote."""
    if allowed.templates and content.type == "template":
        return None
    match allowed.state:
        case "open":
            return None
        case "tag":
            fitting = [each for each in allowed.tags if each.value == tag and (by_hand or not each.by_hand_only)]
            return None if fitting else allowed.words
        case "template" | "closed":
            return allowed.words
