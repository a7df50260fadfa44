"""What the chat widget on other people's websites calls: options, session, history, messages, receipts.

There is no cookie: a visitor's token is in the Authorization header, and which websites may ask is up to the channel's owner. What a
visitor posts takes the same way as a provider's webhook.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response

from ismessenger.channels import visitors
from ismessenger.channels.ingest import raw_event
from ismessenger.channels.route import Target
from ismessenger.channels.visitors import HostsVisitors, Visitor
from ismessenger.kit import pagination
from ismessenger.kit.clock import now
from ismessenger.sdk.channel import BodyInvalid, RawRequest, SignatureInvalid, ValidatesBody
from ismessenger.web.body import parse_json
from ismessenger.web.errors import BadRequest, Forbidden, NotFound, TooLarge, Unauthorized
from ismessenger.web.hooks import store
from ismessenger.web.ratelimit import WIDGET, Limit
from ismessenger.web.widget_messages import shown_messages

KIND = "website_chat"
PRODUCT = "IS-Messenger"
BODY_BYTES = 64 << 10
TOKEN_LENGTH = 4000

ADDRESS = Limit(per_second=10, burst=120)  # many visitors may share one address
NEWCOMERS = Limit(per_second=1, burst=30)
READING = Limit(per_second=2, burst=40)


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
            raise Unauthorized("This chat token belongs to another channel.")
        return visitor


class Identity(BaseModel):
    """How a website names its user. What it tells beyond the id comes with the messages."""

    user_id: str = Field(min_length=1, max_length=200)
    hash: str = Field(max_length=200)


class SessionForm(BaseModel):
    """``token`` is the one the browser already holds."""

    token: str | None = Field(None, max_length=TOKEN_LENGTH)
    identity: Identity | None = None


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
        response.headers.update({"Cache-Control": "no-store", **headers})
        return response

    return serve


_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


async def find_chat(connection: HTTPConnection) -> Chat:
    """The channel of this address, if the page that calls may carry it. Raises `NotFound`, `Forbidden`."""
    target = await connection.app.state.routes.find(KIND, connection.path_params["route"])
    if target is None or not isinstance(target.adapter, HostsVisitors):
        raise NotFound("There is no chat at this address.")
    chat = Chat(target, target.adapter)
    if not _may_carry(connection, chat):
        raise Forbidden("This website is not on the list of those that may show this chat.")
    return chat


def _may_carry(connection: HTTPConnection, chat: Chat) -> bool:
    """Our own pages always may. A browser names the page's origin with everything but a plain GET to its own site."""
    origin = connection.headers.get("origin")
    own = urlsplit(connection.app.state.installation.settings.address)
    if origin is None:
        same_site = connection.headers.get("sec-fetch-site") in {"same-origin", "none"}
        return same_site or chat.host.allows("", chat.target.config)
    try:
        page = urlsplit(origin)
        return (page.scheme, page.netloc) == (own.scheme, own.netloc) or chat.host.allows(page.hostname or "", chat.target.config)
    except ValueError:
        return False


def address_of(connection: HTTPConnection) -> str:
    """The caller's IP address, behind the proxies that the operator trusts."""
    return connection.client.host if connection.client else "?"


async def options(request: Request, chat: Chat) -> Response:  # noqa: ARG001 - every endpoint gets both
    """Looks and words of the widget."""
    return JSONResponse({**chat.host.public_options(chat.target.config), "product": PRODUCT})


async def session(request: Request, chat: Chat) -> Response:
    """A token: for the user whom the website names, for whoever held one already, else for a newcomer."""
    await request.app.state.limiter.require(f"widget-session/{address_of(request)}", NEWCOMERS)
    try:
        form = SessionForm.model_validate(parse_json(await bounded_body(request)))
    except ValidationError as error:
        raise BadRequest(f"{'.'.join(map(str, error.errors()[0]['loc']))}: {error.errors()[0]['msg']}") from error
    held = chat.visitor(form.token) if form.token else None
    try:
        identifier = _named(chat, form, held)
    except SignatureInvalid as error:
        raise Unauthorized(str(error)) from error
    if held is not None and not held.known and identifier != held.identifier:
        async with request.app.state.installation.tenancy.workspace(chat.target.workspace_id) as db:
            await visitors.adopt(db, chat.target.channel_id, anonymous=held.identifier, known=identifier)
    token = chat.host.issue(identifier, chat.target.route, chat.target.config, now=now())
    return JSONResponse({"token": token})


def _named(chat: Chat, form: SessionForm, held: Visitor | None) -> str:
    if form.identity is not None:
        return chat.host.identify(form.identity.user_id, form.identity.hash, chat.target.config)
    return held.identifier if held is not None else chat.host.newcomer(chat.target.config)


async def messages(request: Request, chat: Chat) -> Response:
    """A page of the visitor's own history, and where the live connection goes on from it."""
    visitor = await visitor_of(request, chat, "read", READING)
    before = request.query_params.get("before")
    position = pagination.decode(before, datetime, int) if before else None
    target, state = chat.target, request.app.state
    # Before the messages are read, so that what comes meanwhile is told again rather than missed.
    seq = await state.feed.position(target.workspace_id)
    async with state.installation.tenancy.reading(target.workspace_id) as db:
        page = await visitors.history(db, target.channel_id, visitor.identifier, position)
    older = pagination.encode(*page.before) if page.before else None
    shown = shown_messages(state.installation, target, page.rows)
    return JSONResponse({"seq": seq, "messages": shown, "before": older})


async def post(request: Request, chat: Chat) -> Response:
    """A message, a filled-in form or a receipt of the visitor: on disk before it is confirmed."""
    visitor = await visitor_of(request, chat, "write", WIDGET)
    received = RawRequest("POST", dict(request.headers), "", await bounded_body(request), now())
    try:
        body = chat.host.addressed(received, visitor.identifier)
        raw = RawRequest("POST", received.headers, "", body, received.received_at)
        if isinstance(chat.target.adapter, ValidatesBody):
            chat.target.adapter.validate(raw, chat.target.config)
    except BodyInvalid as error:
        raise BadRequest(str(error)) from error
    await store(request.app.state.ingest, [(chat.target.home, raw_event(chat.target, raw))])
    return JSONResponse({"accepted": True})


async def visitor_of(request: Request, chat: Chat, doing: str, limit: Limit) -> Visitor:
    """The caller, who does this no more often than ``limit``. Raises `Unauthorized`, `TooMany`."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    visitor = chat.visitor(token.strip() if scheme.lower() == "bearer" else "")
    await request.app.state.limiter.require(chat.key(doing, visitor.identifier), limit, words="Too much at once. Wait a moment.")
    return visitor


async def bounded_body(request: Request, limit: int = BODY_BYTES) -> bytes:
    """The body, given up as soon as it is over its limit. Raises `TooLarge`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge(headers={"Connection": "close"})
    return bytes(body)
