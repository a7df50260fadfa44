"""What a visitor's browser holds: a token that names it, and tickets for files it uploaded. Both are signed with the channel's own key.

The website signs the ids of its users with the same key and HMAC-SHA256; ours use HMAC-SHA512, so that no user id, however chosen, can
make the website sign a token of ours.
"""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from ismessenger.sdk.channel import SignatureInvalid
from ismessenger.sdk.signing import hmac_hex, same

ANONYMOUS, KNOWN = "visitor:", "user:"
LIFETIME = {ANONYMOUS: timedelta(days=180), KNOWN: timedelta(days=7)}
USER_ID_LENGTH = 200

_SIGNATURE_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a token names. ``identifier`` is the person's name on the channel, ``route`` the channel's own."""

    identifier: str
    route: str
    issued_at: datetime
    expires_at: datetime

    @property
    def known(self) -> bool:
        """Whether the website vouched for this person."""
        return self.identifier.startswith(KNOWN)


def somebody() -> str:
    """A new identifier for a visitor who is not known to the website."""
    return ANONYMOUS + secrets.token_urlsafe(16)


def known_person(key: str, user_id: str, given_hash: str) -> str:
    """The identifier of a website's user. The hash is HMAC-SHA256 of the id in hexadecimal. Raises `SignatureInvalid`."""
    if not 0 < len(user_id) <= USER_ID_LENGTH or not same(given_hash.lower(), hmac_hex(key, user_id.encode("utf-8", "surrogatepass"))):
        raise SignatureInvalid("The signature of this user id is wrong.")
    return KNOWN + user_id


def issue(key: str, route: str, identifier: str, now: datetime) -> str:
    """A token for a visitor of one channel; people known to the website get a shorter one, since it can sign them in again."""
    lifetime = LIFETIME[KNOWN if identifier.startswith(KNOWN) else ANONYMOUS]
    return _seal(key, "token", {"v": identifier, "r": route, "i": int(now.timestamp()), "e": int((now + lifetime).timestamp())})


def read(key: str, token: str, *, now: datetime) -> Visitor:
    """The visitor of a token. Raises `SignatureInvalid` for one that is forged, changed, of another channel or too old."""
    fields = _open(key, "token", token)
    try:
        issued_at, expires_at = (datetime.fromtimestamp(fields[name], UTC) for name in ("i", "e"))
        visitor = Visitor(str(fields["v"]), str(fields["r"]), issued_at, expires_at)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SignatureInvalid("This chat token cannot be read.") from error
    if not issued_at - timedelta(minutes=5) <= now < expires_at:
        raise SignatureInvalid("This chat token has expired.")
    return visitor


def ticket(key: str, identifier: str, file: dict[str, Any]) -> str:
    """A visitor's right to send one stored file: without it a page could name any file."""
    return _seal(key, "file", {"v": identifier, "f": file})


def file_of(key: str, identifier: str, text: str) -> dict[str, Any]:
    """The file of a visitor's ticket. Raises `SignatureInvalid` for another visitor's or a changed one."""
    fields = _open(key, "file", text)
    if not same(str(fields.get("v")), identifier) or not isinstance(fields.get("f"), dict):
        raise SignatureInvalid("This file was uploaded by somebody else.")
    found: dict[str, Any] = fields["f"]
    return found


def _seal(key: str, purpose: Literal["token", "file"], fields: dict[str, Any]) -> str:
    body = _base64(json.dumps(fields, separators=(",", ":")).encode())
    return f"{body}.{_signature(key, purpose, body)}"


def _open(key: str, purpose: Literal["token", "file"], text: str) -> dict[str, Any]:
    body, _, signature = text.partition(".")
    # The text is what is signed: its bytes could be written in several ways.
    if not key or not same(signature, _signature(key, purpose, body)):
        raise SignatureInvalid("The signature of this chat token is wrong.")
    fields: dict[str, Any] = json.loads(_unbase64(body))
    return fields


def _signature(key: str, purpose: str, body: str) -> str:
    content = f"{purpose}\n{body}".encode("utf-8", "surrogatepass")
    return _base64(hmac.digest(key.encode(), content, hashlib.sha512)[:_SIGNATURE_BYTES])


def _base64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
