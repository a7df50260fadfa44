"""The page on which two contacts become one: side by side, a choice per field, and what comes out."""

from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.duplicates import suggestions_for
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.contacts.merge import MergeRefused, choices, merge
from ismessenger.contacts.model import Contact
from ismessenger.contacts.pick import others_named
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.web.contacts.shown_merge import Answers, chosen_of, merge_view, person
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render
from ismessenger.web.view_merge import SuggestionView

MAX_ID_DIGITS = 18
LISTED = "duplicates"
"""Says that somebody came from the list of duplicates, and goes back there."""


@reads(Right.INBOX)
async def pick(visit: Visit) -> Response:
    """``GET /contacts/ID/merge?q=WORDS``: with whom."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    words = clean(visit.request.query_params.get("q", "")).strip()
    likely = await suggestions_for(visit.reading, visit.member, contact)
    known, kept = {each.contact.id for each in likely}, await visit.kept()
    found = (
        [other for other in await others_named(visit.reading, visit.member, contact.id, words) if other.id not in known] if words else []
    )
    return render(
        visit.request,
        "contacts/merge_pick.html",
        shell=shell_of(visit, await live_seq(visit)),
        person=person(contact, kept),
        words=words,
        suggestions=[SuggestionView(person=person(each.contact, kept), same=each.same) for each in likely],
        found=[person(other, kept) for other in found],
    )


@reads(Right.INBOX)
async def compare(visit: Visit) -> Response:
    """``GET /contacts/ID/merge/OTHER``; the choices stand in the address, so that the page can show what comes of them."""
    first = await visible_contact(visit.reading, visit.member, visit.path_id())
    second = await visible_contact(visit.reading, visit.member, visit.path_id("other"))
    if first.id == second.id:
        raise MergeRefused(gettext("That is one and the same contact."))
    view = await merge_view(visit.reading, visit.member, first, second, _answers(visit.request.query_params))
    listed = visit.request.query_params.get("from") == LISTED
    return render(visit.request, "contacts/merge.html", shell=shell_of(visit, await live_seq(visit)), merge=view, listed=listed)


@writes(Right.INBOX)
async def create(visit: Visit) -> Response:
    """``POST /contacts/ID/merge/OTHER``: from now on they are one."""
    form = await visit.request.form(max_files=0)
    answers = _answers(form)
    ids = {visit.path_id(), visit.path_id("other")}
    if len(ids) == 1:
        raise MergeRefused(gettext("That is one and the same contact."))
    held: dict[int, Contact] = {id_: await hold_contact(visit.db, visit.member, id_) for id_ in sorted(ids)}
    primary_id = answers["primary"] if answers.get("primary") in ids else visit.path_id()
    (secondary_id,) = ids - {primary_id}
    found = await choices(visit.db, held[primary_id], held[secondary_id])
    chosen = chosen_of(found, visit.member, primary_id, answers)
    await merge(visit.db, primary_id, secondary_id, by=visit.member.id, from_second=chosen)
    return see_other("/contacts/duplicates" if form.get("from") == LISTED else f"/inbox/all/contacts/{primary_id}")


def _answers(said: FormData | QueryParams) -> Answers:
    values = {name: value for name, value in said.multi_items() if isinstance(value, str)}
    return {
        name.removeprefix("take_"): int(value)
        for name, value in values.items()
        if value.isascii() and value.isdigit() and len(value) <= MAX_ID_DIGITS
    }


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/merge", pick),
    Route("/contacts/{id:id}/merge/{other:id}", compare),
    Route("/contacts/{id:id}/merge/{other:id}", create, methods=["POST"]),
]
