"""Files that visitors send: stored when they arrive, sent with a message by a ticket that only this visitor can use."""

from tempfile import SpooledTemporaryFile
from typing import IO

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ismessenger.channels.visitors import keep_upload
from ismessenger.files.links import file_url
from ismessenger.files.store import StoreUnavailable
from ismessenger.kit.clock import now
from ismessenger.kit.sniff import HEAD_BYTES, safe_type
from ismessenger.kit.text import clean
from ismessenger.messages.media import LINK_LIFE, kind_of
from ismessenger.sdk.channel import capabilities_of
from ismessenger.sdk.content import Media
from ismessenger.sdk.words import gettext
from ismessenger.web.errors import BadRequest, Forbidden, TooLarge, Unavailable
from ismessenger.web.ratelimit import Limit
from ismessenger.web.widget.chat import Chat, address_of, visitor_of

UPLOADS = Limit(per_second=1 / 3, burst=10)
UPLOADS_OF_ADDRESS = Limit(per_second=1, burst=30)
IN_MEMORY_BYTES = 1 << 20
NAME_LENGTH = 150


async def upload(request: Request, chat: Chat) -> Response:
    """``POST /widget/{route}/uploads?name=…`` with the file as the body."""
    # A new visitor costs nothing, so whoever fills our store is also counted by address.
    await request.app.state.limiter.require(f"widget-upload/{address_of(request)}", UPLOADS_OF_ADDRESS)
    visitor = await visitor_of(request, chat, "upload", UPLOADS)
    if not chat.host.takes_files(chat.target.config):
        raise Forbidden(gettext("This chat takes no files."))
    name = clean(request.query_params.get("name", ""), NAME_LENGTH).replace("/", "_").replace("\\", "_").strip() or "file"
    limit = max(kind.max_bytes for kind in capabilities_of(chat.target.adapter, chat.target.config).media.values())
    with SpooledTemporaryFile(IN_MEMORY_BYTES) as spool:
        size = await _receive(request, spool, limit)
        mime = safe_type(spool.read(HEAD_BYTES), request.headers.get("content-type"), name)
        spool.seek(0)
        try:
            stored = await keep_upload(request.app.state.installation, chat.target.workspace_id, spool, name=name, mime=mime, size=size)
        except StoreUnavailable as error:
            raise Unavailable(gettext("The file cannot be kept right now. Try again in a moment.")) from error
    file = Media(kind=kind_of(mime), provider_id=stored.provider_id, mime=mime, file_name=name, size=size)
    url = file_url(request.app.state.installation, chat.target.workspace_id, stored.path, name, expires_at=now() + LINK_LIFE)
    shown = file.model_dump(mode="json", exclude_none=True, exclude={"provider_id"}) | {"url": url}
    return JSONResponse({"ticket": chat.host.ticket(visitor.identifier, file, chat.target.config), "file": shown})


async def _receive(request: Request, spool: IO[bytes], limit: int) -> int:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            spool.write(chunk)
    if size > limit:
        raise TooLarge(gettext("This file is larger than the %(most)s MB that this chat takes.") % {"most": limit // 1_000_000})
    if size == 0:
        raise BadRequest(gettext("This file is empty."))
    spool.seek(0)
    return size
