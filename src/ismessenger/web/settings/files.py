"""Settings → Files: the library, whose files snippets and replies use."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, cast

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.contacts.errors import Refused
from ismessenger.files.library import MAX_NAME, library_file, library_page, rename_file, take_out, used_in
from ismessenger.files.links import file_url
from ismessenger.files.model import StoredFile
from ismessenger.installation import Installation
from ismessenger.kit import pagination
from ismessenger.kit.clock import now
from ismessenger.kit.text import clean
from ismessenger.messages.model import Snippet
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.compose.shown import LibraryFile, file_view
from ismessenger.web.edge import Visit, reads, see_other, without_transaction, writes
from ismessenger.web.errors import BadRequest, TooLarge
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render
from ismessenger.web.uploads import keep

LIST: Final = "/settings/files"
AT_ONCE: Final = 10
LINK_LIFE: Final = timedelta(days=30)


class NameForm(BaseModel):
    """What a file shall be called."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file in the list. ``by`` may be empty; ``snippets`` are the names of those that use it."""

    file: LibraryFile
    by: str
    at: datetime
    snippets: list[str]


@reads(Right.SNIPPETS)
async def index(visit: Visit) -> Response:
    """``GET /settings/files?words=…&after=CURSOR``: a page of the library, newest first."""
    return await _list(visit)


@without_transaction(Right.SNIPPETS)
async def create(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/files``: up to ten files as ``files``."""
    installation: Installation = request.app.state.installation
    try:
        await _shelve(request, installation, signed_in)
    except Refused as refused:
        words = str(refused)
    except (BadRequest, TooLarge) as refused:
        words = refused.detail
    else:
        return see_other(LIST)
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        return await _list(Visit(request, signed_in, db), error=words)


@reads(Right.SNIPPETS)
async def show(visit: Visit) -> Response:
    """``GET /settings/files/ID``."""
    return await _page(visit, await library_file(visit.reading, visit.path_id()))


@writes(Right.SNIPPETS)
async def update(visit: Visit) -> Response:
    """``POST /settings/files/ID``: another name."""
    form = await parse(visit.request, NameForm)
    file = await library_file(visit.db, visit.path_id())
    try:
        await rename_file(visit.db, file.id, form.name)
    except Refused as error:
        return await _page(visit, file, name=form.name, error=str(error))
    return see_other(LIST)


@writes(Right.SNIPPETS)
async def destroy(visit: Visit) -> Response:
    """``POST /settings/files/ID/deletion``: it is taken off the snippets that use it."""
    await take_out(visit.db, visit.path_id())
    return see_other(LIST)


async def _shelve(request: Request, installation: Installation, signed_in: SignedIn) -> None:
    async with request.form(max_files=AT_ONCE) as form:
        files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
        if not files:
            raise Refused(gettext("Choose a file."))
        for file in files:
            await keep(installation, signed_in, file, in_library=True)


async def _list(visit: Visit, *, error: str = "") -> Response:
    words = " ".join(clean(visit.request.query_params.get("words", ""), MAX_NAME).split())
    cursor = visit.request.query_params.get("after")
    after = cast("tuple[datetime, int]", pagination.decode(cursor, datetime, int)) if cursor else None
    found, further = await library_page(visit.reading, words, after=after)
    using = await used_in(visit.reading, [shelved.file.id for shelved in found])
    rows = [
        FileRow(file_view(each.file), each.by, each.file.library_at or each.file.created_at, _names(visit, using.get(each.file.id, [])))
        for each in found
    ]
    return render(
        visit.request,
        "settings/files.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        files=rows,
        words=words,
        first=after is None,
        further=pagination.encode(*further) if further else "",
        error=error,
    )


async def _page(visit: Visit, file: StoredFile, *, name: str | None = None, error: str = "") -> Response:
    db: ReadSession = visit.reading
    using = (await used_in(db, [file.id])).get(file.id, [])
    return render(
        visit.request,
        "settings/file.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        file=file_view(file),
        name=file.name if name is None else name,
        link=file_url(visit.installation, db.workspace_id, file.path, file.name, expires_at=now() + LINK_LIFE),
        snippets=[snippet for snippet in using if snippet.owner_id is None],
        personal=sum(1 for snippet in using if snippet.owner_id is not None),
        error=error,
    )


def _names(visit: Visit, using: list[Snippet]) -> list[str]:
    """The shared snippets and one's own by name; others' own are theirs."""
    return [snippet.name if snippet.owner_id in {None, visit.member.id} else gettext("a personal snippet") for snippet in using]


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(LIST, create, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}", show),
    Route(f"{LIST}/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/deletion", destroy, methods=["POST"]),
]
