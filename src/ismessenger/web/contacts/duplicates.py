"""Contacts that may be the same person: beside one of them, and the list of all."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.duplicates import dismiss, suggest_again, suggestions, suggestions_for
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.kit import pagination
from ismessenger.sdk.words import gettext
from ismessenger.web.contacts.shown_merge import person
from ismessenger.web.edge import Visit, overridable, reads, see_other, writes
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import STREAM_TYPE, fragment, render
from ismessenger.web.view_merge import PairView, SuggestionView

LIST = "/contacts/duplicates"


@reads(Right.INBOX)
async def beside(visit: Visit) -> Response:
    """``GET /contacts/ID/suggestions``: the frame in the contact panel."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    found = await suggestions_for(visit.reading, visit.member, contact)
    kept = await visit.kept()
    views = [SuggestionView(person=person(each.contact, kept), same=each.same) for each in found]
    return render(visit.request, "contacts/_suggestions.html", contact_id=contact.id, suggestions=views)


@reads(Right.CONTACTS)
async def index(visit: Visit) -> Response:
    """``GET /contacts/duplicates?after=CURSOR``: pairs of the whole workspace."""
    cursor = visit.request.query_params.get("after")
    after = pagination.decode(cursor, str, str) if cursor else None
    page = await suggestions(visit.reading, visit.member, (after[0], after[1]) if after else None)
    return render(
        visit.request,
        "contacts/duplicates.html",
        shell=shell_of(visit, await live_seq(visit)),
        pairs=[PairView(first=person(pair.first, ()), second=person(pair.second, ()), same=pair.same) for pair in page.pairs],
        more=pagination.encode(*page.more) if page.more else None,
        first_page=cursor is None,
    )


@writes(Right.INBOX)
async def say_no(visit: Visit) -> Response:
    """``POST /contacts/ID/dismissals/OTHER``: these are two people."""
    one, other = await _both(visit)
    await dismiss(visit.db, one, other, by=visit.member.id)
    undo = {"url": f"/contacts/{one}/dismissals/{other}", "method": "delete", "words": gettext("Undo")}
    return _answer(visit, one, other, gettext("They are not suggested again"), undo)


@writes(Right.INBOX)
async def take_back(visit: Visit) -> Response:
    """``DELETE /contacts/ID/dismissals/OTHER``."""
    one, other = await _both(visit)
    await suggest_again(visit.db, one, other)
    return _answer(visit, one, other, gettext("They are suggested again"), None)


async def _both(visit: Visit) -> tuple[int, int]:
    ids = visit.path_id(), visit.path_id("other")
    for id_ in sorted(set(ids)):
        await hold_contact(visit.db, visit.member, id_)
    return ids


def _answer(visit: Visit, one: int, other: int, words: str, undo: dict[str, str] | None) -> Response:
    if not visit.wants_streams:
        return see_other(f"/inbox/all/contacts/{one}")
    told = fragment("components/toast.stream.html", words=words, undo=undo)
    changed = fragment("contacts/dismissal.stream.html", ids=sorted((one, other)), dismissed=undo is not None)
    return Response(changed + told, media_type=STREAM_TYPE)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route("/contacts/{id:id}/suggestions", beside),
    Route("/contacts/{id:id}/dismissals/{other:id}", overridable(post=say_no, delete=take_back), methods=["POST", "DELETE"]),
]
