"""Segments: filters of the contacts table that are kept under a name, and how many contacts each holds now."""

from http import HTTPStatus

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.conditions.schema import editor_schema
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.filtered import count_filtered
from ismessenger.contacts.segments import SegmentDraft, add_segment, change_segment, delete_segment, segment_named
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.web.contacts.place import PATH, Place, place_in, place_of
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.templating import render, stream

SECONDS_FRESH = 15


class SegmentForm(BaseModel):
    """``query`` is the place in the table whose filter is meant."""

    name: str = ""
    description: str = ""
    query: str = ""


@reads(Right.CONTACTS)
async def count(visit: Visit) -> Response:
    """``GET /contacts/segments/KEY/count``: how many contacts a segment holds, for the list at the side."""
    key = visit.request.path_params["key"]
    place = await place_of(visit.reading, visit.member, {"segment": key})
    counted = await count_filtered(visit.reading, visit.member, place.condition, visit.signed_in.workspace.timezone)
    answer = render(visit.request, "contacts/_count.html", key=key, total=counted)
    # Leafing through the table asks again for every page of it.
    answer.headers["Cache-Control"] = f"private, max-age={SECONDS_FRESH}"
    return answer


@reads(Right.CONTACTS)
async def editor(visit: Visit) -> Response:
    """``GET /contacts/filter?…``: the frame with the editor of the filter."""
    place = await place_of(visit.reading, visit.member, visit.request.query_params)
    known = await vocabulary(visit.reading, visit.signed_in.workspace.timezone)
    return render(visit.request, "contacts/_filter.html", place=place, schema=editor_schema(known, place.condition))


@reads(Right.CONTACTS)
async def new(visit: Visit) -> Response:
    """``GET /contacts/segments/new?…``: the form that gives a filter a name."""
    return _form(visit, await place_of(visit.reading, visit.member, visit.request.query_params), SegmentForm(), "")


@writes(Right.CONTACTS)
async def create(visit: Visit) -> Response:
    """``POST /contacts/segments``: keep a filter under a name."""
    form = await parse(visit.request, SegmentForm)
    place = await place_in(visit.db, visit.member, form.query)
    try:
        segment = await add_segment(visit.db, SegmentDraft(form.name, place.condition, form.description), by=visit.member.id)
    except Refused as error:
        return _form(visit, place, form, str(error))
    return see_other(f"{PATH}?segment={segment.id}")


@reads(Right.CONTACTS)
async def edit(visit: Visit) -> Response:
    """``GET /contacts/segments/ID/edit``: the form with its name and description."""
    segment = await segment_named(visit.reading, visit.path_id())
    place = await place_of(visit.reading, visit.member, {"segment": str(segment.id)})
    return _form(visit, place, SegmentForm(name=segment.name, description=segment.description), "", segment_id=segment.id)


@writes(Right.CONTACTS)
async def update(visit: Visit) -> Response:
    """``POST /contacts/segments/ID``: another name or description."""
    form = await parse(visit.request, SegmentForm)
    place = await place_of(visit.db, visit.member, {"segment": str(visit.path_id())})
    try:
        await change_segment(visit.db, visit.path_id(), SegmentDraft(form.name, place.own, form.description))
    except Refused as error:
        return _form(visit, place, form, str(error), segment_id=visit.path_id())
    return see_other(f"{PATH}?segment={visit.path_id()}")


@writes(Right.CONTACTS)
async def refilter(visit: Visit) -> Response:
    """``POST /contacts/segments/ID/condition``: the segment means whom the table shows now."""
    form = await parse(visit.request, SegmentForm)
    segment = await segment_named(visit.db, visit.path_id())
    place = await place_in(visit.db, visit.member, form.query)
    await change_segment(visit.db, segment.id, SegmentDraft(segment.name, place.condition, segment.description))
    return see_other(f"{PATH}?segment={segment.id}")


@writes(Right.CONTACTS)
async def delete(visit: Visit) -> Response:
    """``POST /contacts/segments/ID/deletion``."""
    await delete_segment(visit.db, visit.path_id())
    return see_other(PATH)


def _form(visit: Visit, place: Place, form: SegmentForm, error: str, *, segment_id: int = 0) -> Response:
    """The form in the page's dialog; after an attempt as a stream, since the form was sent for the whole page."""
    shown = {"query": place.query, "segment_id": segment_id, "name": form.name, "description": form.description, "error": error}
    if error and visit.wants_streams:
        return stream("contacts/segment.stream.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return render(visit.request, "contacts/_segment.html", status=status, **shown)


routes: list[BaseRoute] = [
    Route("/contacts/filter", editor),
    Route("/contacts/segments", create, methods=["POST"]),
    Route("/contacts/segments/new", new),
    Route("/contacts/segments/{key}/count", count),
    Route("/contacts/segments/{id:id}/edit", edit),
    Route("/contacts/segments/{id:id}", update, methods=["POST"]),
    Route("/contacts/segments/{id:id}/condition", refilter, methods=["POST"]),
    Route("/contacts/segments/{id:id}/deletion", delete, methods=["POST"]),
]
