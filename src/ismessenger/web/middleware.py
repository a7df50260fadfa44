"""What every request passes on its way in and out, as plain ASGI.

From the outside: `Trace` numbers, measures and notes it; `SecurityHeaders` and `Failures` see to the answer, in the words that `Language`
chooses; `Gate` turns away what no endpoint should see.
"""

import logging
import re
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from functools import lru_cache
from http import HTTPStatus
from itertools import chain
from time import perf_counter
from urllib.parse import unquote_to_bytes, urlsplit

import structlog
from prometheus_client import Histogram
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ismessenger.kit.crypto import Vault
from ismessenger.kit.logs import hide_tokens
from ismessenger.kit.metrics import REQUESTS
from ismessenger.language import preferred, speaking
from ismessenger.sdk.words import gettext
from ismessenger.settings import Settings
from ismessenger.web.errors import BadRequest, Failures, Forbidden, HeadersTooLarge, RenderError, TooLarge
from ismessenger.web.security import SecurityHeaders, comes_from_us

ACCESS = "ismessenger.access"

log = structlog.get_logger(ACCESS)
_standard_log = logging.getLogger(ACCESS)

KIB = 1 << 10
MIB = 1 << 20
MAX_HEADER_BYTES = 64 << 10
MAX_HEADERS = 500
MAX_DIGITS = 18
# So much too much is read and thrown away: a caller that is still sending when the connection closes never sees the answer.
MAX_DISCARD_BYTES = 32 * MIB
CLIENT_LEFT = 499

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KNOWN_METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE"}
# Called by other servers or from other people's pages, with a token or a signature instead of a cookie.
FOREIGN_AREAS = frozenset({"hooks", "custom", "v2", "widget"})
# Here programs read what is said, and compare it: it is always English.
ENGLISH_AREAS = frozenset({"hooks", "custom", "v2"})
# Thousands a second, or asked by machines every few seconds: noted only when they fail. The metrics count them all.
QUIET_AREAS = frozenset({"hooks", "custom", "static", "healthz", "readyz", "metrics"})
# Here gateways call whose queries may be in old character sets; adapters deal with that.
ANY_QUERY_AREAS = frozenset({"hooks", "custom"})

_HOST = re.compile(rb"(?:[\w.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::\d{1,5})?", re.ASCII)


def stack(
    settings: Settings, vault: Vault, *, render_error: RenderError | None = None, body_limits: Mapping[str, int] | None = None
) -> list[Middleware]:
    """The whole row, for ``Starlette(middleware=…)``. ``body_limits`` maps path prefixes to bytes; 1 MiB elsewhere."""
    return [
        Middleware(Trace),
        Middleware(SecurityHeaders, settings=settings, vault=vault),
        Middleware(Language),
        Middleware(Failures, render_error=render_error),
        Middleware(Gate, address=settings.address, body_limits=body_limits or {}),
    ]


def area(path: str) -> str:
    """The first part of a path: ``hooks`` of ``/hooks/telegram/x``."""
    return path[1:].partition("/")[0]


class Language:
    """Speaks the browser's language, also on pages without sign-in and on those that say what went wrong.

    For whoever is signed in the edge puts their own choice in its place. Programs are always answered in English.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if area(scope.get("path", "")) in ENGLISH_AREAS:
            await self.app(scope, receive, send)
            return
        accepted = dict(scope.get("headers", ())).get(b"accept-language", b"")
        with speaking(preferred(accepted.decode("latin-1"))):
            await self.app(scope, receive, send)


class Trace:
    """Gives each request a number, which its log lines and its answer carry, and notes how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        status, began = CLIENT_LEFT, perf_counter()

        async def traced(message: Message) -> None:
            nonlocal status
            match message["type"]:
                case "http.response.start" | "websocket.http.response.start":
                    status = message["status"]
                    message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode("ascii"))]
                case "websocket.accept":
                    status = 101
            await send(message)

        try:
            await self.app(scope, receive, traced)
        finally:
            _note(scope, status, perf_counter() - began)


