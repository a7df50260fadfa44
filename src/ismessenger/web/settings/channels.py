"""Settings → Channels: what is connected, what can be, how to set it up, and what arrived that could not be read. Not for Agents."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.channels.connect import ChannelRefused, connect, disconnect, reconfigure
from ismessenger.channels.listing import channel_log, connected_channel, connected_channels, count_contacts, replay
from ismessenger.channels.route import load_target
from ismessenger.installation import Installation
from ismessenger.kit.text import clean
from ismessenger.sdk.channel import Channel
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Admits, Visit, admits, reads, see_other, without_transaction, writes
from ismessenger.web.errors import Conflict, NotFound
from ismessenger.web.settings import shown_channels
from ismessenger.web.settings.config_form import config_fields, values_of
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

LIST = "/settings/channels"
WEBSITE_CHAT = "website_chat"
MAX_NAME = 100


@admits(Admits.ANYBODY)
async def settings_home(_request: Request) -> Response:
    """``GET /settings``."""
    return see_other(LIST)


@reads(Right.CHANNELS)
async def index(visit: Visit) -> Response:
    """``GET /settings/channels``: what is connected, and the kinds that can be."""
    plugins = visit.installation.plugins
    rows = [shown_channels.row(channel, plugins) for channel in await connected_channels(visit.reading)]
    kinds = [shown_channels.kind(adapter) for adapter in plugins.channels.values()]
    return await _page(visit, "settings/channels.html", channels=rows, kinds=kinds, broken=plugins.broken)


@reads(Right.CHANNELS)
async def new(visit: Visit) -> Response:
    """``GET /settings/channels/new/KIND``: the form to connect a channel, beside what to do at the provider."""
    return await _connect_form(visit, _adapter(visit.installation, visit.request.path_params["kind"]), {}, None)


@without_transaction(Right.CHANNELS)
async def create(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/channels/new/KIND``: ask the provider, and keep the channel."""
    installation: Installation = request.app.state.installation
    adapter = _adapter(installation, request.path_params["kind"])
    typed = await _typed(request)
    values = values_of(adapter.Config, typed, editing=False)
    try:
        made = await connect(installation, signed_in.workspace.id, adapter.kind, name=typed.get("channel_name", ""), values=values)
    except ChannelRefused as error:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            return await _connect_form(Visit(request, signed_in, db), adapter, typed, error)
    return see_other(f"{LIST}/{made.channel_id}?connected=1")


@reads(Right.CHANNELS)
async def show(visit: Visit) -> Response:
    """``GET /settings/channels/ID``: its state, what to copy to the other side, and what can be done with it."""
    channel = await connected_channel(visit.reading, visit.path_id())
    target = await load_target(visit.installation, visit.signed_in.workspace.id, channel.id)
    return await _page(
        visit,
        "settings/channel.html",
        channel=shown_channels.row(channel, visit.installation.plugins),
        setup=shown_channels.setup_of(visit.installation, target) if target else "",
        contacts=await count_contacts(visit.reading, channel.id),
        may_disconnect=may(visit.member, Right.DELETE_CHANNELS),
        connected="connected" in visit.request.query_params,
    )


@reads(Right.CHANNELS)
async def edit(visit: Visit) -> Response:
    """``GET /settings/channels/ID/edit``."""
    return await _edit_form(visit, None, None)


