"""What the Send API takes, what it refuses, and what an echo shows of it.

Source: Meta, Messenger Platform, "Send a Message", "Quick replies", "Button template", "Generic template", "Common Error Codes".
"""

import secrets
from collections.abc import Mapping
from typing import Any

OLD_TAGS = frozenset({"CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE", "ACCOUNT_UPDATE"})
_TAGS = OLD_TAGS | {"HUMAN_AGENT"}
_TYPES = frozenset({"RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"})
_ACTIONS = frozenset({"typing_on", "typing_off", "mark_seen", "react", "unreact"})
_FILES = frozenset({"image", "video", "audio", "file"})
_BUTTON_FIELDS = {"web_url": "url", "postback": "payload", "phone_number": "payload"}


class Refused(Exception):
    """An error of the Graph API."""

    def __init__(self, code: int, words: str, subcode: int | None = None, *, status: int = 400) -> None:
        super().__init__(words)
        self.code, self.subcode, self.status = code, subcode, status

    def body(self) -> dict[str, Any]:
        """The answer as Meta writes it."""
        error: dict[str, Any] = {"message": str(self), "type": "OAuthException", "code": self.code, "fbtrace_id": secrets.token_urlsafe(8)}
        return {"error": error if self.subcode is None else {**error, "error_subcode": self.subcode}}


def check(body: Any, *, refuses_old_tags: bool = False) -> str:
    """To whom a body goes. Raises `Refused` for what Facebook would not take."""
    if not isinstance(body, dict) or not isinstance(recipient := body.get("recipient"), dict) or not recipient.get("id"):
        raise Refused(100, "(#100) The parameter recipient is required")
    if ("message" in body) == ("sender_action" in body):
        raise Refused(100, "(#100) Cannot send both message and state at the same time.", 2018014)
    if "sender_action" in body:
        _require(body["sender_action"] in _ACTIONS, "(#100) Param sender_action must be one of {…}")
        return str(recipient["id"])
    _require(body.get("messaging_type") in _TYPES, "(#100) Param messaging_type must be one of {…}")
    tagged = body["messaging_type"] == "MESSAGE_TAG"
    _require(tagged == ("tag" in body) and (not tagged or body["tag"] in _TAGS), "(#100) Param tag must be one of {…}")
    _require(not (refuses_old_tags and body.get("tag") in OLD_TAGS), "(#100) This message tag is no longer supported.")
    try:
        _message(body["message"], utility=body["messaging_type"] == "UTILITY")
    except (KeyError, TypeError, AttributeError) as error:
        raise Refused(100, "(#100) Invalid parameter") from error
    return str(recipient["id"])


def shown(message: Mapping[str, Any]) -> dict[str, Any]:
    """What the echo tells of a message."""
    echo = {name: message[name] for name in ("text", "metadata") if name in message}
    if (attachment := message.get("attachment")) is None:
        return echo
    payload = attachment["payload"]
    return {**echo, "attachments": [{"type": attachment["type"], "title": payload.get("text", ""), "url": None, "payload": payload}]}


def _message(message: Any, *, utility: bool) -> None:
    _require(isinstance(message, dict), "(#100) param message must be non-empty.")
    forms = [name for name in ("text", "attachment", "template", "sticker_id") if name in message]
    _require(len(forms) == 1, "(#100) Message must have exactly one of text, attachment, template")
    _require(utility == (forms == ["template"]), "(#100) Param messaging_type does not fit the message")
    _require(len(message.get("metadata", "")) <= 1000, "(#100) Length of param message[metadata] must be less than or equal to 1000")
    if "text" in message:
        _limited(message["text"], 2000, "message[text]")
    for reply in _at_most(13, message.get("quick_replies", []), "message[quick_replies]"):
        _limited(reply["title"], 20, "quick_reply[title]")
        _limited(reply["payload"], 1000, "quick_reply[payload]")
    if "attachment" in message:
        _attachment(message["attachment"])
    if utility:
        _limited(message["template"]["name"], 512, "template[name]")
        _limited(message["template"]["language"]["code"], 20, "template[language][code]")


def _attachment(attachment: Any) -> None:
    payload = attachment["payload"]
    if attachment["type"] in _FILES:
        _require(str(payload.get("url", "")).startswith("http"), "(#100) Failed to fetch the file from the url.")
        return
    _require(attachment["type"] == "template", "(#100) Param message[attachment][type] must be one of {…}")
    match payload.get("template_type"):
        case "button":
            _limited(payload["text"], 640, "attachment[payload][text]")
            _require(bool(payload["buttons"]), "(#100) Param buttons must be non-empty")
            _buttons(payload["buttons"])
        case "generic":
            for element in _at_most(10, payload["elements"], "elements"):
                _limited(element["title"], 80, "elements[title]")
                _require(len(element) > 1, "(#100) Elements need a property next to the title")
                _require(len(element.get("subtitle", "")) <= 80, "(#100) Param elements[subtitle] is too long")
                _buttons(element.get("buttons", []))


def _buttons(buttons: list[dict[str, str]]) -> None:
    for button in _at_most(3, buttons, "buttons"):
        _limited(button["title"], 20, "button[title]")
        _require(button["type"] in _BUTTON_FIELDS, "(#100) Param button[type] must be one of {…}")
        _limited(button[_BUTTON_FIELDS[button["type"]]], 1000, f"button[{_BUTTON_FIELDS[button['type']]}]")


def _at_most(limit: int, items: list[Any], name: str) -> list[Any]:
    _require(len(items) <= limit, f"(#100) Param {name} must have at most {limit} items.")
    return items


def _limited(words: str, limit: int, name: str) -> None:
    """Counted in UTF-16 units, the strictest way."""
    length = len(words.encode("utf-16-le")) // 2
    _require(0 < length <= limit, f"(#100) Length of param {name} must be less than or equal to {limit}")


def _require(fulfilled: bool, words: str) -> None:
    if not fulfilled:
        raise Refused(100, words)
