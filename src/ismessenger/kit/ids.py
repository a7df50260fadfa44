"""Identifiers that nobody can guess, and ones that sort by time."""

import base64
import secrets
from uuid import UUID

from ismessenger.kit import clock

ROUTE_BYTES = 15


def new_token(size: int = 32) -> str:
    """A secret of ``size`` random bytes, safe in a URL without escaping."""
    return secrets.token_urlsafe(size)


def new_route() -> str:
    """The secret last part of a webhook URL: 24 characters of a-z and 2-7."""
    return base64.b32encode(secrets.token_bytes(ROUTE_BYTES)).decode("ascii").lower()


def new_uuid() -> UUID:
    """A UUID of version 7: later ones sort after earlier ones, to the millisecond. Source: RFC 9562, section 5.7."""
    milliseconds = int(clock.now().timestamp() * 1000)
    value = (milliseconds << 80) | secrets.randbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)
