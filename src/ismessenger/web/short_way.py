"""A short way for webhooks: by far the most requests, and nearly all of them as they should be."""

from collections.abc import Sequence
from http import HTTPStatus
from time import perf_counter

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ismessenger.channels.ingest import NotStored, RawEvent, raw_event
from ismessenger.kit.metrics import REQUESTS
from ismessenger.web.errors import COME_AGAIN
from ismessenger.web.hooks import NOT_STORED, prove, raw_of

# Whoever sends more than this is looked at more closely on the long way, where the limits are.
MAX_HEADERS = 50
MAX_BODY_BYTES = 256 << 10

Header = tuple[bytes, bytes]
_NOT_STORED = orjson.dumps({"error": {"message": NOT_STORED}})
_COME_AGAIN = [(name.lower().encode(), value.encode()) for name, value in COME_AGAIN.items()]


class ShortWay:
    """Stores and answers genuine webhooks of channels that are known. Everything else goes the long way, which tells what is wrong.

    ``headers`` are those that every answer carries.
    """

    def __init__(self, app: ASGIApp, *, headers: Sequence[Header]) -> None:
        self.app = app
        self._headers = [*headers, (b"content-type", b"application/json")]
        self._ok_headers = [*self._headers, (b"content-length", b"2")]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/hooks/"):
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        body = _Body(receive)
        event = await _event(scope, body)
        if event is None:
            await self.app(scope, body.again, send)
            return
        try:
            await scope["app"].state.ingest.add([event])
        except NotStored:
            length = (b"content-length", b"%d" % len(_NOT_STORED))
            await _answer(send, HTTPStatus.SERVICE_UNAVAILABLE, [*self._headers, *_COME_AGAIN, length], _NOT_STORED, began)
        else:
            await _answer(send, HTTPStatus.OK, self._ok_headers, b"{}", began)


class _Body:
    """A request's body, which may be read and then handed to somebody else to read again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self._read = 0

    async def whole(self) -> bytes | None:
        """All of it; ``None`` if it is large or the caller left."""
        size = 0
        while True:
            message = await self._receive()
            self._messages.append(message)
            size += len(message.get("body", b""))
            if message["type"] != "http.request" or size > MAX_BODY_BYTES:
                return None
            if not message.get("more_body"):
                return b"".join([part["body"] for part in self._messages])

    async def again(self) -> Message:
        """What was received before, then what comes."""
        if self._read < len(self._messages):
            self._read += 1
            return self._messages[self._read - 1]
        return await self._receive()


async def _event(scope: Scope, body: _Body) -> tuple[str, RawEvent] | None:
    """What to store, and in which home; ``None`` for all but a genuine webhook of a channel that was asked for just now."""
    kind, _slash, route = scope["path"][len("/hooks/") :].partition("/")
    target = scope["app"].state.routes.known(kind, route)
    if target is None or len(scope["headers"]) > MAX_HEADERS:
        return None
    content = await body.whole()
    if content is None:
        return None
    raw = raw_of(scope, content)
    try:
        if prove(target, raw) is not None:
            return None
    except Exception:  # noqa: BLE001 - the long way meets it again and knows the words for it
        return None
    return target.home, raw_event(target, raw)


async def _answer(send: Send, status: HTTPStatus, headers: Sequence[Header], content: bytes, began: float) -> None:
    REQUESTS.labels("web.hooks.hook", "POST", str(status.value)).observe(perf_counter() - began)
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": content})
