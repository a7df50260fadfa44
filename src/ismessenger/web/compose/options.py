"""What is offered while somebody writes: snippets after "/", variables after "$", members after "@"; and what a text will say."""

from collections import Counter
from typing import Final

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.presence import statuses
from ismessenger.accounts.rights import Right
from ismessenger.contacts.find import visible_contact
from ismessenger.contacts.model import Contact
from ismessenger.files.library import library_files
from ismessenger.kit.folding import folded
from ismessenger.kit.text import clean
from ismessenger.messages.mention import mentionable
from ismessenger.messages.snippets import find_snippets, topics_of
from ismessenger.messages.variables import fill, problem, variables
from ismessenger.web.compose.shown import Option, member_option, snippet_option, topic_option, variable_option
from ismessenger.web.edge import Visit, reads
from ismessenger.web.forms import parse
from ismessenger.web.templating import render

MOST: Final = 20
MOST_TOPICS: Final = 8
MAX_WORDS: Final = 60
MAX_TEXT: Final = 20_000


class TextForm(BaseModel):
    """What stands in a composer."""

    text: str = Field("", max_length=MAX_TEXT)


@reads(Right.INBOX)
async def snippets(visit: Visit) -> Response:
    """``GET /contacts/ID/snippets?words=…``: what fits, each as it would read to this contact; without words the topics too."""
    return await _snippets(visit, await visible_contact(visit.reading, visit.member, visit.path_id()))


@reads(Right.INBOX)
async def snippets_of_nobody(visit: Visit) -> Response:
    """``GET /snippets?words=…``: the same as they are written, for what is written for everybody."""
    return await _snippets(visit, None)


async def _snippets(visit: Visit, contact: Contact | None) -> Response:
    db, words = visit.reading, _words(visit)
    found = await find_snippets(db, visit.member.id, words, limit=MOST)
    files = {file.id: file for file in await library_files(db, [file_id for snippet in found for file_id in snippet.file_ids])}
    known = await variables(visit.installation, db, visit.member, contact) if contact else {}
    name = await visit.name_of(contact) if contact else None
    options = [snippet_option(snippet, files, known, name) for snippet in found]
    if not words:
        topics = await topics_of(db, visit.member.id, also_shared=True)
        options = [*map(topic_option, topics[:MOST_TOPICS]), *options]
    return _answer(visit, options)


@reads(Right.INBOX)
async def variables_of_contact(visit: Visit) -> Response:
    """``GET /contacts/ID/variables?words=…``."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    return await _variables(visit, contact)


@reads(Right.INBOX)
async def variables_of_nobody(visit: Visit) -> Response:
    """``GET /variables?words=…``: for what is written for everybody."""
    return await _variables(visit, None)


@reads(Right.INBOX)
async def members(visit: Visit) -> Response:
    """``GET /contacts/ID/mentionable?words=…``: whoever may see the contact, but oneself."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    typed, words = _words(visit).casefold(), folded(_words(visit))
    everybody = await mentionable(visit.reading, contact)
    number = Counter(member.name for member in everybody)
    found = [member for member in everybody if member.id != visit.member.id and words in folded(member.name)]
    found.sort(key=lambda member: (*_begins(member.name, typed, words), member.name.casefold(), member.id))
    presence = await statuses(visit.reading, visit.installation.redis, found[:MOST])
    return _answer(visit, [member_option(member, presence[member.id], alone=number[member.name] == 1) for member in found[:MOST]])


@reads(Right.INBOX)
async def preview(visit: Visit) -> Response:
    """``POST /contacts/ID/preview``: what a text with variables says to this contact, or why it cannot be sent. Changes nothing."""
    form = await parse(visit.request, TextForm)
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    filled = fill(form.text, await variables(visit.installation, visit.reading, visit.member, contact))
    return render(visit.request, "compose/_preview.html", words=filled.text, problem=problem(filled, await visit.name_of(contact)))


async def _variables(visit: Visit, contact: Contact | None) -> Response:
    typed, words = _words(visit).casefold(), folded(_words(visit))
    known = await variables(visit.installation, visit.reading, visit.member, contact)
    options = [variable_option(variable, of_contact=contact is not None) for variable in reversed(known.values())]
    fitting = [option for option in options if words in folded(option.key) or words in folded(option.name)]
    fitting.sort(key=lambda option: (False, False) if f".{words}" in folded(option.key) else _begins(option.name, typed, words))
    return _answer(visit, fitting)


def _begins(name: str, typed: str, words: str) -> tuple[bool, bool]:
    """Sorts first what begins as it was typed, and then what begins so in another spelling."""
    return not name.casefold().startswith(typed), not folded(name).startswith(words)


def _words(visit: Visit) -> str:
    return " ".join(clean(visit.request.query_params.get("words", ""), MAX_WORDS).split())


def _answer(visit: Visit, options: list[Option]) -> Response:
    return render(visit.request, "compose/options.html", options=options)


routes: list[BaseRoute] = [
    Route("/contacts/{id:id}/snippets", snippets),
    Route("/contacts/{id:id}/variables", variables_of_contact),
    Route("/contacts/{id:id}/mentionable", members),
    Route("/contacts/{id:id}/preview", preview, methods=["POST"]),
    Route("/snippets", snippets_of_nobody),
    Route("/variables", variables_of_nobody),
]
