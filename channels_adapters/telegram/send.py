"""Neutral content as one call of the Bot API.

Source: Telegram, "Telegram Bot API": "Available methods", InlineKeyboardButton, ReplyKeyboardMarkup, "Formatting options".
"""

import re
from collections.abc import Iterable
from typing import Any, assert_never

from channels_adapters.telegram.api import Call
from channels_adapters.telegram.files import caption, file_call
from ismessenger.sdk.channel import OutboundMessage, Rejected
from ismessenger.sdk.content import (
    Button,
    Buttons,
    Card,
    Carousel,
    Content,
    CustomPayload,
    Location,
    Media,
    Menu,
    QuickReplies,
    Section,
    SharedContact,
    Template,
    Text,
    Unsupported,
)
from ismessenger.sdk.markdown import to_html
from ismessenger.sdk.text import utf16_length
from ismessenger.sdk.words import gettext

TEXT_LENGTH = 4096
CAPTION_LENGTH = 1024
CALLBACK_BYTES = 64
_VCARD_BYTES = 2048
_SENDING_METHOD = re.compile(r"send[A-Z][A-Za-z]+")


def call_for(message: OutboundMessage) -> Call:
    """The call that sends a message. Raises `Rejected` for what Telegram has no form for."""
    call = _call(message.content)
    to: dict[str, Any] = {"chat_id": _number(message.identifier)}
    if (answered := _answered(message)) is not None:
        # The person may have deleted the message that is answered; the answer goes out all the same.
        to["reply_parameters"] = {"message_id": answered, "allow_sending_without_reply": True}
    return Call(call.method, {**call.params, **to})


def _call(content: Content) -> Call:
    match content:
        case Text():
            return _text(content.text)
        case Media():
            return file_call(content)
        case Location():
            return _location(content)
        case SharedContact():
            return _contact(content)
        case QuickReplies():
            return _text(content.title, reply_markup=_reply_keyboard(content))
        case Buttons():
            return _text(content.text, reply_markup=_inline_keyboard(content.buttons))
        case Menu():
            return _menu(content)
        case Card():
            return _card(content)
        case CustomPayload():
            return _custom(content.payload)
        case Carousel() | Template() | Unsupported():
            raise Rejected("unsupported", gettext("Telegram has no message of the kind %(kind)s.") % {"kind": content.type})
        case _:
            assert_never(content)


def _number(identifier: str) -> int | str:
    return int(identifier) if re.fullmatch(r"-?[0-9]{1,19}", identifier) else identifier


def _answered(message: OutboundMessage) -> int | None:
    """The number of the message that is answered. A pressed button has none: it is an answer itself."""
    chat, _, number = (message.reply_to or "").rpartition(":")
    return int(number) if chat == message.identifier and number.isascii() and number.isdigit() else None


def _text(text: str, **params: Any) -> Call:
    return Call("sendMessage", {"text": to_html(text), "parse_mode": "HTML", **params})


def _location(content: Location) -> Call:
    point = {"latitude": content.latitude, "longitude": content.longitude}
    if content.title or content.address:  # a venue needs both
        words = {"title": content.title or content.address, "address": content.address or content.title}
        return Call("sendVenue", {**point, **words})
    return Call("sendLocation", point)


def _contact(content: SharedContact) -> Call:
    if not content.phones:
        return _text("\n".join([content.name, *content.emails]))
    params = {"phone_number": content.phones[0], "first_name": content.name}
    if len(content.phones) > 1 or content.emails:
        params["vcard"] = _vcard(content)
    return Call("sendContact", params)


