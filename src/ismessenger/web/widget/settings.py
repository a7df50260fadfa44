"""The settings page of a website chat: its looks and words with a live preview, and the line to paste into the website."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.channels.connect import ChannelRefused, reconfigure
from ismessenger.channels.route import Target, endpoint_of, load_target
from ismessenger.channels.visitors import HostsVisitors
from ismessenger.installation import Installation
from ismessenger.kit.text import clean
from ismessenger.sdk.channel import ShowsSetup
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, without_transaction
from ismessenger.web.errors import NotFound
from ismessenger.web.security import relax
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render
from ismessenger.web.widget.chat import KIND, PRODUCT

QUESTIONS = ("name", "email", "phone")
SWITCHES = ("file_upload", "emoji", "sound", "hide_branding", "require_identity")
WORDS = ("title", "greeting", "online_hours", "colour", "icon", "position", "language", "allowed_domains")


@dataclass(frozen=True, slots=True)
class WidgetForm:
    """What the page shows: the values of the fields as text, what is wrong with them, and what to copy."""

    channel_id: int
    name: str
    values: Mapping[str, object]
    options: str
    script_tag: str
    identity_secret: str
    errors: Mapping[str, str]
    saved: bool


@reads(Right.CHANNELS)
async def show(visit: Visit) -> Response:
    """``GET /settings/channels/ID/widget``."""
    target = await _target(visit.installation, visit.signed_in, visit.path_id())
    return await _page(visit, target, _values(target.config), saved="saved" in visit.request.query_params)


@without_transaction(Right.CHANNELS)
async def update(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/channels/ID/widget``: save, and see it; or see what is wrong."""
    installation: Installation = request.app.state.installation
    channel_id: int = request.path_params["id"]
    target = await _target(installation, signed_in, channel_id)
    form = await request.form(max_files=0)
    given = {name: clean(value) for name, value in form.items() if isinstance(value, str)}
    try:
        await reconfigure(installation, signed_in.workspace.id, channel_id, name=given.get("name", ""), values=_chosen(given))
    except ChannelRefused as error:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            return await _page(Visit(request, signed_in, db), target, _as_typed(given), errors=error.errors or {"": str(error)})
    return see_other(f"/settings/channels/{channel_id}/widget?saved=1")


@reads(Right.CHANNELS)
async def preview(visit: Visit) -> Response:
    """``GET /settings/channels/ID/widget/preview``: a page for the frame in which the widget is shown."""
    target = await _target(visit.installation, visit.signed_in, visit.path_id())
    relax(visit.request, {"frame-ancestors": "'self'"})
    return render(visit.request, "widget/preview.html", options=_options(target, target.config))


@reads(Right.CHANNELS)
async def options(visit: Visit) -> Response:
    """``GET /settings/channels/ID/widget/options?title=…``: what the widget would be told if this were saved; 422 if it cannot be."""
    target = await _target(visit.installation, visit.signed_in, visit.path_id())
    given = {name: clean(value) for name, value in visit.request.query_params.items()}
    try:
        config = target.adapter.Config.model_validate(dict(target.config) | _chosen(given))
    except ValidationError:
        return JSONResponse({}, HTTPStatus.UNPROCESSABLE_ENTITY)
    return Response(_options(target, config), media_type="application/json")


async def _target(installation: Installation, signed_in: SignedIn, channel_id: int) -> Target:
    """The chat. Raises `NotFound`."""
    target = await load_target(installation, signed_in.workspace.id, channel_id)
    if target is None or target.adapter.kind != KIND:
        raise NotFound(gettext("There is no website chat with this number."))
    return target


async def _page(
    visit: Visit, target: Target, values: Mapping[str, object], *, errors: Mapping[str, str] | None = None, saved: bool = False
) -> Response:
    endpoint = endpoint_of(visit.installation.settings.address, KIND, target.route, target.channel_id)
    copied = target.adapter.setup_values(target.config, endpoint) if isinstance(target.adapter, ShowsSetup) else {}
    form = WidgetForm(
        channel_id=target.channel_id,
        name=target.name,
        values=values,
        options=_options(target, target.config),
        script_tag=copied.get("script_tag", ""),
        identity_secret=copied.get("identity_secret", ""),
        errors=errors or {},
        saved=saved,
    )
    shell = shell_of(visit, await live_seq(visit))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return render(visit.request, "widget/settings.html", status=status, shell=shell, form=form)


def _options(target: Target, config: BaseModel) -> str:
    if not isinstance(target.adapter, HostsVisitors):
        raise NotFound
    return json.dumps({**target.adapter.public_options(config), "product": PRODUCT})


def _chosen(given: Mapping[str, str]) -> dict[str, object]:
    """The fields of the form as values of the configuration. A box that is not ticked is not sent."""
    asked = [f"{kind}{'*' if given.get(f'ask_{kind}') == 'required' else ''}" for kind in QUESTIONS if given.get(f"ask_{kind}")]
    chosen: dict[str, object] = {name: given[name] for name in WORDS if name in given}
    if given.get("colour") == "custom":
        chosen["colour"] = given.get("colour_custom", "")
    return chosen | {name: name in given for name in SWITCHES} | {"pre_chat": ",".join(asked)}


def _as_typed(given: Mapping[str, str]) -> dict[str, object]:
    return {**given, **{name: name in given for name in SWITCHES}}


def _values(config: BaseModel) -> dict[str, object]:
    """The configuration as fields of the form."""
    saved = config.model_dump(mode="json")
    asked = {f"ask_{field['kind']}": "required" if field["required"] else "optional" for field in saved["pre_chat"]}
    custom = saved["colour"].startswith("#")
    colour = {"colour": "custom", "colour_custom": saved["colour"]} if custom else {"colour": saved["colour"], "colour_custom": ""}
    words = {name: saved[name] for name in WORDS if name != "allowed_domains"}
    return words | asked | colour | {name: saved[name] for name in SWITCHES} | {"allowed_domains": "\n".join(saved["allowed_domains"])}


routes: list[BaseRoute] = [
    Route("/settings/channels/{id:id}/widget", show, methods=["GET"]),
    Route("/settings/channels/{id:id}/widget", update, methods=["POST"]),
    Route("/settings/channels/{id:id}/widget/preview", preview),
    Route("/settings/channels/{id:id}/widget/options", options),
]
