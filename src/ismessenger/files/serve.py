"""Hand out a stored file so that a browser never runs what somebody sent."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ismessenger.files.links import read_token
from ismessenger.files.store import FileMissing, FileStore, Stat, StoreUnavailable
from ismessenger.kit.crypto import SignatureBroken, SignatureExpired, Vault
from ismessenger.kit.sniff import DANGEROUS_TYPES, HEAD_BYTES, TEXT, is_shown, safe_type

CACHE_SECONDS: Final = 3600
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_endpoint(store: FileStore, vault: Vault) -> Callable[[Request], Awaitable[Response]]:
    """``GET /files/{token}/{name}``: 403 once the link has expired, 404 if we never made it or the file is gone."""

    async def serve(request: Request) -> Response:
        try:
            link = read_token(vault, request.path_params["token"])
        except SignatureExpired as error:
            raise HTTPException(403, "This link has expired. Open the conversation again to get a new one.") from error
        except SignatureBroken as error:
            raise HTTPException(404, "There is no file at this address.") from error
        return await answer(request, store, link.key, request.path_params["name"])

    return serve


async def answer(request: Request, store: FileStore, key: str, name: str) -> Response:
    """The file, or the part of it that ``Range`` asks for. ``?download`` has it saved instead of shown."""
    try:
        stat = await store.stat(key)
        mime = safe_type(await _collect(store.read(key, 0, min(stat.size, HEAD_BYTES))), name=name)
    except FileMissing as error:
        raise HTTPException(404, "There is no file at this address.") from error
    except StoreUnavailable as error:
        raise HTTPException(503, "The file cannot be read right now. Try again in a moment.") from error
    headers = _headers(mime, name, stat, saved="download" in request.query_params)
    if stat.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return _part(request, store, key, stat, headers)


def _part(request: Request, store: FileStore, key: str, stat: Stat, headers: dict[str, str]) -> Response:
    part = _range(request, stat)
    if part is None:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{stat.size}"})
    headers["Content-Length"] = str(len(part))
    if len(part) < stat.size:
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{stat.size}"
    pieces = store.read(key, part.start, part.stop) if request.method != "HEAD" else _nothing()
    return StreamingResponse(pieces, 206 if "Content-Range" in headers else 200, headers)


def _range(request: Request, stat: Stat) -> range | None:
    """The bytes to send; ``None`` if the file does not reach so far. Several ranges, or another version's, give the whole file."""
    whole = range(stat.size)
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or not any(asked.groups()) or request.headers.get("if-range", stat.etag) != stat.etag:
        return whole
    first, last = asked.groups()
    if not first:
        return whole[-int(last) :] if int(last) and stat.size else None
    if int(first) >= stat.size or (last and int(last) < int(first)):
        return None
    return whole[int(first) : int(last) + 1 if last else stat.size]


def _headers(mime: str, name: str, stat: Stat, *, saved: bool) -> dict[str, str]:
    shown = is_shown(mime) and not saved
    stated = TEXT if mime in DANGEROUS_TYPES else mime
    plain = re.sub(r"[^\w.-]", "_", name, flags=re.ASCII)
    return {
        "Content-Type": f"{stated}; charset=utf-8" if stated.startswith("text/") else stated,
        "Content-Disposition": f"{'inline' if shown else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        # The chat widget shows files on the pages of other sites.
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Cache-Control": f"private, max-age={CACHE_SECONDS}",
        "Accept-Ranges": "bytes",
        "ETag": stat.etag,
    }


async def _collect(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""
