"""The content-security policy and the other headers that keep a page to itself, and who may send a changing request."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ismessenger.kit.crypto import Vault
from ismessenger.settings import Settings

SEED_COOKIE: Final = "ismessenger_page"
YEAR_SECONDS: Final = 31_536_000

_PAGE = {
    "default-src": "'none'",
    "script-src": "'self' 'nonce-{nonce}'",
    "style-src": "'self' 'nonce-{nonce}'",
    "img-src": "'self' data: blob:",
    "media-src": "'self' blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_NO_PAGE: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
_PERMISSIONS: Final = b"camera=(), display-capture=(), geolocation=(), microphone=(self), payment=(), usb=()"


class Nonce:
    """The nonce of one browser. It stays the same from page to page, because Turbo keeps the document and so its policy.

    It is made out of a random cookie and a key of ours, so that it need not be stored and a script cannot find it out.
    """

    def __init__(self, scope: Scope, key: bytes) -> None:
        self._scope = scope
        self._key = key
        self._seed: str | None = None
        self.is_new = False

    @property
    def seed(self) -> str:
        """The cookie's value; made anew where the browser has none."""
        if self._seed is None:
            self._seed = _cookie(self._scope, SEED_COOKIE) or secrets.token_urlsafe(16)
            self.is_new = _cookie(self._scope, SEED_COOKIE) is None
        return self._seed

    def __str__(self) -> str:
        digest = hmac.digest(self._key, self.seed.encode("utf-8", "surrogateescape"), hashlib.sha256)
        return base64.b64encode(digest[:18]).decode("ascii")


def nonce(connection: HTTPConnection) -> str:
    """The nonce for ``<meta name="csp-nonce">`` and for inline scripts and styles of this page."""
    return str(connection.scope["state"]["nonce"])


def relax(connection: HTTPConnection, directives: Mapping[str, str]) -> None:
    """Replace directives of the policy for this answer: ``relax(request, {"frame-ancestors": "*"})``. An empty value removes one."""
    connection.scope["state"].setdefault("csp", {}).update(directives)


class SecurityHeaders:
    """Adds the headers to every answer; one that an endpoint has set itself stays."""

    def __init__(self, app: ASGIApp, *, settings: Settings, vault: Vault) -> None:
        self.app = app
        self._key = vault.derived("content security policy")
        self._policy = {**_PAGE, "connect-src": f"'self' {_websocket_origin(settings.address)}"}
        self._secure = settings.address.startswith("https:")
        self._no_page = plain_headers(settings)
        self._always = self._no_page[:-1]
        self._own_names = frozenset(name for name, _ in self._no_page)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"}:
            return self.app(scope, receive, send)
        nonce = Nonce(scope, self._key)
        scope.setdefault("state", {})["nonce"] = nonce
        if scope["type"] == "websocket":
            return self.app(scope, receive, send)

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                headers.extend(self._missing(scope, nonce, dict(headers)))
                message["headers"] = headers
            await send(message)

        return self.app(scope, receive, secured)

    def _missing(self, scope: Scope, nonce: Nonce, present: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        if self._own_names.isdisjoint(present) and not present.get(b"content-type", b"").startswith(b"text/html"):
            return self._no_page
        missing = [header for header in self._always if header[0] not in present]
        if not present.get(b"content-type", b"").startswith(b"text/html"):
            return missing if b"content-security-policy" in present else [*missing, _NO_PAGE]
        if b"content-security-policy" not in present:
            missing.append((b"content-security-policy", self._page_policy(scope, nonce)))
            if nonce.is_new:
                missing.append((b"set-cookie", self._seed_cookie(nonce)))
        if b"cache-control" not in present:
            # A page shows what its reader may see, and no longer once they signed out.
            missing.append((b"cache-control", b"private, no-cache"))
            if b"vary" not in present:
                # Going back to a page must not bring the one frame of it that was asked for last.
                missing.append((b"vary", b"Turbo-Frame"))
        return missing

    def _page_policy(self, scope: Scope, nonce: Nonce) -> bytes:
        policy = {**self._policy, **scope["state"].get("csp", {})}
        return "; ".join(f"{name} {value}" for name, value in policy.items() if value).replace("{nonce}", str(nonce)).encode("latin-1")

    def _seed_cookie(self, nonce: Nonce) -> bytes:
        secure = "; Secure" if self._secure else ""
        return f"{SEED_COOKIE}={nonce.seed}; Path=/; HttpOnly; SameSite=Lax{secure}".encode("latin-1")


def plain_headers(settings: Settings) -> list[tuple[bytes, bytes]]:
    """Those of an answer that is no page; the policy comes last."""
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"permissions-policy", _PERMISSIONS),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
    if settings.address.startswith("https:"):
        headers.append((b"strict-transport-security", b"max-age=%d" % YEAR_SECONDS))
    return [*headers, _NO_PAGE]


def comes_from_us(headers: Mapping[bytes, bytes], own_origin: str) -> bool:
    """Whether a changing request or a WebSocket was sent by a page of ours, or by no browser at all.

    Browsers send ``Sec-Fetch-Site`` to https and localhost, and ``Origin`` with everything but a plain GET.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in {b"same-origin", b"none"}
    sender = headers.get(b"origin")
    if sender is None:
        return True
    stated = sender.decode("latin-1")
    return stated == own_origin or urlsplit_host(stated) == headers.get(b"host", b"").decode("latin-1").lower()


def urlsplit_host(origin: str) -> str | None:
    """Host and port of an origin, lower case; ``None`` if it has none (``null``, or nonsense)."""
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


def _websocket_origin(address: str) -> str:
    """Older Safari does not count WebSockets of the same host as 'self'."""
    scheme, _, rest = address.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest.partition('/')[0]}"


def _cookie(scope: Scope, name: str) -> str | None:
    header = b"; ".join(value for key, value in scope["headers"] if key == b"cookie").decode("latin-1")
    try:
        morsel = SimpleCookie(header).get(name) if name in header else None
    except CookieError:
        return None
    return morsel.value if morsel is not None and morsel.value else None