def _vcard(content: SharedContact) -> str:
    """Everything that fits; Telegram takes no more than `_VCARD_BYTES`."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"FN:{_escaped(content.name)}"]
    details = [f"TEL:{_escaped(phone)}" for phone in content.phones] + [f"EMAIL:{_escaped(email)}" for email in content.emails]
    for line in details:
        if len("\r\n".join([*lines, line, "END:VCARD"]).encode()) <= _VCARD_BYTES:
            lines.append(line)
    return "\r\n".join([*lines, "END:VCARD"])


def _escaped(text: str) -> str:
    return re.sub(r"([\\,;])", r"\\\1", " ".join(text.split()))


def _reply_keyboard(content: QuickReplies) -> dict[str, Any]:
    """Keys in the place of the keyboard. They write their words and have no payload."""
    rows = [[{"text": reply.title}] for reply in content.replies]
    return {"keyboard": rows, "one_time_keyboard": True, "resize_keyboard": True}


def _inline_keyboard(buttons: Iterable[Button]) -> dict[str, Any]:
    return {"inline_keyboard": [[_key(button)] for button in buttons]}


def _key(button: Button) -> dict[str, str]:
    match button.kind:
        case "reply":
            return {"text": button.title, "callback_data": _callback(button.title, button.value)}
        case "url":
            return {"text": button.title, "url": button.value}
        case "phone":
            raise Rejected("button", gettext("Telegram has no button that calls a number: %(title)s") % {"title": button.title})
        case _:
            assert_never(button.kind)


def _callback(title: str, payload: str | None) -> str:
    """What comes back when a button is pressed. Where that is the title, or was before it was cut, it may be shorter.

    The words that come back are those on the button in any case.
    """
    value = payload or title
    if len(value.encode()) > CALLBACK_BYTES and not value.startswith(title.removesuffix("…")):
        raise Rejected(
            "callback_data",
            gettext("Telegram takes at most %(most)s bytes behind a button; shorten the value of: %(title)s")
            % {"most": CALLBACK_BYTES, "title": title},
        )
    return value.encode()[:CALLBACK_BYTES].decode(errors="ignore")


def _menu(content: Menu) -> Call:
    """Telegram has no list that opens: each row is a button. What buttons cannot show stands above, as far as it fits."""
    rows = [row for section in content.sections for row in section.rows]
    keys = [[{"text": row.title, "callback_data": _callback(row.title, row.payload)}] for row in rows]
    return _text(_explained(content), reply_markup={"inline_keyboard": keys})


def _explained(content: Menu) -> str:
    if not any(section.title or row.description for section in content.sections for row in section.rows):
        return content.text
    lines = [line for section in content.sections for line in _lines(section)]
    text = "\n".join([content.text, *lines])
    return text if utf16_length(text) <= TEXT_LENGTH else content.text


def _lines(section: Section) -> list[str]:
    rows = [f"• {row.title}: {row.description}" if row.description else f"• {row.title}" for row in section.rows]
    return ["", f"**{section.title.strip()}**", *rows] if section.title else ["", *rows]


def _card(content: Card) -> Call:
    """A picture with a caption; words too long for a caption are a message that shows the picture above itself."""
    text = "\n".join(part for part in (f"**{content.title.strip()}**", content.subtitle) if part)
    markup: dict[str, Any] = {"reply_markup": _inline_keyboard(content.buttons)} if content.buttons else {}
    if content.image_url is None:
        return _text(text, **markup)
    if utf16_length(text) <= CAPTION_LENGTH:
        return Call("sendPhoto", {"photo": content.image_url, **caption(text), **markup})
    picture = {"url": content.image_url, "prefer_large_media": True, "show_above_text": True}
    return _text(text, link_preview_options=picture, **markup)


def _custom(payload: dict[str, Any]) -> Call:
    """``{"method": "sendPoll", …}``, or the parameters of sendMessage alone. Only methods that send are allowed."""
    method = payload.get("method", "sendMessage")
    if not isinstance(method, str) or not _SENDING_METHOD.fullmatch(method):
        raise Rejected("method", gettext("The method of a Telegram payload must be one that sends, such as sendPoll."))
    return Call(method, {name: value for name, value in payload.items() if name != "method"})
