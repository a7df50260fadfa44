"""One webhook body of the Bot API as inbound events. Telegram sends one update per request.

Source: Telegram, "Telegram Bot API": "Getting updates"; "Bot Features": "Deep Linking".
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from channels_adapters.telegram.contents import content_of, international
from channels_adapters.telegram.update import (
    CallbackQuery,
    Chat,
    MembershipChange,
    Message,
    Reaction,
    ReactionChange,
    User,
    external_id,
)
from ismessenger.sdk.body import json_object
from ismessenger.sdk.channel import (
    BodyInvalid,
    ContactChanged,
    Ignored,
    InboundEvent,
    MessageEdited,
    MessageReacted,
    MessageReceived,
    Profile,
    RawRequest,
    Unreadable,
)
from ismessenger.sdk.content import Text

# A deep link's argument: at most 64 of these characters. Anything else after /start was typed by hand.
_START = re.compile(r"/start(?:@\w+)?(?:\s+(?P<argument>[A-Za-z0-9_-]{1,64}))?\s*")


def parse(request: RawRequest) -> list[InboundEvent]:
    """The events of one update. Raises `BodyInvalid` if the body is no update at all."""
    update = json_object(request)
    if not isinstance(update.get("update_id"), int):
        raise BodyInvalid("The body is not an update: update_id is missing.")
    for name, read in _READERS.items():
        if name in update:
            try:
                event = read(update[name], request.received_at)
                return [event, *_number_told(event)]
            except ValidationError as error:
                return [Unreadable(_complaint(name, error))]
    names = ", ".join(sorted(str(name)[:64] for name in update if name != "update_id")[:3])
    return [Ignored(f"Updates of this kind are not used: {names or 'none'}.")]


def _complaint(name: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = ".".join(str(part) for part in (name, *first["loc"]))
    return f"{path}: {first['msg']}"


def _message(value: Any, _received_at: datetime) -> InboundEvent:
    message = Message.model_validate(value)
    if (reason := _outsider(message.chat, message.sender)) is not None:
        return reason
    start = _START.fullmatch(message.text or "")
    if start is not None and start["argument"] is None:
        return ContactChanged(str(message.chat.id), message.date, _profile(message), happened="started")
    content = content_of(message)
    if isinstance(content, Ignored):
        return content
    argument = start["argument"] if start else None
    return MessageReceived(
        identifier=str(message.chat.id),
        external_id=message.external_id,
        content=content.model_copy(update={"payload": argument}) if argument else content,
        sent_at=message.date,
        profile=_profile(message),
        reply_to=_replied_to(message),
        referral={"ref": argument} if argument else None,
        opens=argument is None,
    )


def _number_told(event: InboundEvent) -> list[ContactChanged]:
    """The number of whoever shares their own. The profile of a message is asked for newcomers only, and who shares is none as a rule."""
    if not isinstance(event, MessageReceived) or event.profile.phone is None:
        return []
    return [ContactChanged(event.identifier, event.sent_at, Profile(phone=event.profile.phone))]


def _edited(value: Any, _received_at: datetime) -> InboundEvent:
    message = Message.model_validate(value)
    if (reason := _outsider(message.chat, message.sender)) is not None:
        return reason
    content = content_of(message)
    if isinstance(content, Ignored):
        return content
    return MessageEdited(str(message.chat.id), message.external_id, content, at=message.edit_date or message.date)


def _pressed(value: Any, received_at: datetime) -> InboundEvent:
    """A button below one of our messages. The update carries no time of its own, so it is the time of its arrival."""
    query = CallbackQuery.model_validate(value)
    if query.message is None:
        return Ignored("A button of a message that was sent in another chat.")
    if (reason := _outsider(query.message.chat, query.sender)) is not None:
        return reason
    if query.data is None:
        return Ignored("The button of a game.")
    return MessageReceived(
        identifier=str(query.message.chat.id),
        external_id=f"callback:{query.id}",
        content=Text(text=_title(query) or query.data, payload=query.data),
        sent_at=received_at,
        profile=_person(query.sender),
        reply_to=external_id(query.message.chat.id, query.message.message_id),
        awaits=query.id,
    )


def _title(query: CallbackQuery) -> str | None:
    keyboard = query.message.reply_markup if query.message else None
    buttons = [button for row in keyboard.inline_keyboard for button in row] if keyboard else []
    return next((button.text for button in buttons if button.callback_data == query.data), None)


def _reacted(value: Any, _received_at: datetime) -> InboundEvent:
    change = ReactionChange.model_validate(value)
    if (reason := _outsider(change.chat, None)) is not None:
        return reason
    newest = change.new_reaction[-1] if change.new_reaction else None
    emoji = _emoji(newest) if newest else None
    return MessageReacted(str(change.chat.id), external_id(change.chat.id, change.message_id), emoji, change.date)


def _emoji(reaction: Reaction) -> str:
    """A paid reaction is a star. A custom emoji is a picture without a character of its own."""
    return reaction.emoji or ("⭐" if reaction.type == "paid" else "❔")


def _membership(value: Any, _received_at: datetime) -> InboundEvent:
    change = MembershipChange.model_validate(value)
    if (reason := _outsider(change.chat, change.sender)) is not None:
        return reason
    reachable = change.new_chat_member.status not in {"kicked", "left"}
    return ContactChanged(
        str(change.chat.id),
        change.date,
        _person(change.sender),
        happened="unblocked" if reachable else "blocked",
        reachable=reachable,
    )


def _outsider(chat: Chat, sender: User | None) -> Ignored | None:
    if chat.type != "private":
        return Ignored(f"Only private chats are imported; this is a {chat.type[:32]}.")
    if sender is not None and sender.is_bot:
        return Ignored("Messages of bots are not imported.")
    return None


def _replied_to(message: Message) -> str | None:
    replied = message.reply_to_message
    return external_id(replied.chat.id, replied.message_id) if replied else None


def _profile(message: Message) -> Profile:
    """The sender; with the phone number if it is the sender's own contact that was shared."""
    if message.sender is None:
        return Profile(first_name=message.chat.first_name or None, last_name=message.chat.last_name or None)
    contact = message.contact
    own = contact is not None and contact.user_id == message.sender.id
    return _person(message.sender, phone=international(contact.phone_number) if contact is not None and own else None)


def _person(user: User, *, phone: str | None = None) -> Profile:
    return Profile(first_name=user.first_name or None, last_name=user.last_name or None, language=user.language_code or None, phone=phone)


_READERS: dict[str, Callable[[Any, datetime], InboundEvent]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _pressed,
    "message_reaction": _reacted,
    "my_chat_member": _membership,
}
