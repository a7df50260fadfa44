"""Neutral messages as calls to the integration server, and its answers. Source: the protocol in README.md."""

import mimetypes
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from ismessenger.sdk.body import storable
from ismessenger.sdk.channel import CredentialsInvalid, OutboundMessage, Rejected, SendFailed
from ismessenger.sdk.content import Content, CustomPayload, Location, Media, QuickReplies, Text
from ismessenger.sdk.http import json_of
from ismessenger.sdk.markdown import to_plain
from ismessenger.sdk.text import shorten
from ismessenger.sdk.words import gettext

_LONGEST_ID = 255
_LONGEST_REASON = 500


def body_of(message: OutboundMessage) -> dict[str, Any]:
    """What ``POST {API base URL}/message`` carries."""
    return {"channelId": message.channel_id, "contactId": message.identifier, "message": _message(message.content)}


def _message(content: Content) -> dict[str, Any]:
    match content:
        case Text():
            return {"type": "text", "text": to_plain(content.text)}
        case Media():
            return {"type": "attachment", "attachment": _attachment(content)}
        case Location():
            return {"type": "location", **content.model_dump(include={"latitude", "longitude"}), "address": _address(content)}
        case QuickReplies():
            return {"type": "quick_reply", "title": to_plain(content.title), "replies": [reply.title for reply in content.replies]}
        case CustomPayload():
            return {"type": "custom_payload", "payload": content.payload}
    raise Rejected(content.type, gettext("A custom channel does not take this kind of message: %(kind)s.") % {"kind": content.type})


def _attachment(media: Media) -> dict[str, Any]:
    fields = {"type": media.kind, "url": media.url, "mimeType": media.mime or _guessed(media), "fileName": media.file_name}
    return {name: value for name, value in fields.items() if value is not None}


def _guessed(media: Media) -> str:
    """What the name of a file suggests, where nobody says what it is: the protocol always names a type."""
    name = media.file_name or urlsplit(media.url or "").path
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _address(location: Location) -> str:
    return ", ".join(part for part in (location.title, location.address) if part)


def explain(answer: httpx.Response) -> SendFailed | None:
    """The server's reason in its own words; throttling and its own failures are for all channels the same."""
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return None
    words = _reason(json_of(answer)) or f"The integration server refused the message ({answer.status_code})."
    if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return CredentialsInvalid(words)
    return Rejected(str(answer.status_code), words)


def external_id(answer: httpx.Response) -> str | None:
    """``mId`` of a good answer; without one no receipt can be matched. Raises `Rejected` for a redirect."""
    if not answer.is_success:
        raise Rejected(
            str(answer.status_code),
            gettext("The integration server did not take the message (%(status)s).") % {"status": answer.status_code},
        )
    answered = json_of(answer)
    identifier = answered.get("mId") if isinstance(answered, dict) else None
    if isinstance(identifier, bool) or not isinstance(identifier, str | int):
        return None
    text = storable(str(identifier))
    return text if 0 < len(text) <= _LONGEST_ID else None


def _reason(answered: object) -> str:
    """``{"error": {"message": "…"}}``."""
    error = answered.get("error") if isinstance(answered, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return shorten(storable(message.strip()), _LONGEST_REASON) if isinstance(message, str) else ""
