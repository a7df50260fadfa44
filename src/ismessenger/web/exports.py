"""Settings → Data export: what to write into a file, and the files of the last days."""

from datetime import date
from http import HTTPStatus
from typing import Annotated

from pydantic import BaseModel, BeforeValidator
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.background.job import jobs_of
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.segments import PREBUILT, condition_of, prebuilt, segment_named, segments
from ismessenger.contacts.select import Selection
from ismessenger.exports.names import member_names
from ismessenger.exports.order import EXPORT, Format, Order, What, start
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_exports import export_row, prebuilt_names
from ismessenger.web.templating import render

LIST = "/settings/exports"
SHOWN = 30

OptionalDay = Annotated[date | None, BeforeValidator(lambda value: value or None)]


class ExportForm(BaseModel):
    """``whom`` is empty for everybody, the number of a segment, or the word of one that every workspace has."""

    what: What = "contacts"
    whom: str = ""
    since: OptionalDay = None
    until: OptionalDay = None
    format: Format = "csv"


@reads(Right.EXPORT)
async def index(visit: Visit) -> Response:
    """``GET /settings/exports``: the form, and the exports of the last days."""
    return await _page(visit, ExportForm(), "")


@writes(Right.EXPORT)
async def create(visit: Visit) -> Response:
    """``POST /settings/exports``."""
    form = await parse(visit.request, ExportForm)
    timezone = visit.signed_in.workspace.timezone
    selection, whom = await _selection(visit, form.whom, timezone)
    days = {"since": form.since, "until": form.until} if form.what != "contacts" else {}
    order = Order(what=form.what, format=form.format, selection=selection.as_json(), timezone=timezone, whom=whom, **days)
    try:
        await start(visit.db, visit.member, order)
    except Refused as error:
        return await _page(visit, form, str(error))
    return see_other(LIST)


async def _selection(visit: Visit, whom: str, timezone: str) -> tuple[Selection, str]:
    """Whose, and how the list calls them. Raises `NotThere`."""
    if not whom:
        return Selection(timezone=timezone), ""
    if whom.isascii() and whom.isdigit():
        segment = await segment_named(visit.db, int(whom[:18]))
        return Selection(condition=condition_of(segment), timezone=timezone), segment.name
    found = prebuilt(whom)
    return Selection(condition=found.condition, timezone=timezone), found.name


async def _page(visit: Visit, form: ExportForm, error: str) -> Response:
    names = await member_names(visit.reading)
    shown = prebuilt_names()
    whom = [("", gettext("Everybody")), *((each.slug, shown.get(each.slug, each.name)) for each in PREBUILT)]
    return render(
        visit.request,
        "exports/index.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        form=form,
        whom=[*whom, *((str(segment.id), segment.name) for segment in await segments(visit.reading))],
        exports=[export_row(job, names, visit.member) for job in await jobs_of(visit.reading, EXPORT, limit=SHOWN)],
        error=error,
    )


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(LIST, create, methods=["POST"]),
]