def _note(scope: Scope, status: int, seconds: float) -> None:
    method = scope.get("method", "WEBSOCKET")
    if scope["type"] == "http":
        _histogram(scope.get("endpoint"), method if method in KNOWN_METHODS else "other", status).observe(seconds)
    quiet = status < HTTPStatus.BAD_REQUEST and area(scope["path"]) in QUIET_AREAS
    level = logging.DEBUG if quiet else logging.INFO
    if _standard_log.isEnabledFor(level):
        client = (scope.get("client") or ("",))[0]
        path = hide_tokens(scope["path"])
        log.log(level, "request", method=method, path=path, status=int(status), ms=round(seconds * 1000, 1), client=client)


@lru_cache(maxsize=2000)
def _histogram(endpoint: object, method: str, status: int) -> Histogram:
    """Counted by the function that served it: as many values as there are routes, whatever paths are asked for."""
    served_by = getattr(endpoint, "func", endpoint)
    name = f"{served_by.__module__}.{getattr(served_by, '__qualname__', type(served_by).__qualname__)}" if served_by else "none"
    return REQUESTS.labels(name.removeprefix("ismessenger."), method, str(status))


class Gate:
    """Turns away malformed addresses, oversized bodies and headers, and changing requests that another site's page sent."""

    def __init__(self, app: ASGIApp, *, address: str, body_limits: Mapping[str, int]) -> None:
        self.app = app
        parts = urlsplit(address)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._limits = sorted(body_limits.items(), key=lambda item: -len(item[0]))

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one connection, or raise why not."""
        if scope["type"] not in {"http", "websocket"}:
            return self.app(scope, receive, send)
        headers = dict(scope["headers"])
        place = area(scope["path"])
        _check_size(scope["headers"])
        _check_address(scope, headers, any_query=place in ANY_QUERY_AREAS)
        safe = scope.get("method") in SAFE_METHODS
        if not safe and place not in FOREIGN_AREAS and not comes_from_us(headers, self._origin):
            raise Forbidden(gettext("This request came from another site and was not carried out."))
        if scope["type"] == "http" and (b"content-length" in headers or b"transfer-encoding" in headers):
            receive = _limited(receive, self._limit(scope["path"]), headers.get(b"content-length", b"0"))
        return self.app(scope, receive, send)

    def _limit(self, path: str) -> int:
        for prefix, limit in self._limits:
            if path == prefix or path.startswith(prefix + "/"):
                return limit
        return MIB


def _check_size(headers: Sequence[tuple[bytes, bytes]]) -> None:
    if len(headers) > MAX_HEADERS or sum(map(len, chain.from_iterable(headers))) > MAX_HEADER_BYTES:
        raise HeadersTooLarge


def _check_address(scope: Scope, headers: Mapping[bytes, bytes], *, any_query: bool) -> None:
    if (host := headers.get(b"host")) is not None and not _HOST.fullmatch(host):
        raise BadRequest(gettext("The Host header is not valid."))
    if "\x00" in scope["path"] or not _is_text(scope.get("raw_path") or b""):
        raise BadRequest(gettext("The address is not valid."))
    if not any_query and not _is_text(scope["query_string"]):
        raise BadRequest(gettext("The address is not valid."))


def _is_text(escaped: bytes) -> bool:
    """Whether percent-escaped bytes are UTF-8 without NUL, which the database would refuse."""
    if b"%" not in escaped and escaped.isascii():
        return b"\x00" not in escaped
    plain = unquote_to_bytes(escaped)
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\x00" not in plain


def _limited(receive: Receive, limit: int, stated: bytes) -> Receive:
    if not stated.isdigit() or len(stated) > MAX_DIGITS or int(stated) > limit + MAX_DISCARD_BYTES:
        raise _too_large(limit, headers={"Connection": "close"})
    if int(stated) > limit:
        raise _too_large(limit)
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int, headers: Mapping[str, str] | None = None) -> TooLarge:
    return TooLarge(gettext("This is larger than the %(most)s that the server takes here.") % {"most": _size(limit)}, headers=headers)


def _size(count: int) -> str:
    return f"{count / MIB:g} MiB" if count >= MIB else f"{count / KIB:g} KiB"
