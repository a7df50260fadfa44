"""Signing in as a service account: a signed claim is exchanged for a token that holds for an hour.

Source: Google, "Using OAuth 2.0 for Server to Server Applications", "Preparing to make an authorized API call"; RFC 7523.
"""

import base64
import hashlib
import json
from time import time
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from integrations.google_sheets.config import Account
from ismessenger.sdk.channel import CredentialsInvalid, SendFailed, Unavailable
from ismessenger.sdk.http import call, json_of
from ismessenger.sdk.words import gettext

SHEETS: Final = "https://sheets.googleapis.com"
TOKENS: Final = "https://oauth2.googleapis.com/token"
SCOPE: Final = "https://www.googleapis.com/auth/spreadsheets"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
HOLDS_SECONDS: Final = 3600
EARLIER_SECONDS: Final = 300
MAX_KNOWN: Final = 200

_known: dict[bytes, tuple[str, float]] = {}
"""Tokens that still hold, by account and service: asking for one costs a call."""


async def token_of(account: Account, http: httpx.AsyncClient) -> str:
    """A token for the account. Raises a `SendFailed`."""
    name = _name(account, http)
    token, until = _known.get(name, ("", 0.0))
    if until > time():
        return token
    token, holds = await _fetch(account, http)
    if len(_known) >= MAX_KNOWN:
        _known.clear()
    _known[name] = token, time() + holds - EARLIER_SECONDS
    return token


def forget(account: Account, http: httpx.AsyncClient) -> None:
    """The token was refused, though it should hold."""
    _known.pop(_name(account, http), None)


def assertion(account: Account, *, at: int) -> str:
    """The claim, signed with the account's key (RS256)."""
    header = {"alg": "RS256", "typ": "JWT", "kid": account.key_id}
    claims = {"iss": account.email, "scope": SCOPE, "aud": TOKENS, "iat": at, "exp": at + HOLDS_SECONDS}
    signed = f"{_base64url(json.dumps(header).encode())}.{_base64url(json.dumps(claims).encode())}"
    return f"{signed}.{_base64url(account.key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


async def _fetch(account: Account, http: httpx.AsyncClient) -> tuple[str, float]:
    fields = {"grant_type": GRANT, "assertion": assertion(account, at=int(time()))}
    # Whoever put another server in the place of Google's has both there.
    url = TOKENS if str(http.base_url).rstrip("/") == SHEETS else "/token"
    answer = await call(http, "POST", url, data=fields, explain=_refusal)
    given = json_of(answer)
    if not isinstance(given, dict) or not isinstance(token := given.get("access_token"), str):
        raise Unavailable(gettext("Google gave no token."))
    return token, _seconds(given.get("expires_in"))


def _refusal(answer: httpx.Response) -> SendFailed | None:
    if answer.status_code not in {400, 401, 403}:
        return None
    given = json_of(answer)
    why = str(given.get("error_description") or given.get("error") or "")[:200] if isinstance(given, dict) else ""
    return CredentialsInvalid(
        gettext("Google does not accept the key of the service account%(why)s. Make a new key.") % {"why": f": {why}" if why else ""}
    )


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int) and 0 < value <= HOLDS_SECONDS else HOLDS_SECONDS


def _name(account: Account, http: httpx.AsyncClient) -> bytes:
    public = account.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public + account.email.encode() + str(http.base_url).encode()).digest()


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
