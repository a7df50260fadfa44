"""Settings → Snippets, for everybody, and the same page for one's own: words that are written often."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, cast

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.contacts.errors import Refused
from ismessenger.files.library import library_files
from ismessenger.kit import pagination
from ismessenger.kit.text import clean
from ismessenger.messages.model import Snippet
from ismessenger.messages.snippets import (
    MAX_FILES,
    MAX_NAME,
    SnippetDraft,
    add_snippet,
    change_snippet,
    delete_snippet,
    duplicate_snippet,
    snippet_of,
    snippets_page,
    topics_of,
)
from ismessenger.messages.variables import names_in, variables
from ismessenger.sdk.words import gettext
from ismessenger.web.compose.shown import file_view
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import Id, parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

SHARED: Final = "/settings/snippets"
OWN: Final = "/account/snippets"


class SnippetForm(BaseModel):
    """A snippet as typed. ``topics`` are separated by commas, ``files`` numbers of files of the library."""

    name: str = ""
    slug: str = ""
    text: str = ""
    topics: str = ""
    files: list[Id] = Field([], max_length=MAX_FILES * 2)

    @property
    def draft(self) -> SnippetDraft:
        """What was typed."""
        return SnippetDraft(self.name, self.text.replace("\r\n", "\n"), self.slug, self.topics.split(","), self.files)


@dataclass(frozen=True, slots=True)
class SnippetRow:
    """A snippet in the list. ``unknown`` are variables in it that there are not, or not any more."""

    id: int
    name: str
    slug: str
    words: str
    topics: list[str]
    files: int
    unknown: list[str]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where snippets lie: at an address, for everybody or for whoever asks alone."""

    base: str
    right: Right
    personal: bool

    def owner_id(self, visit: Visit) -> int | None:
        """Whose they are; ``None``: everybody's."""
        return visit.member.id if self.personal else None

    async def snippet(self, visit: Visit) -> Snippet:
        """The one of the address. Raises `NotThere`."""
        return await snippet_of(visit.reading, visit.path_id(), self.owner_id(visit))


def pages(shelf: Shelf) -> list[BaseRoute]:
    """The addresses of a shelf."""

    @reads(shelf.right)
    async def index(visit: Visit) -> Response:
        return await _list(visit, shelf)

    @reads(shelf.right)
    async def new(visit: Visit) -> Response:
        return await _form(visit, shelf, None, SnippetForm())

    @writes(shelf.right)
    async def create(visit: Visit) -> Response:
        form = await parse(visit.request, SnippetForm)
        try:
            await _check_variables(visit, form)
            await add_snippet(visit.db, form.draft, owner_id=shelf.owner_id(visit), by=visit.member.id)
        except Refused as error:
            return await _form(visit, shelf, None, form, str(error))
        return see_other(shelf.base)

    @reads(shelf.right)
    async def edit(visit: Visit) -> Response:
        snippet = await shelf.snippet(visit)
        topics = ", ".join(snippet.topics)
        form = SnippetForm(name=snippet.name, slug=snippet.slug, text=snippet.text, topics=topics, files=snippet.file_ids)
        return await _form(visit, shelf, snippet, form)

    @writes(shelf.right)
    async def update(visit: Visit) -> Response:
        form = await parse(visit.request, SnippetForm)
        snippet = await shelf.snippet(visit)
        try:
            await _check_variables(visit, form)
            await change_snippet(visit.db, snippet, form.draft)
        except Refused as error:
            return await _form(visit, shelf, snippet, form, str(error))
        return see_other(shelf.base)

    @writes(shelf.right)
    async def duplicate(visit: Visit) -> Response:
        copy = await duplicate_snippet(visit.db, await shelf.snippet(visit), by=visit.member.id)
        return see_other(f"{shelf.base}/{copy.id}")

    @writes(shelf.right)
    async def destroy(visit: Visit) -> Response:
        await delete_snippet(visit.db, await shelf.snippet(visit))
        return see_other(shelf.base)

    return [
        Route(shelf.base, index),
        Route(f"{shelf.base}/new", new),
        Route(shelf.base, create, methods=["POST"]),
        Route(f"{shelf.base}/{{id:id}}", edit),
        Route(f"{shelf.base}/{{id:id}}", update, methods=["POST"]),
        Route(f"{shelf.base}/{{id:id}}/copies", duplicate, methods=["POST"]),
        Route(f"{shelf.base}/{{id:id}}/deletion", destroy, methods=["POST"]),
    ]


async def _check_variables(visit: Visit, form: SnippetForm) -> None:
    """Nobody shall keep a snippet that cannot be sent. Raises `Refused`."""
    names = names_in(form.text)
    unknown = set(names) - set(await variables(visit.installation, visit.reading, visit.member)) if names else set()
    if unknown:
        listed = ", ".join(f"${name}" for name in names if name in unknown)
        raise Refused(gettext("There is no variable %(names)s. Choose one by typing $.") % {"names": listed})


async def _list(visit: Visit, shelf: Shelf) -> Response:
    query = visit.request.query_params
    words = " ".join(clean(query.get("words", ""), MAX_NAME).split())
    topic = clean(query.get("topic", ""), MAX_NAME)
    cursor = query.get("after")
    after = cast("tuple[str, int]", pagination.decode(cursor, str, int)) if cursor else None
    owner_id = shelf.owner_id(visit)
    found, further = await snippets_page(visit.reading, owner_id, words, topic, after=after)
    known = set(await variables(visit.installation, visit.reading, visit.member))
    return await _page(
        visit,
        shelf,
        "settings/snippets.html",
        snippets=[_row(snippet, known) for snippet in found],
        words=words,
        topic=topic,
        topics=await topics_of(visit.reading, owner_id),
        first=after is None,
        further=pagination.encode(*further) if further else "",
    )


def _row(snippet: Snippet, known: set[str]) -> SnippetRow:
    words = " ".join(snippet.text.split())
    unknown = [f"${name}" for name in names_in(snippet.text) if name not in known]
    return SnippetRow(snippet.id, snippet.name, snippet.slug, words, snippet.topics, len(snippet.file_ids), unknown)


async def _form(visit: Visit, shelf: Shelf, snippet: Snippet | None, form: SnippetForm, error: str = "") -> Response:
    return await _page(
        visit,
        shelf,
        "settings/snippet.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        snippet_id=snippet.id if snippet else 0,
        snippet_name=snippet.name if snippet else "",
        form=form,
        files=[file_view(file) for file in await library_files(visit.reading, form.files)],
        topics=await topics_of(visit.reading, shelf.owner_id(visit)),
        error=error,
    )


async def _page(visit: Visit, shelf: Shelf, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(
        visit.request,
        template,
        status=status,
        shell=shell_of(visit, await live_seq(visit)),
        base=shelf.base,
        personal=shelf.personal,
        **arguments,
    )


routes: list[BaseRoute] = [
    *pages(Shelf(SHARED, Right.SNIPPETS, personal=False)),
    *pages(Shelf(OWN, Right.INBOX, personal=True)),
]
