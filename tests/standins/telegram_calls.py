"""What the Bot API makes of a call: its parameters, and what it refuses."""

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.standins.server import Recorded

SENDING = {
    "sendMessage": ["text"],
    "sendPhoto": ["photo"],
    "sendVideo": ["video"],
    "sendAnimation": ["animation"],
    "sendAudio": ["audio"],
    "sendVoice": ["voice"],
    "sendDocument": ["document"],
    "sendLocation": ["latitude", "longitude"],
    "sendVenue": ["latitude", "longitude", "title", "address"],
    "sendContact": ["phone_number", "first_name"],
    "sendPoll": ["question", "options"],
    "sendDice": [],
    "sendMediaGroup": ["media"],
}
_TAG = re.compile(r"<(/?)(b|i|s|code|a)((?: href=\"[^\"]*\")?)>")


@dataclass
class ApiCall:
    """A call as the Bot API understood it; ``files`` maps a parameter to name and content."""

    method: str
    params: dict[str, Any]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


class Refused(Exception):
    """An answer with ``ok: false``."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code = code


def read(method: str, request: Recorded) -> ApiCall:
    """A call from its JSON, its form or its parts."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return ApiCall(method, {**request.query, **request.json()})
    if not kind.startswith("multipart/form-data"):
        return ApiCall(method, {**request.query, **dict(parse_qsl(request.body.decode()))})
    call = ApiCall(method, dict(request.query))
    for part in request.body.split(b"--" + kind.partition("boundary=")[2].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        told = dict(re.findall(r'\b(name|filename)="([^"]*)"', head.decode()))
        if "filename" in told:
            call.files[told["name"]] = (told["filename"], content)
        else:
            call.params[told["name"]] = content.decode()
    return call


def check(call: ApiCall) -> None:
    """Raises `Refused` for what the Bot API would not send."""
    missing = [name for name in SENDING[call.method] if call.params.get(name, "") == "" and name not in call.files]
    if missing == ["text"]:
        raise Refused(400, "Bad Request: message text is empty")
    if missing:
        raise Refused(400, f"Bad Request: parameter {missing[0]} is required")
    if len(_words(call.params, "text")) > 4096:
        raise Refused(400, "Bad Request: message is too long")
    if len(_words(call.params, "caption")) > 1024:
        raise Refused(400, "Bad Request: message caption is too long")
    markup = call.params.get("reply_markup") or {}
    keys = [key for row in (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", []) for key in row]
    if any(not 1 <= len(key.get("callback_data", "-").encode()) <= 64 for key in keys):
        raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")


def _words(params: dict[str, Any], name: str) -> str:
    """What stays after the entities were read; in HTML every tag must be known and closed in order."""
    text, opened = str(params.get(name, "")), []
    if params.get("parse_mode") != "HTML":
        return text
    for tag in _TAG.finditer(text):
        if not tag[1]:
            opened.append(tag[2])
        elif not opened or opened.pop() != tag[2]:
            raise Refused(400, f"Bad Request: can't parse entities: Unexpected end tag at byte offset {tag.start()}")
    words = _TAG.sub("", text)
    if opened or "<" in words:
        raise Refused(400, "Bad Request: can't parse entities: Can't find end tag")
    return html.unescape(words)


def shown(params: dict[str, Any]) -> dict[str, Any]:
    """What a message says of itself in the answer."""
    told = {name: _words(params, name) for name in ("text", "caption") if name in params}
    return told | ({"reply_markup": params["reply_markup"]} if "reply_markup" in params else {})
