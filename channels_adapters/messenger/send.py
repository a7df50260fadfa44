"""One neutral content as one call of the Send API.

Source: Meta, Messenger Platform, "Send a Message", "Quick replies", "Button template", "Generic template", "Send a utility message",
"Saving assets".
"""

import re
from typing import Any, Final

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
    SharedContact,
    Template,
    Text,
    Unsupported,
)
from ismessenger.sdk.markdown import to_plain
from ismessenger.sdk.text import shorten, utf16_length
from ismessenger.sdk.words import gettext

QUICK_REPLIES: Final = 13
QUICK_REPLY_LENGTH: Final = 20
BUTTONS: Final = 3
BUTTON_LENGTH: Final = 20
BUTTON_TEXT_LENGTH: Final = 640
CARDS: Final = 10
_CARD_LENGTH = 80

_EMPTY_LINE = "\N{NO-BREAK SPACE}"
_ATTACHMENT = frozenset({"type", "payload"})


def body_of(message: OutboundMessage) -> dict[str, Any]:
    """The body of the call. Our id travels as metadata, which the echo brings back. Raises `Rejected`."""
    body: dict[str, Any] = {
        "recipient": {"id": message.identifier},
        "messaging_type": _type_of(message),
        "message": {**_message(message.content), "metadata": message.id},
    }
    if body["messaging_type"] == "MESSAGE_TAG":
        body["tag"] = message.tag
    if message.reply_to:
        body["reply_to"] = {"mid": message.reply_to}
    return body


def _type_of(message: OutboundMessage) -> str:
    """A template needs no tag: it was approved for use after the window."""
    if isinstance(message.content, Template):
        return "UTILITY"
    return "MESSAGE_TAG" if message.tag else "RESPONSE"


def _message(content: Content) -> dict[str, Any]:
    match content:
        case Text():
            return {"text": to_plain(content.text)}
        case Media():
            return _media(content)
        case QuickReplies():
            return _quick_replies(content)
        case Buttons():
            return _template("button", text=to_plain(content.text), buttons=[_button(button) for button in content.buttons])
        case Card():
            return _cards([content])
        case Carousel():
            return _cards(content.cards)
        case Template():
            return _utility(content)
        case CustomPayload():
            return _own(content.payload)
        case Menu() | Location() | SharedContact() | Unsupported():
            raise Rejected("content", gettext("Messenger has no form for this kind of message (%(kind)s).") % {"kind": content.type})


def _media(media: Media) -> dict[str, Any]:
    if not media.url:
        raise Rejected("content", gettext("The file has no address from which Facebook could fetch it."))
    return {"attachment": {"type": media.kind, "payload": {"url": media.url}}}


def _quick_replies(question: QuickReplies) -> dict[str, Any]:
    replies = [
        {"content_type": "text", "title": _title(reply.title, QUICK_REPLY_LENGTH), "payload": reply.payload or reply.title}
        for reply in question.replies
    ]
    return {"text": to_plain(question.title), "quick_replies": replies}


def _button(button: Button) -> dict[str, str]:
    title = _title(button.title, BUTTON_LENGTH)
    match button.kind:
        case "url":
            return {"type": "web_url", "title": title, "url": button.value}
        case "phone":
            return {"type": "phone_number", "title": title, "payload": re.sub(r"[^0-9+]", "", button.value)}
        case "reply":
            return {"type": "postback", "title": title, "payload": button.value}


def _cards(cards: list[Card]) -> dict[str, Any]:
    if len(cards) == 1 and _is_title_alone(cards[0]):
        return {"text": to_plain(cards[0].title)}
    return _template("generic", elements=[_element(card) for card in cards])


def _is_title_alone(card: Card) -> bool:
    """Facebook refuses an element that is a title alone."""
    return not (card.subtitle or card.image_url or card.buttons)


def _element(card: Card) -> dict[str, Any]:
    element: dict[str, Any] = {"title": _title(to_plain(card.title), _CARD_LENGTH)}
    if card.subtitle or _is_title_alone(card):
        element["subtitle"] = _title(to_plain(card.subtitle or _EMPTY_LINE), _CARD_LENGTH)
    if card.image_url:
        element["image_url"] = card.image_url
    if card.buttons:
        element["buttons"] = [_button(button) for button in card.buttons]
    return element


def _template(kind: str, **parts: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": {"template_type": kind, **parts}}}


def _utility(template: Template) -> dict[str, Any]:
    return {"template": {"name": template.name, "language": {"code": template.language}, "components": template.components}}


def _own(payload: dict[str, Any]) -> dict[str, Any]:
    """A whole message, an attachment, or a template's payload, as somebody wrote it for Facebook."""
    whole = payload.get("message")
    if isinstance(whole, dict):
        return whole
    if payload.keys() >= _ATTACHMENT:
        return {"attachment": payload}
    if "template_type" in payload:
        return {"attachment": {"type": "template", "payload": payload}}
    return payload


def _title(words: str, length: int) -> str:
    return shorten(words, length, utf16_length)
