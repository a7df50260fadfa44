"""Settings → Workflow secrets: what HTTP requests of workflows name. A value is entered or replaced, and never shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right
from ismessenger.automation.secrets import add_secret, delete_secret, list_secrets, replace_secret, workflows_by_secret
from ismessenger.contacts.errors import Refused
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

LIST = "/settings/secrets"


class SecretForm(BaseModel):
    """A new secret, or another value."""

    name: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret in the list: all but its value. ``workflows`` name it; ``by`` is whoever entered it last."""

    id: int
    name: str
    by: str
    at: datetime
    used_at: datetime | None
    workflows: Sequence[str]


@reads(Right.INTEGRATIONS)
async def index(visit: Visit) -> Response:
    """``GET /settings/secrets``."""
    return await _page(visit)


@writes(Right.INTEGRATIONS)
async def create(visit: Visit) -> Response:
    """``POST /settings/secrets``."""
    form = await parse(visit.request, SecretForm)
    try:
        await add_secret(visit.db, visit.installation.vault, form.name, form.value, by_id=visit.member.id)
    except Refused as refused:
        return await _page(visit, name=form.name, error=str(refused))
    return see_other(LIST)


@writes(Right.INTEGRATIONS)
async def replace(visit: Visit) -> Response:
    """``POST /settings/secrets/ID/value``."""
    form = await parse(visit.request, SecretForm)
    try:
        await replace_secret(visit.db, visit.installation.vault, visit.path_id(), form.value, by_id=visit.member.id)
    except Refused as refused:
        return await _page(visit, value_error=str(refused))
    return see_other(LIST)


@writes(Right.INTEGRATIONS)
async def destroy(visit: Visit) -> Response:
    """``POST /settings/secrets/ID/deletion``."""
    await delete_secret(visit.db, visit.path_id())
    return see_other(LIST)


async def _page(visit: Visit, *, name: str = "", error: str = "", value_error: str = "") -> Response:
    seq = await live_seq(visit)
    return render(
        visit.request,
        "settings/secrets.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error or value_error else HTTPStatus.OK,
        shell=shell_of(visit, seq),
        secrets=await _rows(visit),
        name=name,
        error=error,
        value_error=value_error,
    )


async def _rows(visit: Visit) -> list[SecretRow]:
    secrets = await list_secrets(visit.reading)
    uses = await workflows_by_secret(visit.reading) if secrets else {}
    ids = [secret.by_id for secret in secrets if secret.by_id is not None]
    named = (await visit.reading.execute(select(Member).where(col(Member.id).in_(ids)))).scalars() if ids else ()
    names = {member.id: member.name for member in named}
    return [
        SecretRow(each.id, each.name, names.get(each.by_id or 0, ""), each.at, each.used_at, uses.get(each.name.lower(), ()))
        for each in secrets
    ]


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(LIST, create, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/value", replace, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/deletion", destroy, methods=["POST"]),
]
