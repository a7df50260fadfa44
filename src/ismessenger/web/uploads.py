"""Files that members upload for their replies, and files of messages as members see them."""

from sqlalchemy import select
from sqlmodel import col
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ismessenger.accounts.rights import Right
from ismessenger.accounts.sign_in import SignedIn
from ismessenger.accounts.visibility import visible_to
from ismessenger.contacts.model import Contact
from ismessenger.files.library import shelve
from ismessenger.files.model import StoredFile
from ismessenger.files.serve import answer
from ismessenger.files.store import StoreUnavailable
from ismessenger.installation import Installation
from ismessenger.kit.ids import new_uuid
from ismessenger.kit.sniff import HEAD_BYTES, safe_type
from ismessenger.kit.text import clean
from ismessenger.messages.model import Attachment, Message
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, workspace_key
from ismessenger.web.edge import without_transaction
from ismessenger.web.errors import BadRequest, NotFound, TooLarge, Unavailable

MAX_BYTES = 50 << 20
NAME_LENGTH = 150


@without_transaction(Right.INBOX)
async def create(request: Request, signed_in: SignedIn) -> Response:
    """``POST /uploads``: one file as ``file``; its number comes back, to be named when the message is sent."""
    async with request.form(max_files=1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadRequest(gettext("Send one file in the field file."))
        row = await keep(request.app.state.installation, signed_in, file)
    url = f"/uploads/{row.id}/file"
    return JSONResponse({"id": row.id, "name": row.name, "mime": row.mime, "size": row.size, "url": url}, 201)


async def keep(installation: Installation, signed_in: SignedIn, file: UploadFile, *, in_library: bool = False) -> StoredFile:
    """Store an uploaded file. Raises `BadRequest`, `TooLarge`, `Unavailable`, `Refused`."""
    size = file.size or 0
    if size == 0:
        raise BadRequest(gettext("This file is empty."))
    if size > MAX_BYTES:
        raise TooLarge(gettext("A file has at most %(most)s MiB.") % {"most": MAX_BYTES >> 20})
    name = clean(file.filename or "", NAME_LENGTH).replace("/", "_").replace("\\", "_").strip(". ") or "file"
    mime = safe_type(await file.read(HEAD_BYTES), file.content_type, name)
    await file.seek(0)
    path = workspace_key(signed_in.workspace.id, "uploads", new_uuid().hex)
    try:
        await installation.files.put(path, file.file)
    except StoreUnavailable as error:
        raise Unavailable(gettext("The file cannot be kept right now. Try again in a moment.")) from error
    async with installation.tenancy.workspace(signed_in.workspace.id) as db:
        row = StoredFile(path=path, name=name, mime=mime, size=size, uploaded_by_id=signed_in.member.id)
        db.add(row)
        if in_library:
            await shelve(db, row)
        await db.flush()
    return row


@without_transaction(Right.INBOX)
async def show(request: Request, signed_in: SignedIn) -> Response:
    """``GET /uploads/ID/NAME``: a file that this member uploaded and has perhaps not sent yet, or one of the library."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        row = await db.get(StoredFile, (db.workspace_id, request.path_params["id"]))
    if row is None or (row.uploaded_by_id != signed_in.member.id and row.library_at is None):
        raise NotFound(gettext("There is no such file."))
    return await answer(request, installation.files, row.path, row.name)


@without_transaction(Right.INBOX)
async def attachment(request: Request, signed_in: SignedIn) -> Response:
    """``GET /attachments/ID/NAME``: the file of a message, for members who may see the contact."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(signed_in.workspace.id) as db:
        found = await _visible_attachment(db, signed_in, request.path_params["id"])
    if found is None or found.path is None:
        raise NotFound(gettext("There is no such file."))
    return await answer(request, installation.files, found.path, found.file_name or "file")


async def _visible_attachment(db: ReadSession, signed_in: SignedIn, attachment_id: int) -> Attachment | None:
    statement = (
        select(Attachment)
        .join(Message, col(Message.id) == col(Attachment.message_id))
        .join(Contact, col(Contact.id) == col(Message.contact_id))
        .where(col(Attachment.id) == attachment_id, visible_to(signed_in.member))
    )
    found: Attachment | None = (await db.execute(statement)).scalar_one_or_none()
    return found


routes = [
    Route("/uploads", create, methods=["POST"]),
    Route("/uploads/{id:id}/{name}", show),
    Route("/attachments/{id:id}/{name}", attachment),
]
