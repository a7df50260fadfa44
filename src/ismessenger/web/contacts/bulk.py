"""One change to many contacts: the question before it, and the job that it starts."""

from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.members import members
from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.bulk import ACTIONS, MAX_TAGS, Change, start_bulk
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.lifecycle import stages_in_use
from ismessenger.contacts.listing import PAGE
from ismessenger.contacts.select import Selection
from ismessenger.contacts.tags import tags
from ismessenger.web import shown
from ismessenger.web.contacts.place import place_in, row_id
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.errors import Forbidden, NotFound, Unprocessable
from ismessenger.web.forms import Id, OptionalId, parse
from ismessenger.web.language import gettext
from ismessenger.web.shown_contact import stage_view, tag_view
from ismessenger.web.templating import render

EXPORT = "export"


class BulkForm(BaseModel):
    """``ids`` are the chosen rows; with ``all`` everybody whom the table at ``query`` shows. The rest is what the action needs."""

    action: str
    query: str = ""
    all: bool = False
    ids: list[Id] = Field([], max_length=PAGE)
    member_id: OptionalId = None
    tags: list[Id] = Field([], max_length=MAX_TAGS)
    stage_id: OptionalId = None


@reads(Right.CONTACTS)
async def ask(visit: Visit) -> Response:
    """``GET /contacts/bulk/ACTION?number=…``: the frame that asks what exactly, and whether really."""
    db, action = visit.reading, visit.request.path_params["action"]
    if action not in ACTIONS:
        raise NotFound
    if action == "delete" and not may(visit.member, Right.DELETE_CONTACTS):
        raise Forbidden
    return render(
        visit.request,
        "contacts/_bulk.html",
        action=action,
        number=row_id(visit.request.query_params.get("number", "")) or 0,
        exact="about" not in visit.request.query_params,
        one=await _one(visit),
        members=[shown.member_view(member) for member in await members(db)] if action == "assign" else [],
        tags=[tag_view(tag) for tag in await tags(db)] if action in {"tag", "untag"} else [],
        stages=[stage_view(stage) for stage in await stages_in_use(db)] if action == "stage" else [],
    )


async def _one(visit: Visit) -> dict[str, Any] | None:
    """The one contact that it is about, if the address names one."""
    contact_id = row_id(visit.request.query_params.get("id", ""))
    if contact_id is None:
        return None
    contact = await visible_contact(visit.reading, visit.member, contact_id)
    return {"id": contact.id, "name": contact.name}


@writes(Right.CONTACTS)
async def start(visit: Visit) -> Response:
    """``POST /contacts/bulk``: do it, piece by piece."""
    form = await parse(visit.request, BulkForm)
    place = await place_in(visit.db, form.query)
    if not (form.all or form.ids):
        raise Unprocessable(gettext("Choose at least one contact."))
    if form.action == "delete" and not may(visit.member, Right.DELETE_CONTACTS):
        raise Forbidden
    selection = place.selection(visit.signed_in.workspace.timezone) if form.all else Selection(ids=form.ids)
    change = Change(form.action, member_id=form.member_id, tag_ids=tuple(form.tags), stage_id=form.stage_id)
    job = await start_bulk(visit.db, visit.member, change, selection)
    return see_other(place.url(job=job.id))


routes: list[BaseRoute] = [
    Route("/contacts/bulk", start, methods=["POST"]),
    Route("/contacts/bulk/{action}", ask),
]
