"""Settings → Contacts import: a file in steps, from the upload to taking all of it back, and what was imported before."""

import re
from http import HTTPStatus

from pydantic import BaseModel
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.background.job import DRAFT, job_named
from ismessenger.background.model import Job
from ismessenger.contacts.errors import Refused
from ismessenger.exports.names import member_names
from ismessenger.files.store import StoreUnavailable
from ismessenger.imports.choose import begin, choose, discard, import_named
from ismessenger.imports.history import PAGE, imports
from ismessenger.imports.order import Identifier, Order, Purpose
from ismessenger.imports.take import take_upload
from ismessenger.imports.targets import targets
from ismessenger.imports.undo import undo, why_not
from ismessenger.installation import Installation
from ismessenger.kit.spreadsheet import joined, split
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.web.edge import Visit, reads, see_other, without_transaction, writes
from ismessenger.web.errors import Unavailable
from ismessenger.web.forms import parse
from ismessenger.web.jobs import job_view
from ismessenger.web.ratelimit import FILES_TO_IMPORT
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_imports import column_rows, import_row, region_choices, target_choices
from ismessenger.web.templating import render

LIST = "/settings/imports"
BODY_BYTES = 21 << 20
_ID = re.compile(r"[0-9]{1,18}")
NAME_LENGTH = 150


class ChoicesForm(BaseModel):
    """``targets`` has the key of a target per column, ``kept`` the places of columns that overwrite nothing."""

    purpose: Purpose = "both"
    identifier: Identifier = "phone"
    targets: list[str] = []
    kept: list[int] = []
    tags: str = ""
    region: str = ""

    def chosen(self, order: Order) -> Order:
        """The order with these choices."""
        kept = [self.targets[place] for place in self.kept if 0 <= place < len(self.targets) and self.targets[place]]
        choices = {**self.model_dump(include={"purpose", "identifier", "targets", "region"}), "kept": kept, "tags": split(self.tags)}
        return order.model_copy(update=choices)


@reads(Right.CONTACTS)
async def index(visit: Visit) -> Response:
    """``GET /settings/imports``: what was imported, newest first."""
    before = visit.request.query_params.get("before", "")
    found = await imports(visit.reading, before=int(before) if _ID.fullmatch(before) else None)
    names = await member_names(visit.reading)
    rows = [import_row(job, names, visit.member) for job in found[:PAGE]]
    older = rows[-1].id if len(found) > PAGE else None
    return await _page(visit, "imports/index.html", imports=rows, older=older)


@reads(Right.CONTACTS)
async def new(visit: Visit) -> Response:
    """``GET /settings/imports/new``: choose a file."""
    return await _page(visit, "imports/new.html", error="")


@without_transaction(Right.CONTACTS)
async def create(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/imports``: the file, read once; a draft comes of it."""
    installation: Installation = request.app.state.installation
    # To read a large spreadsheet takes this process seconds.
    await request.app.state.limiter.require(f"import/{signed_in.workspace.id}", FILES_TO_IMPORT)
    async with request.form(max_files=1) as form:
        file = form.get("file")
        try:
            if not isinstance(file, UploadFile) or not file.filename:
                return await _again(request, signed_in, gettext("Choose a file."))
            name = clean(file.filename, NAME_LENGTH).replace("/", "_").replace("\\", "_").strip(". ") or "contacts"
            job = await take_upload(installation, signed_in.workspace.id, file.file, name, by=signed_in.member.id)
        except Refused as error:
            return await _again(request, signed_in, str(error))
        except StoreUnavailable as error:
            raise Unavailable(gettext("The file cannot be kept right now. Try again in a moment.")) from error
    return see_other(f"{LIST}/{job.id}")


@reads(Right.CONTACTS)
async def show(visit: Visit) -> Response:
    """``GET /settings/imports/ID``: what its columns are, as long as it is a draft; then how far it is and what came of it."""
    job = await import_named(visit.reading, visit.path_id())
    order = Order.model_validate(job.params)
    if job.state == DRAFT:
        return await _choices(visit, job, order, "")
    row = import_row(job, await member_names(visit.reading), visit.member)
    undoing = job_view(await job_named(visit.reading, order.undone_by), visit.member) if order.undone_by else None
    return await _page(visit, "imports/show.html", row=row, undoing=undoing, may_undo=not why_not(job))


@writes(Right.CONTACTS)
async def update(visit: Visit) -> Response:
    """``POST /settings/imports/ID``: where its columns go; it is tried out at once."""
    form = await parse(visit.request, ChoicesForm)
    job = await import_named(visit.db, visit.path_id())
    order = form.chosen(Order.model_validate(job.params))
    try:
        await choose(visit.db, job.id, order, by=visit.member.id)
    except Refused as error:
        return await _choices(visit, job, order, str(error))
    return see_other(f"{LIST}/{job.id}/review")


@reads(Right.CONTACTS)
async def review(visit: Visit) -> Response:
    """``GET /settings/imports/ID/review``: what would come of it, and the button that begins it."""
    job = await import_named(visit.reading, visit.path_id())
    order = Order.model_validate(job.params)
    if job.state != DRAFT or order.check is None:
        return see_other(f"{LIST}/{job.id}")
    row = import_row(job, await member_names(visit.reading), visit.member)
    check = job_view(await job_named(visit.reading, order.check), visit.member)
    names = {target.key: target.called for target in await targets(visit.reading)}
    columns = [(column, names.get(key, "")) for column, key in zip(order.columns, order.targets, strict=True) if key]
    kept = [names[key] for key in order.kept if key in names] if order.changes else []
    return await _page(visit, "imports/review.html", row=row, order=order, check=check, columns=columns, kept=kept)


@writes(Right.CONTACTS)
async def start(visit: Visit) -> Response:
    """``POST /settings/imports/ID/start``."""
    job = await begin(visit.db, visit.path_id())
    return see_other(f"{LIST}/{job.id}")


@writes(Right.CONTACTS)
async def take_back(visit: Visit) -> Response:
    """``POST /settings/imports/ID/undo``."""
    await undo(visit.db, visit.path_id(), by=visit.member.id)
    return see_other(f"{LIST}/{visit.path_id()}")


@without_transaction(Right.CONTACTS)
async def destroy(request: Request, signed_in: SignedIn) -> Response:
    """``POST /settings/imports/ID/deletion``: give a draft up."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.workspace(signed_in.workspace.id) as db:
        file = await discard(db, request.path_params["id"])
    try:
        await installation.files.delete(file)
    except StoreUnavailable as error:
        raise Unavailable(gettext("The draft is gone, but its file could not be deleted right now.")) from error
    return see_other(LIST)


async def _choices(visit: Visit, job: Job, order: Order, error: str) -> Response:
    known = await targets(visit.reading)
    return await _page(
        visit,
        "imports/choose.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        id=job.id,
        order=order,
        tags=joined(order.tags),
        columns=column_rows(order),
        targets=target_choices(known),
        regions=region_choices(),
        error=error,
    )


async def _again(request: Request, signed_in: SignedIn, error: str) -> Response:
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        visit = Visit(request, signed_in, db)
        return await _page(visit, "imports/new.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, error=error)


async def _page(visit: Visit, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(visit.request, template, status=status, shell=shell_of(visit, await live_seq(visit)), **arguments)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(LIST, create, methods=["POST"]),
    Route(f"{LIST}/new", new),
    Route(f"{LIST}/{{id:id}}", show),
    Route(f"{LIST}/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/review", review),
    Route(f"{LIST}/{{id:id}}/start", start, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/undo", take_back, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/deletion", destroy, methods=["POST"]),
]
