"""The contacts table: segments at the side, a filter above, rows page by page, and one contact beside them."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.visibility import visible_to
from ismessenger.background.job import JobNotFound, job_named
from ismessenger.conditions.broken import broken
from ismessenger.contacts.beside import beside
from ismessenger.contacts.columns import choose_columns, chosen_columns, columns, usual_columns
from ismessenger.contacts.duplicates import suggestions_for
from ismessenger.contacts.filtered import count_where
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.listing import cursor_of, table_page
from ismessenger.contacts.lock import ContactNotFound
from ismessenger.contacts.order import SORTED_ROWS, order_by
from ismessenger.contacts.segments import segments
from ismessenger.contacts.select import selected
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.conversations.custom import custom_inboxes
from ismessenger.web.contact_panel import contact_view
from ismessenger.web.contacts.place import NEWEST, Place, place_in, place_of, row_id
from ismessenger.web.contacts.shown import column_view, inbox_views, prebuilt_name, prebuilt_views, row_view, segment_views, sorted_by
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.jobs import JobView, job_view
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render


class ColumnsForm(BaseModel):
    """``columns`` in their order; with ``usual`` the member has the usual ones again. ``query`` is where they came from."""

    columns: list[str] = []
    usual: bool = False
    query: str = ""


@reads(Right.CONTACTS)
async def index(visit: Visit) -> Response:
    """``GET /contacts?segment=…&filter=…&q=…&sort=…&after=…``."""
    seq = await live_seq(visit)
    place = await place_of(visit.reading, visit.member, visit.request.query_params)
    return render(
        visit.request,
        "contacts/index.html",
        shell=shell_of(visit, seq),
        place=place,
        title=place.name or (prebuilt_name(place.segment) if place.segment else ""),
        segments=segment_views(await segments(visit.reading), place),
        inboxes=inbox_views(await custom_inboxes(visit.reading, visit.member), place),
        prebuilt=prebuilt_views(place),
        job=await _job(visit),
        added=await _added(visit),
        **await _table(visit, place),
    )


@reads(Right.CONTACTS)
async def show(visit: Visit) -> Response:
    """``GET /contacts/ID``: everything about a contact, beside the table; opened by itself, its thread."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    if "turbo-frame" not in visit.request.headers:
        return see_other(f"/inbox/all/contacts/{contact.id}")
    view = await contact_view(visit.reading, visit.member, contact)
    return render(visit.request, "contacts/_beside.html", contact=view)


@reads(Right.DELETE_CONTACTS)
async def ask(visit: Visit) -> Response:
    """``GET /contacts/ID/deletion``: the frame that asks whether the contact shall really be deleted."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    return render(visit.request, "contacts/_deletion.html", contact_id=contact.id, name=await visit.name_of(contact))


@writes(Right.CONTACTS)
async def arrange(visit: Visit) -> Response:
    """``POST /contacts/columns``: which columns the member sees, in which order."""
    form = await parse(visit.request, ColumnsForm)
    if form.usual:
        await usual_columns(visit.db, visit.member)
    else:
        await choose_columns(visit.db, visit.member, form.columns)
    return see_other((await place_in(visit.db, visit.member, form.query)).url())


async def _table(visit: Visit, place: Place) -> dict[str, Any]:
    """A page of the table with its columns."""
    db, timezone = visit.reading, visit.signed_in.workspace.timezone
    offered = await columns(db)
    chosen = await chosen_columns(db, visit.member, offered)
    where = await selected(db, place.selection(timezone))
    total = await count_where(db, visible_to(visit.member), where)
    few = total.exact and total.number <= SORTED_ROWS
    order = order_by(place.sort.removeprefix("-"), offered, descending=place.sort.startswith("-"))
    crowded = order is not None and not (order.free or few)
    if order is None or crowded:
        place = replace(place, sort=NEWEST, after="", before="")
        order = order_by("created", offered, descending=True)
    assert order is not None  # noqa: S101 - there is always one by the time of creation
    page = await table_page(db, visit.member, where, order, cursor_of(order, after=place.after, before=place.before))
    known = await beside(db, page.contacts, {column.key for column in chosen})
    keys = {column.key for column in chosen}
    rest = [column for column in offered.values() if column.key not in keys]
    return {
        "columns": [column_view(column, place, can_sort=True) for column in chosen],
        "others": [column_view(column, place, can_sort=False, chosen=False) for column in rest],
        "name_url": place.sorted_by("name").url(),
        "name_sorted": sorted_by(place, "name"),
        "rows": [row_view(contact, chosen, known) for contact in page.contacts],
        "total": total,
        "crowded": crowded,
        # Whatever is broken matches nobody: only then there may be something to say.
        "faults": [] if total.number else broken(place.condition, await vocabulary(db, timezone)),
        "earlier_url": place.url(before=page.before) if page.before else "",
        "later_url": place.url(after=page.after) if page.after else "",
    }


async def _job(visit: Visit) -> JobView | None:
    """What was just started."""
    job_id = row_id(visit.request.query_params.get("job", ""))
    if job_id is None:
        return None
    try:
        return job_view(await job_named(visit.reading, job_id), visit.member)
    except JobNotFound:
        return None


async def _added(visit: Visit) -> dict[str, Any] | None:
    """Who was just added, and who may be the same person."""
    contact_id = row_id(visit.request.query_params.get("added", ""))
    if contact_id is None:
        return None
    try:
        contact = await visible_contact(visit.reading, visit.member, contact_id)
    except ContactNotFound:
        return None
    same = await suggestions_for(visit.reading, visit.member, contact)
    return {"id": contact.id, "name": contact.called(()), "same": [(each.contact.id, each.contact.called(()), each.same) for each in same]}


routes: list[BaseRoute] = [
    Route("/contacts", index),
    Route("/contacts/columns", arrange, methods=["POST"]),
    Route("/contacts/{id:id}", show),
    Route("/contacts/{id:id}/deletion", ask),
]
