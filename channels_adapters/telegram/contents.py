"""What a Telegram message holds, as neutral content."""

import re

from channels_adapters.telegram.entities import to_neutral
from channels_adapters.telegram.update import File, Message, PhoneContact, PhotoSize, Sticker
from ismessenger.sdk.channel import Ignored
from ismessenger.sdk.content import Content, Location, Media, MediaKind, SharedContact, Text, Unsupported

_SHOWN_IN_PLACE: dict[str, MediaKind] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/gif": "image",
    "image/webp": "image",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
}

_UNSUPPORTED = {
    "story": "A forwarded story",
    "checklist": "A checklist",
    "invoice": "An invoice",
    "successful_payment": "A payment in Telegram",
    "refunded_payment": "A refund in Telegram",
    "paid_media": "Paid media",
    "giveaway": "A giveaway",
    "giveaway_winners": "The winners of a giveaway",
    "passport_data": "Telegram Passport documents",
    "users_shared": "Shared Telegram users",
    "chat_shared": "A shared Telegram chat",
    "gift": "A gift",
    "unique_gift": "A gift",
}

_NO_MESSAGE = {
    "pinned_message": "a message was pinned",
    "message_auto_delete_timer_changed": "the timer that deletes messages was changed",
    "chat_background_set": "the background of the chat was changed",
    "connected_website": "the person signed in to a website",
    "write_access_allowed": "the person allowed the bot to write",
    "proximity_alert_triggered": "two people came near each other",
    "boost_added": "the chat was boosted",
    "forum_topic_created": "a topic was created",
    "forum_topic_edited": "a topic was changed",
    "forum_topic_closed": "a topic was closed",
    "forum_topic_reopened": "a topic was opened again",
    "checklist_tasks_done": "tasks of a checklist were marked",
    "checklist_tasks_added": "tasks were added to a checklist",
}


def content_of(message: Message) -> Content | Ignored:
    """The content of a private message, or why it holds none.

    Order matters: a venue also carries its location, and an animation is repeated as a document.
    """
    return _words(message) or _place(message) or _file(message) or _remaining(message)


def _words(message: Message) -> Text | SharedContact | None:
    if message.text is not None:
        return Text(text=to_neutral(message.text, message.entities))
    if message.web_app_data is not None:
        return Text(text=message.web_app_data.button_text, payload=message.web_app_data.data)
    return _visiting_card(message.contact) if message.contact is not None else None


def _place(message: Message) -> Location | None:
    point = message.venue.location if message.venue else message.location
    if point is None:
        return None
    title, address = (message.venue.title, message.venue.address) if message.venue else (None, None)
    return Location(latitude=point.latitude, longitude=point.longitude, title=title or None, address=address or None)


def _visiting_card(contact: PhoneContact) -> SharedContact:
    name = " ".join(part for part in (contact.first_name, contact.last_name) if part)
    emails = re.findall(r"^EMAIL[^:\r\n]*:[ \t]*(\S+)[ \t]*\r?$", contact.vcard or "", re.IGNORECASE | re.MULTILINE)
    # The number of somebody on Telegram is international, mostly without the plus sign; any other is as the sender wrote it.
    phone = contact.phone_number if contact.user_id is None else international(contact.phone_number) or contact.phone_number
    return SharedContact(name=name, phones=[phone], emails=emails)


def international(phone: str) -> str | None:
    """A number that begins with its country code, in the form +digits."""
    digits = re.sub(r"\D", "", phone)
    return f"+{digits}" if digits else None


def _file(message: Message) -> Media | None:
    if message.photo:
        return _media(message, "image", max(message.photo, key=_pixels), mime="image/jpeg")
    if message.sticker is not None:
        return _sticker(message, message.sticker)
    if message.animation is not None:
        kind: MediaKind = "image" if message.animation.mime_type == "image/gif" else "video"
        return _media(message, kind, message.animation, mime="video/mp4", subtype="animation")
    if message.document is not None:
        return _media(message, _SHOWN_IN_PLACE.get(message.document.mime_type or "", "file"), message.document, subtype="document")
    return _recording(message)


def _recording(message: Message) -> Media | None:
    if message.voice is not None:
        return _media(message, "audio", message.voice, mime="audio/ogg", subtype="voice")
    if message.audio is not None:
        return _media(message, "audio", message.audio)
    if message.video is not None:
        return _media(message, "video", message.video, mime="video/mp4")
    if message.video_note is not None:
        return _media(message, "video", message.video_note, mime="video/mp4", subtype="video_note")
    return None


def _pixels(size: PhotoSize) -> int:
    return size.width * size.height


def _media(message: Message, kind: MediaKind, file: File | PhotoSize, *, mime: str | None = None, subtype: str | None = None) -> Media:
    """``mime`` is what Telegram's kind of message always is, where the file itself does not say."""
    known = file if isinstance(file, File) else File(file_id=file.file_id)
    return Media(
        kind=kind,
        provider_id=file.file_id,
        mime=known.mime_type or mime,
        file_name=known.file_name,
        size=file.file_size,
        caption=to_neutral(message.caption, message.caption_entities) if message.caption else None,
        subtype=subtype,
        group_id=message.media_group_id,
    )


def _sticker(message: Message, sticker: Sticker) -> Media:
    """The sticker with its emoji as words. An animated one is a drawing program that browsers do not play: its preview stands for it."""
    if sticker.is_video:
        media = _media(message, "video", sticker, mime="video/webm", subtype="sticker")
    elif not sticker.is_animated:
        media = _media(message, "image", sticker, mime="image/webp", subtype="sticker")
    elif sticker.thumbnail is not None:
        media = _media(message, "image", sticker.thumbnail, subtype="sticker")
    else:
        media = _media(message, "file", sticker, mime="application/x-tgsticker", subtype="sticker")
    return media.model_copy(update={"caption": sticker.emoji})


def _remaining(message: Message) -> Unsupported | Ignored:
    if message.poll is not None:
        return Unsupported(what=f"A poll: {message.poll.question}")
    if message.dice is not None:
        return Unsupported(what=f"A throw of {message.dice.emoji}: {message.dice.value}")
    if message.game is not None:
        return Unsupported(what=f"A game: {message.game.title}")
    names = message.model_extra or {}
    for name, what in _UNSUPPORTED.items():
        if name in names:
            return Unsupported(what=what)
    for name, why in _NO_MESSAGE.items():
        if name in names:
            return Ignored(f"No message: {why}.")
    return Unsupported(what="A message of a kind that is not known here")
