"""Proofs that a webhook comes from its provider: comparisons in constant time that fail closed.

An empty secret never matches anything, so a channel that was saved without one refuses every call instead of taking every call.
"""

import hmac
from typing import Literal

from ismessenger.sdk.channel import RawRequest, SignatureInvalid

Digest = Literal["sha1", "sha256", "sha512"]


def same(given: str | bytes, expected: str | bytes) -> bool:
    """Compare in a time that does not depend on where they differ. False if ``expected`` is empty."""
    return bool(expected) and hmac.compare_digest(_bytes(given), _bytes(expected))


def hmac_hex(key: str | bytes, body: bytes, digest: Digest = "sha256") -> str:
    """The HMAC of the exact body as lower-case hexadecimal digits."""
    return hmac.digest(_bytes(key), body, digest).hex()


def require_equal(given: str | bytes, expected: str | bytes) -> None:
    """Raises `SignatureInvalid` unless both are the same and not empty."""
    if not same(given, expected):
        raise SignatureInvalid("The secret of the request is missing or wrong.")


def require_hmac(request: RawRequest, header: str, key: str | bytes, *, digest: Digest = "sha256", prefix: str = "") -> None:
    """Check a header that holds ``prefix`` and the body's HMAC in hexadecimal. ``header`` in lower case. Raises `SignatureInvalid`."""
    given = request.headers.get(header, "")
    if not key or not given.startswith(prefix):
        raise SignatureInvalid(f"The header {header} is missing or has another form.")
    require_equal(given[len(prefix) :].lower(), hmac_hex(key, request.body, digest))


def require_bearer(request: RawRequest, token: str) -> None:
    """Check ``Authorization: Bearer <token>``. Raises `SignatureInvalid`."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise SignatureInvalid("The header Authorization: Bearer is missing.")
    require_equal(given.strip(), token)


def _bytes(value: str | bytes) -> bytes:
    # Header text may hold anything, and compare_digest refuses text that is not ASCII.
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
