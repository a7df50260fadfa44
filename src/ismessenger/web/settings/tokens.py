"""Settings → API tokens: keys for developers, what each may do, and when it was used last."""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right, may
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.accounts.tokens import SCOPES, TokenRefused, create_token, list_tokens, revoke_token
from ismessenger.installation import Installation
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, without_transaction
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

LIST = "/settings/tokens"


class TokenForm(BaseModel):
    """A new token."""

    name: str = ""
    scopes: list[str] = []


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token in the list. ``scopes`` in words."""

    id: int
    name: str
    scopes: list[str]
    created_by: str
    created_at: datetime
    last_used_at: datetime | None


@reads(Right.INTEGRATIONS)
async def index(visit: Visit) -> Response:
    """``GET /settings/tokens``."""
    return await _page(visit, TokenForm(scopes=list(SCOPES)))


@without_transaction(Right.INTEGRATIONS)
async def create(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/tokens``: the one answer that holds the token; a redirect would have to carry it."""
    form = await parse(request, TokenForm)
    installation: Installation = request.app.state.installation
    token, error = "", ""
    try:
        token = await create_token(installation, signed_in.workspace.id, form.name, scopes=form.scopes, created_by=signed_in.member.name)
    except TokenRefused as refused:
        error = str(refused)
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        typed = form if error else TokenForm(scopes=list(SCOPES))
        status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.CREATED
        return await _page(Visit(request, signed_in, db), typed, status=status, token=token, error=error)


@without_transaction(Right.DELETE_INTEGRATIONS)
async def revoke(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/tokens/ID/revocation``: whatever uses it is refused from now on."""
    await revoke_token(request.app.state.installation, signed_in.workspace.id, request.path_params["id"])
    return see_other(LIST)


async def _page(visit: Visit, form: TokenForm, *, status: int = HTTPStatus.OK, token: str = "", error: str = "") -> Response:
    words = _scopes()
    rows = [
        TokenRow(
            each.id,
            each.name,
            [words[scope] for scope in each.scopes if scope in words],
            each.created_by,
            each.created_at,
            each.last_used_at,
        )
        for each in await list_tokens(visit.installation, visit.reading.workspace_id)
    ]
    return render(
        visit.request,
        "settings/tokens.html",
        status=status,
        shell=shell_of(visit, await live_seq(visit)),
        tokens=rows,
        token=token,
        name=form.name,
        scopes=[(scope, words[scope], scope in form.scopes) for scope in SCOPES],
        may_revoke=may(visit.member, Right.DELETE_INTEGRATIONS),
        error=error,
    )


def _scopes() -> dict[str, str]:
    return {
        "contacts:read": gettext("Read contacts"),
        "contacts:write": gettext("Create contacts"),
        "messages:read": gettext("Read messages"),
        "messages:write": gettext("Send messages"),
        "conversations:write": gettext("Assign, open and close conversations"),
    }


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(LIST, create, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/revocation", revoke, methods=["POST"]),
]
