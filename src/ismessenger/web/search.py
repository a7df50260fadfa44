"""The search above the list of the inbox: what is found, page by page, and what may be typed."""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import urlencode

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.conditions.words import Term
from ismessenger.contacts.model import Contact
from ismessenger.kit.folding import folded
from ismessenger.kit.text import clean
from ismessenger.messages.mention import MENTION, names_of
from ismessenger.sdk.words import gettext
from ismessenger.search.filters import SECTIONS, Narrowed, Problem, narrowed
from ismessenger.search.mark import marked, snippet
from ismessenger.search.people import people
from ismessenger.search.query import MAX_LENGTH, Typed, taken_apart
from ismessenger.search.suggest import suggestions
from ismessenger.search.terms import terms
from ismessenger.search.written import PAGE, Hit, written
from ismessenger.web.edge import Visit, reads, see_other
from ismessenger.web.templating import render
from ismessenger.web.view_search import PersonHit, SearchView, Section, SectionView, WrittenHit

FIRST = 5
"""So many comments are shown before somebody asks for more."""


@reads(Right.INBOX)
async def index(visit: Visit) -> Response:
    """``GET /search?q=…``: all that is found; with ``&section=messages&before=CURSOR`` the next page of one kind."""
    if "turbo-frame" not in visit.request.headers:
        return see_other("/inbox")
    asked = visit.request.query_params
    line = clean(asked.get("q", ""), MAX_LENGTH).strip()
    typed = taken_apart(line)
    narrow = await narrowed(visit.reading, visit.member, typed, _zone(visit))
    wanted = await terms(visit.reading, typed.words)
    section = asked.get("section", "")
    if section in SECTIONS:
        view = await _section(visit, line, typed, wanted, narrow, section, asked.get("before"))
        return render(visit.request, "search/more.html", section=view, frame=visit.request.headers["turbo-frame"])
    sections = [await _section(visit, line, typed, wanted, narrow, name, None) for name in narrow.sections]
    problems = [_words_of(problem) for problem in narrow.problems]
    if not problems and not typed.words and "people" not in narrow.sections:
        problems = [gettext("Type a word to look for.")]
    return render(visit.request, "search/results.html", search=SearchView(line=line, sections=sections, problems=problems))


@reads(Right.INBOX)
async def suggest(visit: Visit) -> Response:
    """``GET /search/suggestions?typed=tag:vi``: how the filter that is being typed may go on."""
    typed = clean(visit.request.query_params.get("typed", ""), MAX_LENGTH)
    offered = await suggestions(visit.reading, visit.member, typed, _zone(visit))
    return JSONResponse([{"insert": each.insert, "words": each.words} for each in offered])


def _zone(visit: Visit) -> str:
    """Days begin where the reader is, or where the workspace is."""
    return visit.signed_in.account.timezone or visit.signed_in.workspace.timezone


async def _section(
    visit: Visit, line: str, typed: Typed, wanted: Sequence[Term], narrow: Narrowed, name: Section, before: str | None
) -> SectionView:
    db, member, kept = visit.reading, visit.member, await visit.kept()
    if name == "people":
        found = await people(db, member, typed.words, narrow, before=before)
        url, frame = _older(line, name, found.older)
        shown = [_person(contact, typed.words, kept) for contact in found.contacts]
        return SectionView(name=name, people=shown, older_url=url, frame=frame)
    limit = FIRST if name == "comments" and before is None and len(narrow.sections) > 1 else PAGE
    hits = await written(db, member, "message" if name == "messages" else "comment", wanted, narrow, before=before, limit=limit)
    named = await names_of(db, (int(found[1]) for hit in hits.hits if hit.kind == "comment" for found in MENTION.finditer(hit.words)))
    url, frame = _older(line, name, hits.older)
    return SectionView(name=name, written=[_written(hit, wanted, named, kept) for hit in hits.hits], older_url=url, frame=frame)


def _older(line: str, name: Section, cursor: str | None) -> tuple[str, str]:
    """Where the next page is, and the frame that it comes into."""
    if cursor is None:
        return "", ""
    return f"/search?{urlencode({'q': line, 'section': name, 'before': cursor})}", f"search_{name}_{cursor}"


def _person(contact: Contact, words: str, kept: Collection[str]) -> PersonHit:
    plain = folded(words).strip()
    whole = [Term(plain, spaceless=True)] if plain else []
    name = contact.called(kept)
    email, phone = ("" if "email" in kept else contact.email), ("" if "phone" in kept else contact.phone)
    beside = email if email and (email.casefold() == words.casefold() or not phone) else phone
    return PersonHit(
        contact_id=contact.id,
        name=marked(name, whole),
        plain_name=name,
        beside=marked(beside, whole) if beside and beside != name else [],
        status=contact.status,
        blocked=contact.blocked_at is not None,
        at=contact.last_message_at,
        url=f"/inbox/all/contacts/{contact.id}",
    )


def _written(hit: Hit, wanted: Sequence[Term], named: Mapping[int, str], kept: Collection[str]) -> WrittenHit:
    words = MENTION.sub(lambda found: f"@{named.get(int(found[1]), '')}", hit.words) if hit.kind == "comment" else hit.words
    return WrittenHit(
        dom_id=f"hit_{hit.kind}_{hit.id}",
        contact_id=hit.contact.id,
        name=hit.contact.called(kept),
        author=hit.author,
        incoming=hit.incoming,
        words=snippet(words, wanted),
        at=hit.at,
        channel_kind=hit.channel_kind,
        channel_name=hit.channel_name,
        url=f"/inbox/all/contacts/{hit.contact.id}?{hit.kind}={hit.id}",
    )


def _words_of(problem: Problem) -> str:
    """What is wrong with a filter, and what to do."""
    if problem.why == "date":
        return gettext("“%(value)s” is no day. Write it like 2026-03-31, today or yesterday.") % {"value": problem.value}
    if problem.why == "several":
        return gettext("More than one begins with “%(value)s”: %(key)s: needs the whole name.") % {
            "value": problem.value,
            "key": problem.key,
        }
    nothing = {
        "assignee": gettext("Nobody here is called “%(value)s”."),
        "tag": gettext("There is no tag “%(value)s”."),
        "channel": gettext("There is no channel “%(value)s”."),
        "stage": gettext("There is no stage “%(value)s”."),
        "status": gettext("There is no status “%(value)s”: it is open, closed, snoozed or blocked."),
        "in": gettext("“%(value)s” cannot be searched: write in:people, in:messages or in:comments."),
    }
    return nothing[problem.key] % {"value": problem.value}


routes: list[BaseRoute] = [
    Route("/search", index),
    Route("/search/suggestions", suggest),
]
