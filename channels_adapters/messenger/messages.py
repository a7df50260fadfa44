"""Messages of a Messenger conversation: received, echoed, edited, deleted, reacted to.

Source: Meta, Messenger Platform, the webhook pages messages, message_echoes, message_edits, message_reactions.
"""

from collections.abc import Iterable

from channels_adapters.messenger.contents import contents_of
from channels_adapters.messenger.shapes import short
from channels_adapters.messenger.webhook import Message, MessageEdit, Reaction, Seen
from ismessenger.sdk.channel import Ignored, InboundEvent, MessageEchoed, MessageEdited, MessageReacted, MessageReceived
from ismessenger.sdk.content import Text, Unsupported

_LONGEST_ID = 255
_EMOJI = {"smile": "😆", "angry": "😠", "sad": "😢", "wow": "😮", "love": "❤️", "like": "👍", "dislike": "👎"}


def came(seen: Seen, message: Message) -> Iterable[InboundEvent]:
    """A message of the person, or the echo of one of ours. One with words and files becomes several."""
    mid = message.mid or seen.derived_id("message")
    if message.is_deleted:
        return [MessageEdited(seen.person, mid, Unsupported(what="This message was deleted by its sender"), seen.at)]
    return _echoed(seen, message, mid) if message.is_echo else _received(seen, message, mid)


def _echoed(seen: Seen, message: Message, mid: str) -> Iterable[InboundEvent]:
    """What carries metadata was sent through the API as one content; anything beside it is Facebook's preview of a link."""
    our_id = message.metadata if message.metadata and len(message.metadata) <= _LONGEST_ID else None
    contents = contents_of(message)[:1] if message.metadata else contents_of(message)
    for number, content in enumerate(contents):
        yield MessageEchoed(
            identifier=seen.person,
            external_id=_part(mid, number),
            content=content,
            sent_at=seen.at,
            our_id=our_id,
            reply_to=_quoted(message, number),
        )


def _received(seen: Seen, message: Message, mid: str) -> Iterable[InboundEvent]:
    referral = message.referral
    for number, content in enumerate(contents_of(message)):
        yield MessageReceived(
            identifier=seen.person,
            external_id=_part(mid, number),
            content=content,
            sent_at=seen.at,
            reply_to=_quoted(message, number),
            source="ctc_ads" if referral and referral.is_ad else "contact",
            referral=referral.flat() if referral else None,
        )


def edited(seen: Seen, edit: MessageEdit) -> Iterable[InboundEvent]:
    """New words for a message of the person."""
    yield MessageEdited(seen.person, edit.mid, Text(text=edit.text), seen.at)


def reacted(seen: Seen, reaction: Reaction) -> Iterable[InboundEvent]:
    """A reaction put on a message, or taken away."""
    emoji = None if reaction.action == "unreact" else reaction.emoji or _EMOJI.get(reaction.reaction or "")
    if emoji is None and reaction.action != "unreact":
        yield Ignored(f"A reaction without an emoji: {short(reaction.reaction)}.")
    else:
        yield MessageReacted(seen.person, reaction.mid, emoji, seen.at)


def _part(mid: str, number: int) -> str:
    """A message with words and files becomes several of ours; the first keeps the id that receipts and replies name."""
    return f"{mid}:{number}" if number else mid


def _quoted(message: Message, number: int) -> str | None:
    return message.reply_to.mid if message.reply_to and number == 0 else None
