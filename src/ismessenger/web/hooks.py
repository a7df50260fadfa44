"""Where providers call: verify, put on disk, answer. Everything else happens in the worker."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache

import orjson
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from ismessenger.channels.ingest import Ingest, NotStored, RawEvent, raw_event
from ismessenger.channels.route import Routes, Target
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.channel import AppKeys, BodyInvalid, Challenge, Channel, RawRequest, SharesApp, SignatureInvalid, ValidatesBody
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Admits, admits
from ismessenger.web.errors import COME_AGAIN, BadRequest, MethodNotAllowed, NotFound, Unauthorized, Unavailable
from ismessenger.web.strangers import Strangers

NOT_STORED = "The event could not be stored now. Send it again."


@admits(Admits.PROOF)
async def hook(request: Request) -> Response:
    """``/hooks/{kind}/{route}``: the webhook of one channel."""
    target = await target_at(request, request.path_params["kind"], request.path_params["route"])
    if target is None:
        raise NotFound(gettext("No channel has this webhook address."))
    return await accept(request, target)


async def target_at(connection: HTTPConnection, kind: str, route: str) -> Target | None:
    """The channel of an address. Raises `TooMany` for a caller who asks for many that there are not."""
    routes: Routes = connection.app.state.routes
    if routes.remembers(kind, "route", route):
        return await routes.find(kind, route)
    strangers: Strangers = connection.app.state.strangers
    return await strangers.look(connection, lambda: routes.find(kind, route))


async def accept(request: Request, target: Target) -> Response:
    """Verify a call for a channel and store it. Answers the provider's challenge where it asks one."""
    raw = await raw_request(request)
    try:
        challenge = prove(target, raw)
    except SignatureInvalid as error:
        raise Unauthorized(str(error) or "The signature is missing or wrong.") from error
    except BodyInvalid as error:
        raise BadRequest(str(error)) from error
    if challenge is not None:
        return PlainTextResponse(challenge.body, media_type=challenge.content_type)
    if request.method != "POST":
        raise MethodNotAllowed
    await store(request.app.state.ingest, [(target.home, raw_event(target, raw))])
    return JSONResponse({})


def prove(target: Target, raw: RawRequest) -> Challenge | None:
    """Check the signature and, where its sender can mend it, the body. Raises `SignatureInvalid`, `BodyInvalid`."""
    challenge = target.adapter.verify(raw, target.config)
    if challenge is None and raw.method == "POST" and _validates_body(type(target.adapter)):
        target.adapter.validate(raw, target.config)  # type: ignore[attr-defined]
    return challenge


@lru_cache
def _validates_body(kind: type[Channel]) -> bool:
    """Asked for every webhook, and a protocol takes its time to answer."""
    return issubclass(kind, ValidatesBody)


@admits(Admits.PROOF)
async def app_hook(request: Request) -> Response:
    """``/hooks/{app}``: the webhook of a provider's application, which many channels share."""
    installation: Installation = request.app.state.installation
    adapters = [
        channel
        for channel in installation.plugins.channels.values()
        if isinstance(channel, SharesApp) and channel.app == request.path_params["app"]
    ]
    keys = app_keys(installation, request.path_params["app"])
    if not adapters or keys is None:
        raise NotFound(gettext("No application has this webhook address."))
    raw = await raw_request(request)
    try:
        challenge = adapters[0].verify_app(raw, keys)
    except SignatureInvalid as error:
        raise Unauthorized(str(error) or "The signature is missing or wrong.") from error
    if challenge is not None:
        return PlainTextResponse(challenge.body, media_type=challenge.content_type)
    if request.method != "POST":
        raise MethodNotAllowed
    await store(request.app.state.ingest, await _split(request.app.state.routes, adapters, raw))
    return JSONResponse({})


def app_keys(installation: Installation, app: str) -> AppKeys | None:
    """The operator's keys of a shared application; ``None`` if it is not set up."""
    settings = installation.settings
    if app != "meta" or settings.meta_app_secret is None:
        return None
    token = settings.meta_verify_token.get_secret_value() if settings.meta_verify_token else ""
    return AppKeys(settings.meta_app_secret.get_secret_value(), token)


async def _split(routes: Routes, adapters: Sequence[Channel], raw: RawRequest) -> list[tuple[str, RawEvent]]:
    events = []
    for adapter in adapters:
        try:
            pieces = list(adapter.split(raw))  # type: ignore[attr-defined]
        except BodyInvalid as error:
            raise BadRequest(str(error)) from error
        for account, body in pieces:
            events += [(target.home, raw_event(target, raw, body)) for target in await routes.of_account(adapter.kind, account)]
    return events


@admits(Admits.PROOF)
async def custom_hook(request: Request) -> Response:
    """The shared addresses of custom channels: the bearer token says which channel it is."""
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    account = hashlib.sha256(token.strip().encode("utf-8", "surrogatepass")).hexdigest()
    targets = await _of_token(request, account) if scheme.lower() == "bearer" and token.strip() else None
    if not targets:
        raise Unauthorized(gettext("The bearer token is missing or wrong."))
    named = _channel_id(await request.body())
    target = next((target for target in targets if named in {str(target.channel_id), target.route, None}), None)
    if target is None:
        raise BadRequest(gettext("channelId: this token belongs to another channel."))
    return await accept(request, target)


async def _of_token(request: Request, account: str) -> list[Target] | None:
    routes: Routes = request.app.state.routes

    async def find() -> list[Target] | None:
        return await routes.of_account("custom_channel", account) or None

    strangers: Strangers = request.app.state.strangers
    return await (find() if routes.remembers("custom_channel", "account", account) else strangers.look(request, find))


def _channel_id(body: bytes) -> str | None:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None  # the adapter says what is wrong with it
    channel_id = value.get("channelId") if isinstance(value, Mapping) else None
    return None if channel_id is None else str(channel_id)


async def raw_request(request: Request) -> RawRequest:
    """The request as adapters take it."""
    return raw_of(request.scope, await request.body())


def raw_of(scope: Scope, body: bytes) -> RawRequest:
    """The same of its parts."""
    return RawRequest(scope["method"], Headers(raw=scope["headers"]), scope["query_string"].decode("latin-1"), body, now())


async def store(ingest: Ingest, events: list[tuple[str, RawEvent]]) -> None:
    """Return once all is on disk, also if the caller hangs up meanwhile. Raises `Unavailable`."""
    if not events:
        return
    try:
        await ingest.add(events)
    except NotStored as error:
        raise Unavailable(NOT_STORED, headers=COME_AGAIN) from error


routes = [
    Route("/hooks/{kind}/{route}", hook, methods=["GET", "POST"]),
    Route("/hooks/{app}", app_hook, methods=["GET", "POST"]),
    Route("/custom/channel/webhook/", custom_hook, methods=["POST"]),
    Route("/custom/channel/webhook", custom_hook, methods=["POST"]),
    Route("/custom/webhook", custom_hook, methods=["POST"]),
    Route("/custom/webhook/", custom_hook, methods=["POST"]),
]
