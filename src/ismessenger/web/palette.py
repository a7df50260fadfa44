"""The palette: where one can go, and contacts by their names."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.conversations.inboxes import sidebar
from ismessenger.kit.text import clean
from ismessenger.search.filters import Narrowed
from ismessenger.search.people import people
from ismessenger.search.query import MAX_LENGTH
from ismessenger.web.edge import Visit, reads
from ismessenger.web.inboxes.shown import sidebar_view
from ismessenger.web.shell import shell_of
from ismessenger.web.templating import render

CONTACTS = 6


@reads(Right.INBOX)
async def index(visit: Visit) -> Response:
    """``GET /palette``: the inboxes, areas and pages that the member may open."""
    inboxes = sidebar_view(visit.member, await sidebar(visit.reading, visit.member))
    return render(visit.request, "search/palette_places.html", shell=shell_of(visit, ""), sidebar=inboxes)


@reads(Right.INBOX)
async def contacts(visit: Visit) -> Response:
    """``GET /palette/contacts?q=WORDS``: contacts by part of a name or a number, whoever wrote last first."""
    words = " ".join(clean(visit.request.query_params.get("q", ""), MAX_LENGTH).split())
    found = await people(visit.reading, visit.member, words, Narrowed(), limit=CONTACTS)
    named = [(contact.id, await visit.name_of(contact)) for contact in found.contacts]
    return render(visit.request, "search/palette_contacts.html", contacts=named)


routes: list[BaseRoute] = [
    Route("/palette", index),
    Route("/palette/contacts", contacts),
]
