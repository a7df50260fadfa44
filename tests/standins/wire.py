"""HTTP/1.1 as a stand-in speaks it: one connection, kept alive between requests."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import h11

_READ_BYTES = 65_536


@dataclass
class Recorded:
    """One request as it arrived. ``outcome`` is the mode that it met."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    outcome: str = "ok"

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def describe(self) -> dict[str, Any]:
        """For ``GET /_requests``: the body as JSON where it is JSON, else as text."""
        try:
            body = self.json()
        except ValueError:
            body = self.body.decode("utf-8", "replace")
        return {**asdict(self), "body": body}


@dataclass
class Answer:
    """What a provider answers; ``body`` is JSON unless it is bytes."""

    body: Any = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Conversation:
    """HTTP/1.1 on one connection, kept alive between requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.SERVER)

    async def next_request(self) -> Recorded | None:
        """The next request, or ``None`` when the caller has gone."""
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        head, body = None, bytearray()
        while True:
            match event := await self._next_event():
                case h11.Request():
                    head = event
                case h11.Data():
                    body += event.data
                case h11.EndOfMessage() if head is not None:
                    return _recorded(head, bytes(body))
                case _:
                    return None

    async def _next_event(self) -> Any:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._writer.write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            self._http.receive_data(await self._reader.read(_READ_BYTES))
        return event

    async def answer(self, answer: Answer) -> None:
        """Write a whole answer."""
        raw = isinstance(answer.body, bytes)
        body = answer.body if raw else json.dumps(answer.body).encode()
        kind = "application/octet-stream" if raw else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **answer.headers}
        for event in (h11.Response(status_code=answer.status, headers=list(headers.items())), h11.Data(data=body), h11.EndOfMessage()):
            self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()


def _recorded(head: h11.Request, body: bytes) -> Recorded:
    address = urlsplit(head.target.decode("ascii"))
    headers = {name.decode("ascii").lower(): value.decode("latin-1") for name, value in head.headers}
    return Recorded(head.method.decode("ascii"), unquote(address.path), dict(parse_qsl(address.query)), headers, body)
