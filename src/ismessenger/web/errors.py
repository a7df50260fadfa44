"""What the server refuses, in words for the person who reads them, and the answer to what went wrong on our side."""

from collections.abc import Callable, Mapping
from html import escape
from http import HTTPStatus
from math import ceil
from typing import ClassVar

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException, WebSocketException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ismessenger.kit.pagination import CursorInvalid
from ismessenger.sdk.words import gettext, marked
from ismessenger.tenancy.doors import WorkspaceNotFound
from ismessenger.tenancy.parted import is_deadlock

log = structlog.get_logger(__name__)

COME_AGAIN = {"Retry-After": "5"}
POLICY_VIOLATION = 1008
INTERNAL_ERROR = 1011

RenderError = Callable[[Request, int, str], Response]
"""Makes the page of an error out of the request, the status and the sentence."""


class Refused(HTTPException):
    """An expected error, answered with a 4xx status (503 for `Unavailable`) and a sentence."""

    status: ClassVar[int]
    words: ClassVar[str]

    def __init__(self, words: str | None = None, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(self.status, words or gettext(self.words), headers)


class BadRequest(Refused):
    """The request is malformed."""

    status = 400
    words = marked("The server cannot read this request.")


class Unauthorized(Refused):
    """Nobody is signed in, or a token or signature is missing or wrong."""

    status = 401
    words = marked("Sign in to go on.")


class Forbidden(Refused):
    """The member or token may not do this."""

    status = 403
    words = marked("You are not allowed to do this. An owner of the workspace can change that.")


class NotFound(Refused):
    """There is no such thing here, or the member may not know of it."""

    status = 404
    words = marked("There is nothing at this address. It may have been moved or deleted.")


class MethodNotAllowed(Refused):
    """The address exists, but not for this method."""

    status = 405
    words = marked("This address does not take such a request.")


class Conflict(Refused):
    """The thing is in a state that rules this out, or exists already."""

    status = 409
    words = marked("Somebody else changed this in the meantime.")


class TooLarge(Refused):
    """The body is over its limit."""

    status = 413
    words = marked("This is larger than the server takes.")


class Unprocessable(Refused):
    """The fields are readable and wrong."""

    status = 422
    words = marked("Some of this is not valid.")


class TooMany(Refused):
    """A rate is exceeded. ``retry_after`` is in seconds."""

    status = 429
    words = marked("Too many requests. Wait a moment.")

    def __init__(self, words: str | None = None, *, retry_after: float = 1) -> None:
        super().__init__(words, headers={"Retry-After": str(max(1, ceil(retry_after)))})


class HeadersTooLarge(Refused):
    """The headers are over their limit."""

    status = 431
    words = marked("The headers of this request are larger than the server takes.")


class Unavailable(Refused):
    """Something we need is away; the same request works later."""

    status = 503
    words = marked("The server cannot do this right now. Try again in a moment.")


_SENTENCES = {kind.status: kind.words for kind in Refused.__subclasses__()}
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_JSON_PREFIXES = ("/hooks/", "/custom/", "/widget/")


class Failures:
    """Turns what endpoints and inner middleware raise into answers. What nobody expected is logged and told no details of."""

    def __init__(self, app: ASGIApp, render_error: RenderError | None = None) -> None:
        self.app = app
        self._render = render_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except (ClientDisconnect, WebSocketDisconnect):
            log.debug("client left")
        except Exception as error:
            if (refusal := expected(error)) is None:
                log.exception("request failed")
            if started:
                await _break_off(scope, send)
                return
            response = _respond(scope, refusal or HTTPException(500), self._render)
            await response(scope, receive, send)


def handlers(render_error: RenderError | None = None) -> dict[type[Exception], ExceptionHandler]:
    """What Starlette's ``exception_handlers`` needs, so that errors raised by its own routing read like ours."""

    async def refuse(connection: Request | WebSocket, error: Exception) -> Response | None:
        assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for nothing else
        if isinstance(connection, WebSocket) and connection.application_state is not WebSocketState.CONNECTING:
            await connection.close(POLICY_VIOLATION, error.detail)
            return None
        return _respond(connection.scope, error, render_error)

    return {HTTPException: refuse}  # type: ignore[dict-item]  # Starlette's type knows handlers of one kind of connection only


def expected(error: Exception) -> HTTPException | None:
    """The answer to what can happen without a fault of ours; None to all else."""
    match error:
        case HTTPException():
            return error
        case WebSocketException():
            return Forbidden(error.reason or None)
        case CursorInvalid():
            return BadRequest(str(error))
        case WorkspaceNotFound():
            return NotFound()
        case DBAPIError() if error.connection_invalidated or is_deadlock(error):
            return Unavailable(headers=COME_AGAIN)
        case ConnectionError() | TimeoutError() | RedisConnectionError() | PoolTimeout():
            return Unavailable(headers=COME_AGAIN)
        case MultiPartException():
            return BadRequest(gettext("The form cannot be read: %(message)s") % {"message": error.message})
        case _:
            return None


async def _break_off(scope: Scope, send: Send) -> None:
    """End an answer that has begun. An HTTP answer left unfinished makes the server cut the connection."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": INTERNAL_ERROR, "reason": ""})


def _respond(scope: Scope, error: HTTPException, render: RenderError | None) -> Response:
    status, words = error.status_code, _words(scope, error)
    path = scope["path"]
    if status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}:
        return Response(status_code=status, headers=error.headers)
    if path.startswith("/v2/"):
        return JSONResponse({"code": status, "message": words}, status, error.headers)
    if scope["type"] == "websocket" or path.startswith(_JSON_PREFIXES) or not _wants_page(scope):
        return JSONResponse({"error": {"message": words}}, status, error.headers)
    response = _page(scope, status, words, render)
    response.headers.update(error.headers or {})
    return response


def _words(scope: Scope, error: HTTPException) -> str:
    """The sentence that was given, not the bare phrase that Starlette fills in."""
    if error.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        number = scope.get("state", {}).get("request_id", "—")
        return gettext("Something went wrong on our side. It was noted under %(number)s.") % {"number": number}
    bare = error.detail in {"", _PHRASES.get(error.status_code)}
    known = _SENTENCES.get(error.status_code)
    return gettext(known) if bare and known else error.detail


def _wants_page(scope: Scope) -> bool:
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    return b"json" not in accept or b"html" in accept


def _page(scope: Scope, status: int, words: str, render: RenderError | None) -> Response:
    if render is not None:
        try:
            return render(Request(scope), status, words)
        except Exception:
            # The page of the error is itself broken: the sentence must still arrive.
            log.exception("error page failed")
    title = f"{status} {_PHRASES.get(status, '')}"
    return HTMLResponse(f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1><p>{escape(words)}</p>', status)
