"""Messages in the API."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ismessenger.api.body import SendBody, TextBody, read
from ismessenger.api.contacts import find_contact
from ismessenger.api.page import listed, page_of
from ismessenger.api.shape import Json, message_json
from ismessenger.files.links import file_url
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.messages.errors import ReplyRefused
from ismessenger.messages.model import Attachment, Message, MessageStatus
from ismessenger.messages.reply import Draft, Part, reply
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.errors import BadRequest, NotFound

LINK_LIFE = timedelta(hours=1)
MAX_KEY = 255


async def send(request: Request) -> Response:
    """``POST /contact/{identifier}/message``; an ``Idempotency-Key`` header makes a repeated call for a contact one message."""
    installation: Installation = request.app.state.installation
    body = await read(request, SendBody)
    key = request.headers.get("idempotency-key", "")
    if len(key) > MAX_KEY:
        # Cut, it could be the key of another message, which would then never go out.
        raise BadRequest(f"Idempotency-Key: a key has at most {MAX_KEY} characters.")
    tag = body.message.messageTag if isinstance(body.message, TextBody) else None
    async with installation.tenancy.workspace(request.state.workspace_id) as db:
        contact = await find_contact(db, request)
        draft = Draft([Part(body.message.content())], body.channelId, f"api/{contact.id}/{key}" if key else None, tag=tag)
        try:
            messages = await reply(installation, db, contact.id, draft, by=None, source="api")
        except ReplyRefused as error:
            raise BadRequest(str(error)) from error
    return JSONResponse({"messageId": messages[0].id})


async def show(request: Request) -> Response:
    """``GET /contact/{identifier}/message/{messageId}``."""
    installation: Installation = request.app.state.installation
    async with installation.tenancy.reading(request.state.workspace_id) as db:
        contact = await find_contact(db, request)
        statement = select(Message).where(col(Message.id) == request.path_params["message_id"], col(Message.contact_id) == contact.id)
        message = (await db.execute(statement)).scalar_one_or_none()
        if message is None:
            raise NotFound("Message not found")
        return JSONResponse((await _shown(installation, db, [message]))[0])


async def index(request: Request) -> Response:
    """``GET /contact/{identifier}/message/list``: newest first."""
    installation: Installation = request.app.state.installation
    page = page_of(request)
    backwards = page.cursor is not None and page.cursor < 0
    async with installation.tenancy.reading(request.state.workspace_id) as db:
        contact = await find_contact(db, request)
        statement = select(Message).where(col(Message.contact_id) == contact.id)
        if page.cursor is not None:
            statement = statement.where(Message.id > -page.cursor if backwards else Message.id < page.cursor)  # type: ignore[arg-type]
        statement = statement.order_by(Message.id if backwards else Message.id.desc()).limit(page.limit + 1)  # type: ignore[attr-defined, arg-type]
        found = list((await db.execute(statement)).scalars())
        messages = sorted(found[: page.limit], key=lambda message: -message.id)
        items = await _shown(installation, db, messages)
    return listed(request, page, items, [message.id for message in messages], more=len(found) > page.limit)


async def _shown(installation: Installation, db: ReadSession, messages: Sequence[Message]) -> list[Json]:
    ids = [message.id for message in messages]
    statuses: dict[int, list[MessageStatus]] = defaultdict(list)
    for status in (await db.execute(select(MessageStatus).where(MessageStatus.message_id.in_(ids)).order_by(MessageStatus.id))).scalars():  # type: ignore[attr-defined, arg-type]
        statuses[status.message_id].append(status)
    files = {file.message_id: file for file in (await db.execute(select(Attachment).where(Attachment.message_id.in_(ids)))).scalars()}  # type: ignore[attr-defined]
    return [
        message_json(message, statuses[message.id], files.get(message.id), _url(installation, db.workspace_id, files.get(message.id)))
        for message in messages
    ]


def _url(installation: Installation, workspace_id: int, file: Attachment | None) -> str | None:
    if file is None or file.path is None:
        return None
    return file_url(installation, workspace_id, file.path, file.file_name or "file", expires_at=now() + LINK_LIFE)
