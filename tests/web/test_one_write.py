"""Head and body of an answer leave together, and nothing of an answer is lost or kept back."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from ismessenger.kit import clock
from ismessenger.web.one_write import LARGE_BYTES, Gathering, ReadyAnswer
from tests.serving import served

HEAD_AND_BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


class Line(asyncio.Transport):
    """A connection whose other side is this list."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.sent.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


async def test_what_is_written_in_one_turn_is_sent_at_once() -> None:
    line = Line()
    gathering = Gathering(line)
    gathering.write(HEAD_AND_BODY[:-2])
    gathering.write(HEAD_AND_BODY[-2:])
    assert line.sent == []
    await asyncio.sleep(0)
    assert line.sent == [HEAD_AND_BODY]
    gathering.write(b"next")
    await asyncio.sleep(0)
    assert line.sent == [HEAD_AND_BODY, b"next"]


async def test_much_is_not_kept_back() -> None:
    line = Line()
    gathering = Gathering(line)
    gathering.write(b"head")
    gathering.write(bytes(LARGE_BYTES + 1))
    assert [len(part) for part in line.sent] == [LARGE_BYTES + 5]


async def test_closing_sends_what_is_left_and_nothing_afterwards() -> None:
    line = Line()
    gathering = Gathering(line)
    gathering.write(b"last words")
    gathering.close()
    await asyncio.sleep(0)
    assert (line.sent, line.closed) == ([b"last words"], True)


async def test_a_connection_that_the_other_side_closed_is_written_no_more() -> None:
    line = Line()
    gathering = Gathering(line)
    gathering.write(b"to nobody")
    line.close()
    await asyncio.sleep(0)
    assert line.sent == []


HEADERS = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff")]
POST = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    ready = ReadyAnswer(HEADERS, b"{}")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        if scope["path"] == "/bare":
            await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, (b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"{}"})
        else:
            await ready.send(send)

    async with served(app) as port:
        yield port


async def talked(port: int, words: bytes, answers: int) -> list[bytes]:
    """What a connection answers to these bytes, without the date; then it is left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(words)
    said = [await reader.readuntil(b"\r\n\r\n{}") for _number in range(answers)]
    if b"Connection: close" in words:
        assert await reader.read() == b""
    writer.close()
    return [re.sub(rb"date: [^\r]+\r\n", b"", answer) for answer in said]


async def test_a_ready_answer_is_the_one_that_uvicorn_would_have_written(port: int) -> None:
    ready = POST + b"\r\n{}"
    bare = ready.replace(b"POST / ", b"POST /bare ")
    assert await talked(port, ready, 1) == await talked(port, bare, 1)


async def test_it_is_dated(port: int) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://127.0.0.1:{port}/", content=b"{}")
    assert abs(parsedate_to_datetime(answer.headers["date"]) - clock.now()) < timedelta(minutes=1)
    assert (answer.status_code, answer.json(), answer.headers["x-content-type-options"]) == (200, {}, "nosniff")


async def test_one_connection_is_answered_as_often_as_it_asks_also_before_it_was_answered(port: int) -> None:
    ready = POST + b"\r\n{}"
    bare = ready.replace(b"POST / ", b"POST /bare ")
    answers = await talked(port, ready + bare + ready + ready + bare, 5)
    assert len(answers) == 5
    assert len(set(answers)) == 1


async def test_who_wants_the_connection_closed_gets_it_closed(port: int) -> None:
    (answer,) = await talked(port, POST + b"Connection: close\r\n\r\n{}", 1)
    assert b"connection: close\r\n" in answer


async def test_who_asks_whether_to_go_on_is_told_so_first(port: int) -> None:
    (answer,) = await talked(port, POST + b"Expect: 100-continue\r\n\r\n{}", 1)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")


async def test_any_other_server_is_answered_in_its_own_way() -> None:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    await ReadyAnswer(HEADERS, b"{}").send(send)
    assert messages == [
        {"type": "http.response.start", "status": 200, "headers": [*HEADERS, (b"content-length", b"2")]},
        {"type": "http.response.body", "body": b"{}"},
    ]
