"""A short way for webhooks: by far the most requests, and nearly all of them as they should be."""

from collections.abc import Awaitable, Sequence
from functools import lru_cache
from http import HTTPStatus
from time import perf_counter

import orjson
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ismessenger.automation.http_request import DEPTH_HEADER
from ismessenger.channels.ingest import NotStored, RawEvent, raw_event
from ismessenger.kit.metrics import REQUESTS
from ismessenger.web.errors import COME_AGAIN, expected
from ismessenger.web.hooks import NOT_STORED, prove, raw_of
from ismessenger.web.one_write import ReadyAnswer
from ismessenger.web.widget.chat import KIND as VISITORS
from ismessenger.web.workflows.hook import BODY_BYTES, PLACE, take_call

# Whoever sends more than this is looked at more closely on the long way, where the limits are.
MAX_HEADERS = 50
MAX_BODY_BYTES = 256 << 10
HTTP_OK = HTTPStatus.OK.value  # an enumeration takes its time to answer

CALLS = f"{PLACE}/"

Header = tuple[bytes, bytes]
_DEPTH = DEPTH_HEADER.lower().encode()
_NOT_STORED = orjson.dumps({"error": {"message": NOT_STORED}})
_COME_AGAIN = [(name.lower().encode(), value.encode()) for name, value in COME_AGAIN.items()]


class ShortWay:
    """Stores and answers genuine webhooks of channels that are known, and calls that begin workflows. All else goes the long way.

    ``headers`` are those that every answer carries.
    """

    def __init__(self, app: ASGIApp, *, headers: Sequence[Header]) -> None:
        self.app = app
        self._headers = [*headers, (b"content-type", b"application/json")]
        self._ok = ReadyAnswer(self._headers, b"{}")

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one connection."""
        # A coroutine of its own would last as long as each WebSocket does.
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/hooks/"):
            return self.app(scope, receive, send)
        return self._take(scope, receive, send)

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = perf_counter()
        body = _Body(receive)
        if scope["path"].startswith(CALLS):
            await self._call(scope, body, send, began)
            return
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
            _histogram("web.hooks.hook", HTTP_OK).observe(perf_counter() - began)
            await self._ok.send(send)

    async def _call(self, scope: Scope, body: "_Body", send: Send, began: float) -> None:
        """A call that begins a workflow. One that is refused has its answer here too: it was counted already."""
        state = scope["app"].state
        hook = state.workflow_hooks.known(scope["path"][len(CALLS) :])
        content = await body.whole() if hook is not None and len(scope["headers"]) <= MAX_HEADERS else None
        if hook is None or content is None or len(content) > BODY_BYTES:
            await self.app(scope, body.again, send)
            return
        headers = self._headers
        try:
            depth = next((value.decode("latin-1") for name, value in scope["headers"] if name == _DEPTH), "")
            said, status = orjson.dumps(await take_call(state, hook, content, depth)), 200
        except Exception as error:
            if (refusal := expected(error)) is None:
                raise
            said, status = orjson.dumps({"error": {"message": refusal.detail}}), refusal.status_code
            headers = [*headers, *((name.lower().encode(), value.encode()) for name, value in (refusal.headers or {}).items())]
        length = (b"content-length", b"%d" % len(said))
        await _answer(send, HTTPStatus(status), [*headers, length], said, began, served_by="web.workflows.hook.called")


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
    target = scope["app"].state.routes.known(kind, route) if kind != VISITORS else None
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


@lru_cache
def _histogram(served_by: str, status: int) -> Histogram:
    return REQUESTS.labels(served_by, "POST", str(status))


async def _answer(
    send: Send, status: HTTPStatus, headers: Sequence[Header], content: bytes, began: float, *, served_by: str = "web.hooks.hook"
) -> None:
    _histogram(served_by, status.value).observe(perf_counter() - began)
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": content})
