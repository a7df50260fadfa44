"""What the chat widget on other people's websites calls: options, session, history, messages, receipts.

What a visitor posts takes the same way as a provider's webhook.
"""

from contextlib import suppress
from datetime import datetime

from pydantic import BaseModel, Field, ValidationError
from redis.exceptions import RedisError
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from ismessenger.channels import visitors
from ismessenger.channels.ingest import raw_event
from ismessenger.channels.visitors import Visitor
from ismessenger.installation import Installation
from ismessenger.kit import pagination
from ismessenger.kit.clock import now
from ismessenger.realtime.feed import START
from ismessenger.sdk.channel import BodyInvalid, RawRequest, SignatureInvalid, ValidatesBody
from ismessenger.web.body import parse_json
from ismessenger.web.errors import BadRequest, Unauthorized
from ismessenger.web.hooks import store
from ismessenger.web.ratelimit import WIDGET, Limit
from ismessenger.web.widget import demo, settings
from ismessenger.web.widget.chat import KIND, PRODUCT, TOKEN_LENGTH, Chat, address_of, bounded_body, shared, visitor_of
from ismessenger.web.widget.files import upload
from ismessenger.web.widget.live import live
from ismessenger.web.widget.messages import shown_messages
from ismessenger.web.widget.room import visitor_typing

NEWCOMERS = Limit(per_second=1, burst=30)
OPTIONS_SECONDS = 60
READING = Limit(per_second=2, burst=40)
TYPING = Limit(per_second=1, burst=4)

# The largest body under each path; what is smaller than a file is bounded by its endpoint.
BODY_LIMITS = {"/widget": 26_000_000}


class Identity(BaseModel):
    """How a website names its user. What it tells beyond the id comes with the messages."""

    user_id: str = Field(min_length=1, max_length=200)
    hash: str = Field(max_length=200)


class SessionForm(BaseModel):
    """``token`` is the one the browser already holds."""

    token: str | None = Field(None, max_length=TOKEN_LENGTH)
    identity: Identity | None = None


async def options(request: Request, chat: Chat) -> Response:  # noqa: ARG001 - every endpoint gets both
    """Looks and words of the widget. Every page of the website asks for them, so a browser keeps them for a minute."""
    shown = {**chat.host.public_options(chat.target.config), "product": PRODUCT}
    return JSONResponse(shown, headers={"Cache-Control": f"private, max-age={OPTIONS_SECONDS}"})


async def session(request: Request, chat: Chat) -> Response:
    """A token: for the user whom the website names, for whoever held one already, else for a newcomer."""
    await request.app.state.limiter.require(f"widget-session/{address_of(request)}", NEWCOMERS)
    form = await _session_form(request)
    held = chat.visitor(form.token) if form.token else None
    try:
        identifier = _named(chat, form, held)
    except SignatureInvalid as error:
        raise Unauthorized(str(error)) from error
    if held is not None and not held.known and identifier != held.identifier:
        await _adopt(request.app.state.installation, chat, anonymous=held.identifier, known=identifier)
    token = chat.host.issue(identifier, chat.target.route, chat.target.config, now=now())
    return JSONResponse({"token": token})


async def _session_form(request: Request) -> SessionForm:
    try:
        return SessionForm.model_validate(parse_json(await bounded_body(request)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadRequest(f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from error


def _named(chat: Chat, form: SessionForm, held: Visitor | None) -> str:
    if form.identity is not None:
        return chat.host.identify(form.identity.user_id, form.identity.hash, chat.target.config)
    return held.identifier if held is not None else chat.host.newcomer(chat.target.config)


async def _adopt(installation: Installation, chat: Chat, *, anonymous: str, known: str) -> None:
    # The person may write from another device at this very moment, and so get a history of its own.
    with suppress(IntegrityError):
        async with installation.tenancy.workspace(chat.target.workspace_id) as db:
            await visitors.adopt(db, chat.target.channel_id, anonymous=anonymous, known=known)


async def messages(request: Request, chat: Chat) -> Response:
    """A page of the visitor's own history, and where the live connection goes on from it."""
    visitor = await visitor_of(request, chat, "read", READING)
    before = request.query_params.get("before")
    position = pagination.decode(before, datetime, int) if before else None
    target, state = chat.target, request.app.state
    # Before the messages are read, so that what comes meanwhile is told again rather than missed.
    try:
        seq = await state.feed.position(target.workspace_id)
    except (RedisError, OSError):
        seq = START
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


async def typing(request: Request, chat: Chat) -> Response:
    """The visitor is typing: shown to agents for a few seconds, and kept nowhere."""
    visitor = await visitor_of(request, chat, "typing", TYPING)
    await visitor_typing(request.app.state.installation, chat.target, visitor)
    return Response(status_code=204)


def _endpoints() -> list[BaseRoute]:
    reads = {"config": options, "messages": messages}
    writes = {"session": session, "messages": post, "read": post, "uploads": upload, "typing": typing}
    shared_reads = [Route(f"/widget/{{route}}/{name}", shared(endpoint), methods=["GET"]) for name, endpoint in reads.items()]
    shared_writes = [Route(f"/widget/{{route}}/{name}", shared(endpoint), methods=["POST", "OPTIONS"]) for name, endpoint in writes.items()]
    return [*shared_reads, *shared_writes]


hook_routes: list[BaseRoute] = [Route(f"/hooks/{KIND}/{{route}}", shared(post), methods=["POST"])]
"""Before those of other channels: whoever posts to the webhook itself is bounded like a visitor's page."""

routes: list[BaseRoute] = [
    *_endpoints(),
    WebSocketRoute("/widget/{route}/live", live),
    *demo.routes,
    *settings.routes,
]
