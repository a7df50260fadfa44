"""Drafts of the composers: JSON for the page's own script."""

from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.find import visible_contact
from ismessenger.messages.drafts import MAX_LENGTH, DraftChanged, Kept, contacts_with_drafts, drafts, keep_draft
from ismessenger.web.edge import Visit, reads, writes
from ismessenger.web.forms import parse


class DraftForm(BaseModel):
    """``version`` is the one that the words were written on."""

    kind: Literal["reply", "comment"]
    text: str = Field("", max_length=MAX_LENGTH)
    version: int = Field(0, ge=0, lt=2**63)


@reads(Right.INBOX)
async def index(visit: Visit) -> Response:
    """``GET /drafts``: to whom a reply was begun."""
    return JSONResponse({"contacts": list(await contacts_with_drafts(visit.reading, visit.member.id))})


@reads(Right.INBOX)
async def show(visit: Visit) -> Response:
    """``GET /contacts/ID/drafts``: the member's own, by kind."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    kept = await drafts(visit.reading, visit.member.id, contact.id)
    return JSONResponse({kind: _json(kept.get(kind, Kept())) for kind in ("reply", "comment")})


@writes(Right.INBOX)
async def keep(visit: Visit) -> Response:
    """``PUT /contacts/ID/drafts``: keep what was typed; 409 with the newer words if they were changed elsewhere."""
    form = await parse(visit.request, DraftForm)
    contact = await visible_contact(visit.db, visit.member, visit.path_id())
    try:
        kept = await keep_draft(visit.db, visit.member.id, contact.id, form.kind, form.text, base=form.version)
    except DraftChanged as changed:
        return JSONResponse(_json(changed.kept), HTTPStatus.CONFLICT)
    return JSONResponse(_json(kept))


def _json(kept: Kept) -> dict[str, str | int]:
    return {"text": kept.text, "version": kept.version}


routes: list[BaseRoute] = [
    Route("/drafts", index),
    Route("/contacts/{id:id}/drafts", show),
    Route("/contacts/{id:id}/drafts", keep, methods=["PUT"]),
]
