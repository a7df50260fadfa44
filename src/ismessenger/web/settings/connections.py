"""Settings → Connections: a workspace's accounts at services that workflows use, their credentials, and whether they work."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from markupsafe import Markup
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.automation.connections import (
    ConfigRefused,
    check,
    config_of,
    connect,
    connection,
    disconnect,
    list_connections,
    opened,
    reconnect,
    workflows_by_connection,
)
from ismessenger.automation.model import Connection
from ismessenger.contacts.errors import Refused
from ismessenger.installation import Installation
from ismessenger.kit.text import clean
from ismessenger.sdk.channel import Rejected
from ismessenger.sdk.integration import Describes, Integration
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, without_transaction, writes
from ismessenger.web.errors import NotFound
from ismessenger.web.settings.config_form import config_fields, values_of
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import inline, render

LIST = "/settings/connections"


@dataclass(frozen=True, slots=True)
class KindView:
    """An integration that can be connected."""

    kind: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection. ``error`` says why it does not work; ``kind_name`` is empty if its plugin is gone; ``workflows`` use it."""

    id: int
    kind_name: str
    name: str
    error: str
    created_at: datetime
    workflows: Sequence[str]


@reads(Right.INTEGRATIONS)
async def index(visit: Visit) -> Response:
    """``GET /settings/connections``: what is connected, and what can be."""
    rows = await list_connections(visit.reading)
    uses = await workflows_by_connection(visit.reading) if rows else {}
    integrations = visit.installation.plugins.integrations.values()
    return await _page(
        visit,
        "settings/connections.html",
        connections=[_row(visit, row, uses) for row in rows],
        kinds=[_kind(integration) for integration in integrations],
        may_delete=may(visit.member, Right.DELETE_INTEGRATIONS),
        checked=visit.request.query_params.get("checked", ""),
    )


@reads(Right.INTEGRATIONS)
async def new(visit: Visit) -> Response:
    """``GET /settings/connections/new/KIND``: the form, beside what to do at the service."""
    return await _new_form(visit, _integration(visit.installation, visit.request.path_params["kind"]), {}, None)


@without_transaction(Right.INTEGRATIONS)
async def create(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/connections/new/KIND``: ask the service, and keep the connection if it takes the credentials."""
    installation: Installation = request.app.state.installation
    integration = _integration(installation, request.path_params["kind"])
    typed = await _typed(request)
    try:
        config = config_of(integration, values_of(integration.Config, typed, editing=False))
        await _checked(installation, integration, config)
        async with installation.tenancy.workspace(signed_in.workspace.id) as db:
            await connect(db, installation.vault, integration, typed.get("connection_name", ""), config, by_id=signed_in.member.id)
    except Refused as refused:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            return await _new_form(Visit(request, signed_in, db), integration, typed, refused)
    return see_other(LIST)


@reads(Right.INTEGRATIONS)
async def edit(visit: Visit) -> Response:
    """``GET /settings/connections/ID/edit``."""
    return await _edit_form(visit, None, None)


@without_transaction(Right.INTEGRATIONS)
async def update(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/connections/ID/edit``: secrets that are left empty stay as they are."""
    installation: Installation = request.app.state.installation
    typed = await _typed(request)
    connection_id = request.path_params["id"]
    try:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            row = await connection(db, connection_id)
        integration = _integration(installation, row.kind)
        config = config_of(integration, values_of(integration.Config, typed, editing=True), _before(installation, row))
        await _checked(installation, integration, config)
        async with installation.tenancy.workspace(signed_in.workspace.id) as db:
            held = await connection(db, connection_id)
            await reconnect(db, installation.vault, held, integration, typed.get("connection_name", ""), config)
    except Refused as refused:
        async with installation.tenancy.reading(signed_in.workspace.id) as db:
            return await _edit_form(Visit(request, signed_in, db), typed, refused)
    return see_other(LIST)


@without_transaction(Right.INTEGRATIONS)
async def check_again(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/connections/ID/check``: whether its credentials work now."""
    installation: Installation = request.app.state.installation
    connection_id = request.path_params["id"]
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        row = await connection(db, connection_id)
    try:
        usable = opened(installation.plugins, installation.vault, row)
        words = await check(installation, usable.integration, usable.config)
    except Rejected as error:
        words = str(error)
    async with installation.tenancy.workspace(signed_in.workspace.id) as db:
        (await connection(db, connection_id)).error = words or None
    return see_other(LIST if words else f"{LIST}?checked={connection_id}")


@writes(Right.DELETE_INTEGRATIONS)
async def destroy(visit: Visit) -> Response:
    """``POST /settings/connections/ID/deletion``: Owners only."""
    await disconnect(visit.db, visit.path_id())
    return see_other(LIST)


def _integration(installation: Installation, kind: str) -> Integration:
    integration = installation.plugins.integrations.get(kind)
    if integration is None:
        raise NotFound(gettext("There is no such integration on this installation."))
    return integration


async def _checked(installation: Installation, integration: Integration, config: BaseModel) -> None:
    if words := await check(installation, integration, config):
        raise Refused(words)


def _before(installation: Installation, row: Connection) -> BaseModel | None:
    try:
        return opened(installation.plugins, installation.vault, row).config
    except Rejected:
        return None  # all of it has to be entered again


async def _typed(request: Request) -> dict[str, str]:
    form = await request.form(max_files=0)
    return {name: clean(value) for name, value in form.items() if isinstance(value, str)}


async def _new_form(visit: Visit, integration: Integration, typed: Mapping[str, str], refused: Refused | None) -> Response:
    errors = refused.errors if isinstance(refused, ConfigRefused) else None
    return await _page(
        visit,
        "settings/connection_new.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        kind=_kind(integration),
        name=typed.get("connection_name", integration.name),
        fields=config_fields(integration.Config, typed=typed if refused else None, errors=errors),
        error=str(refused) if refused and not errors else "",
        guide=_guide(integration),
    )


async def _edit_form(visit: Visit, typed: Mapping[str, str] | None, refused: Refused | None) -> Response:
    row = await connection(visit.reading, visit.path_id())
    integration = _integration(visit.installation, row.kind)
    errors = refused.errors if isinstance(refused, ConfigRefused) else None
    before = _before(visit.installation, row)
    return await _page(
        visit,
        "settings/connection_edit.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        connection=_row(visit, row, {}),
        name=(typed or {}).get("connection_name", row.name),
        fields=config_fields(integration.Config, typed=typed, stored=before, errors=errors),
        error=str(refused) if refused and not errors else "",
    )


def _kind(integration: Integration) -> KindView:
    return KindView(integration.kind, integration.name, integration.description if isinstance(integration, Describes) else "")


def _row(visit: Visit, row: Connection, uses: Mapping[int, Sequence[str]]) -> ConnectionRow:
    integration = visit.installation.plugins.integrations.get(row.kind)
    return ConnectionRow(row.id, integration.name if integration else "", row.name, row.error or "", row.created_at, uses.get(row.id, ()))


def _guide(integration: Integration) -> Markup:
    """The integration's own ``setup.html``, which lies beside its module; a plugin may have none."""
    file = Path(inspect.getfile(type(integration))).parent / "setup.html"
    return inline(file.read_text("utf-8")) if file.is_file() else Markup()


async def _page(visit: Visit, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(visit.request, template, status=status, shell=shell_of(visit, await live_seq(visit)), **arguments)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(f"{LIST}/new/{{kind}}", new),
    Route(f"{LIST}/new/{{kind}}", create, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/edit", edit),
    Route(f"{LIST}/{{id:id}}/edit", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/check", check_again, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/deletion", destroy, methods=["POST"]),
]
