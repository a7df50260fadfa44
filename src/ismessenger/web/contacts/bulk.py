"""One change to many contacts: the question before it, and the job that it starts."""

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.members import members
from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.bulk import ACTIONS, MAX_TAGS, Change, start_bulk
from ismessenger.contacts.lifecycle import stages_in_use
from ismessenger.contacts.listing import PAGE
from ismessenger.contacts.select import Selection
from ismessenger.contacts.tags import tags
from ismessenger.exports.contacts import start_export
from ismessenger.exports.order import Format
from ismessenger.sdk.words import gettext
from ismessenger.web import shown
from ismessenger.web.contacts.place import place_in, row_id
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.errors import Forbidden, NotFound, Unprocessable
from ismessenger.web.forms import Id, OptionalId, parse
from ismessenger.web.inboxes.changes import note_choices
from ismessenger.web.shown_contact import stage_view, tag_view
from ismessenger.web.templating import render

EXPORT = "export"
OFFERED = {*ACTIONS, EXPORT} - {"snooze"}
"""Snoozing is for conversations: it is done in the inbox."""


class BulkForm(BaseModel):
    """``ids`` are the chosen rows; with ``all`` everybody whom the table at ``query`` shows. The rest is what the action needs."""

    action: str
    query: str = ""
    all: bool = False
    ids: list[Id] = Field([], max_length=PAGE)
    member_id: OptionalId = None
    tags: list[Id] = Field([], max_length=MAX_TAGS)
    stage_id: OptionalId = None
    format: Format = "csv"
    category_id: OptionalId = None
    summary: str = ""


@reads(Right.CONTACTS)
async def ask(visit: Visit) -> Response:
    """``GET /contacts/bulk/ACTION?number=…``: the frame that asks what exactly, and whether really."""
    db, action = visit.reading, visit.request.path_params["action"]
    if action not in OFFERED:
        raise NotFound
    _see_allowed(visit, action)
    return render(
        visit.request,
        "contacts/_bulk.html",
        action=action,
        number=row_id(visit.request.query_params.get("number", "")) or 0,
        exact="about" not in visit.request.query_params,
        members=[shown.member_view(member) for member in await members(db)] if action == "assign" else [],
        tags=[tag_view(tag) for tag in await tags(db)] if action in {"tag", "untag"} else [],
        stages=[stage_view(stage) for stage in await stages_in_use(db)] if action == "stage" else [],
        note=await note_choices(db) if action == "close" else None,
    )


@writes(Right.CONTACTS)
async def start(visit: Visit) -> Response:
    """``POST /contacts/bulk``: do it, piece by piece."""
    form = await parse(visit.request, BulkForm)
    place = await place_in(visit.db, visit.member, form.query)
    if not (form.all or form.ids):
        raise Unprocessable(gettext("Choose at least one contact."))
    _see_allowed(visit, form.action)
    if form.action == "snooze":
        raise NotFound
    selection = place.selection(visit.signed_in.workspace.timezone) if form.all else Selection(ids=form.ids)
    if form.action == EXPORT:
        job = await start_export(visit.db, visit.member, selection, form=form.format, whom=place.name)
    else:
        tagged, category_id = tuple(form.tags), form.category_id
        change = Change(form.action, form.member_id, tagged, form.stage_id, category_id=category_id, summary=form.summary)
        job = await start_bulk(visit.db, visit.member, change, selection)
    return see_other(place.url(job=job.id))


def _see_allowed(visit: Visit, action: str) -> None:
    """Deleting and exporting need a right of their own. Raises `Forbidden`."""
    right = {"delete": Right.DELETE_CONTACTS, EXPORT: Right.EXPORT}.get(action, Right.CONTACTS)
    if not may(visit.member, right):
        raise Forbidden


routes: list[BaseRoute] = [
    Route("/contacts/bulk", start, methods=["POST"]),
    Route("/contacts/bulk/{action}", ask),
]
