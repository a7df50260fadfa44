"""The door of the chat widget: which channel an address means, whether the page that calls may carry it, who the visitor is.

There is no cookie: a visitor's token is in the Authorization header, and which websites may ask is up to the channel's owner.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from ismessenger.channels.route import Target
from ismessenger.channels.visitors import HostsVisitors, Visitor
from ismessenger.kit.clock import now
from ismessenger.sdk.channel import SignatureInvalid
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Admits, admits
from ismessenger.web.errors import Forbidden, NotFound, TooLarge, Unauthorized
from ismessenger.web.hooks import target_at
from ismessenger.web.ratelimit import Limit
from ismessenger.web.security import comes_from_us

KIND = "website_chat"
PRODUCT = "IS-Messenger"
BODY_BYTES = 64 << 10
TOKEN_LENGTH = 4000
ADDRESS = Limit(per_second=10, burst=120)  # many visitors may share one address


@dataclass(frozen=True, slots=True)
class Chat:
    """The channel that a widget belongs to, for a page that may carry it."""

    target: Target
    host: HostsVisitors

    def key(self, *parts: str) -> str:
        """The name of one of its rate limits."""
        return "/".join(["widget", str(self.target.workspace_id), str(self.target.channel_id), *parts])

    def visitor(self, token: str) -> Visitor:
        """Who holds this token. Raises `Unauthorized`."""
        try:
            visitor = self.host.visitor(token[: TOKEN_LENGTH + 1], self.target.config, now=now())
        except SignatureInvalid as error:
            raise Unauthorized(str(error)) from error
        if visitor.route != self.target.route:
            raise Unauthorized(gettext("This chat token belongs to another channel."))
        return visitor


Endpoint = Callable[[Request, Chat], Awaitable[Response]]


def shared(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Let a page of another site read the answer, errors too, if the channel's owner allows that site."""

    @wraps(endpoint)
    async def serve(request: Request) -> Response:
        headers = {"Vary": "Origin", "Cross-Origin-Resource-Policy": "cross-origin"}
        try:
            chat = await find_chat(request)
            if origin := request.headers.get("origin"):
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = "Retry-After"
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=headers | _PREFLIGHT)
            await request.app.state.limiter.require(f"widget-address/{address_of(request)}", ADDRESS)
            response = await endpoint(request, chat)
        except HTTPException as error:
            error.headers = {**(error.headers or {}), **headers}
            raise
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.update(headers)
        return response

    return admits(Admits.PROOF)(serve)


_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


async def find_chat(connection: HTTPConnection) -> Chat:
    """The channel of this address, if the page that calls may carry it. Raises `NotFound`, `Forbidden`."""
    target = await target_at(connection, KIND, connection.path_params["route"])
    if target is None or not isinstance(target.adapter, HostsVisitors):
        raise NotFound(gettext("There is no chat at this address."))
    chat = Chat(target, target.adapter)
    if not _may_carry(connection, chat):
        raise Forbidden(gettext("This website is not on the list of those that may show this chat."))
    return chat


def _may_carry(connection: HTTPConnection, chat: Chat) -> bool:
    """Our own pages always may. A browser names the origin of the page, or says that it is a page of ours."""
    headers = connection.headers
    host = _host_of(headers["origin"]) if "origin" in headers else ""
    if chat.host.allows(host, chat.target.config):
        return True
    if "origin" not in headers and "sec-fetch-site" not in headers:
        return False
    own = urlsplit(connection.app.state.installation.settings.address)
    return comes_from_us(dict(connection.scope["headers"]), f"{own.scheme}://{own.netloc}")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def address_of(connection: HTTPConnection) -> str:
    """The caller's IP address, behind the proxies that the operator trusts."""
    return connection.client.host if connection.client else "?"


async def visitor_of(request: Request, chat: Chat, doing: str, limit: Limit) -> Visitor:
    """The caller, who does this no more often than ``limit``. Raises `Unauthorized`, `TooMany`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    visitor = chat.visitor(token.strip() if scheme.lower() == "bearer" else "")
    await request.app.state.limiter.require(chat.key(doing, visitor.identifier), limit, words="Too much at once. Wait a moment.")
    return visitor


async def bounded_body(request: Request, limit: int = BODY_BYTES) -> bytes:
    """The body; what is over its limit is not kept. Raises `TooLarge`."""
    body = bytearray()
    size = 0
    # Read to the end: a page whose request is cut off would see no answer, and send the same again.
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            body += chunk
    if size > limit:
        raise TooLarge(gettext("This is larger than the %(most)s KiB that a message may have.") % {"most": limit >> 10})
    return bytes(body)