@without_transaction(Right.CHANNELS)
async def update(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/channels/ID/edit``: secrets that are left empty stay as they are."""
    installation: Installation = request.app.state.installation
    workspace_id, channel_id = signed_in.workspace.id, request.path_params["id"]
    typed = await _typed(request)
    target = await load_target(installation, workspace_id, channel_id)
    if target is None:
        raise NotFound(gettext("There is no such channel."))
    values = values_of(target.adapter.Config, typed, editing=True)
    try:
        await reconfigure(installation, workspace_id, channel_id, name=typed.get("channel_name", ""), values=values)
    except ChannelRefused as error:
        async with installation.tenancy.reading(workspace_id) as db:
            return await _edit_form(Visit(request, signed_in, db), typed, error)
    return see_other(f"{LIST}/{channel_id}?saved=1")


@without_transaction(Right.DELETE_CHANNELS)
async def destroy(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/channels/ID/disconnection``: Owners only; contacts and messages stay."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        channel = await connected_channel(db, request.path_params["id"])
    await disconnect(installation, signed_in.workspace.id, channel.id)
    return see_other(LIST)


@reads(Right.CHANNELS)
async def log(visit: Visit) -> Response:
    """``GET /settings/channels/ID/log?before=ID``: webhooks that were ignored or failed, with their reasons."""
    channel = await connected_channel(visit.reading, visit.path_id())
    asked = visit.request.query_params.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None  # noqa: PLR2004 - a bigint
    entries, older = await channel_log(visit.reading, channel.id, before=before)
    return await _page(
        visit,
        "settings/channel_log.html",
        channel=shown_channels.row(channel, visit.installation.plugins),
        entries=[shown_channels.entry(logged) for logged in entries],
        older=older,
    )


@writes(Right.CHANNELS)
async def try_again(visit: Visit) -> Response:
    """``POST /settings/channels/ID/log/EVENT/attempts``: read a failed webhook once more."""
    channel = await connected_channel(visit.db, visit.path_id())
    if await replay(visit.db, channel.id, visit.path_id("event_id")) is None:
        raise Conflict(gettext("This webhook is not among the failed ones any more."))
    return see_other(f"{LIST}/{channel.id}/log")


def _adapter(installation: Installation, kind: str) -> Channel:
    adapter = installation.plugins.channels.get(kind)
    if adapter is None:
        raise NotFound(gettext("There is no such kind of channel on this installation."))
    return adapter


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0)
    return {name: clean(value) for name, value in form.items() if isinstance(value, str)}


async def _connect_form(visit: Visit, adapter: Channel, typed: Mapping[str, str], error: ChannelRefused | None) -> Response:
    fields = config_fields(adapter.Config, typed=typed if error else None, errors=error.errors if error else None)
    return await _page(
        visit,
        "settings/channel_new.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        kind=shown_channels.kind(adapter),
        name=typed.get("channel_name", adapter.name),
        fields=fields,
        error=str(error) if error and not error.errors else "",
        guide=shown_channels.guide_of(adapter),
    )


async def _edit_form(visit: Visit, typed: Mapping[str, str] | None, error: ChannelRefused | None) -> Response:
    channel = await connected_channel(visit.reading, visit.path_id())
    target = await load_target(visit.installation, visit.signed_in.workspace.id, channel.id)
    if target is None:
        raise NotFound(gettext("The plugin of this channel is not installed."))
    if target.adapter.kind == WEBSITE_CHAT:
        return see_other(f"{LIST}/{channel.id}/widget")
    return await _page(
        visit,
        "settings/channel_edit.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        channel=shown_channels.row(channel, visit.installation.plugins),
        name=(typed or {}).get("channel_name", channel.name),
        fields=config_fields(target.adapter.Config, typed=typed, stored=target.config, errors=error.errors if error else None),
        error=str(error) if error and not error.errors else "",
    )


async def _page(visit: Visit, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(visit.request, template, status=status, shell=shell_of(visit, await live_seq(visit)), **arguments)


routes: list[BaseRoute] = [
    Route("/settings", settings_home),
    Route(LIST, index),
    Route(f"{LIST}/new/{{kind}}", new),
    Route(f"{LIST}/new/{{kind}}", create, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}", show),
    Route(f"{LIST}/{{id:id}}/edit", edit),
    Route(f"{LIST}/{{id:id}}/edit", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/disconnection", destroy, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/log", log),
    Route(f"{LIST}/{{id:id}}/log/{{event_id:id}}/attempts", try_again, methods=["POST"]),
]
