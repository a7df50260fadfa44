"""A small HTTP server that plays a provider and can be told to misbehave.

In a test::

    async with CustomChannelServer() as provider:
        provider.throttle(retry_after=2, count=1)
        ...
        assert provider.requests[0].json() == {...}

As a program: ``python -m tests.standins.custom_channel --port 9000`` prints its URL. ``POST /_control`` takes the fields of `Behaviour`
as JSON, ``GET /_requests`` shows what arrived, ``DELETE /_requests`` forgets it.
"""

import argparse
import asyncio
import signal
import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self, get_args

import h11

from tests.standins.wire import Answer, Conversation, Recorded

__all__ = ["Answer", "Behaviour", "Mode", "Recorded", "StandIn", "run"]

Mode = Literal["ok", "throttle", "fail", "hang", "late", "drop"]


@dataclass
class Behaviour:
    """How to misbehave, for the next ``count`` requests (``None``: until told otherwise) whose path holds ``path``.

    ``taken`` says whether the provider does its work (keeps the message, counts its id) although the caller gets no good answer.
    ``seconds`` is how late "late" answers; ``body`` replaces the JSON that "throttle" and "fail" answer.
    """

    mode: Mode = "ok"
    count: int | None = None
    path: str = ""
    status: int = 500
    retry_after: int | None = None
    seconds: float = 0.0
    taken: bool | None = None
    body: Any = None

    @property
    def does_the_work(self) -> bool:
        """By default what is late or dropped was taken, what hangs, fails or is throttled was not."""
        return self.mode in {"ok", "late", "drop"} if self.taken is None else self.taken


class StandIn:
    """Inherit and override `respond`. ``url`` is set while it runs, on a free loopback port unless one is given."""

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._connections: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Condition()
        self.behaviours: list[Behaviour] = []
        self.requests: list[Recorded] = []
        self.url = ""

    async def respond(self, request: Recorded) -> Answer:
        """What the provider answers when all is well. Called once per request that it takes."""
        return Answer()

    def failure_body(self, behaviour: Behaviour) -> Any:
        """The provider's own form of an error, for "throttle" and "fail"."""
        return {"error": {"message": "Too many requests" if behaviour.mode == "throttle" else f"Failing with {behaviour.status}"}}

    # --- Telling it what to do ---

    def behave(self, behaviour: Behaviour) -> None:
        """Replace what was told before for the same path; "ok" forgets it."""
        self.behaviours = [known for known in self.behaviours if known.path != behaviour.path]
        if behaviour.mode != "ok":
            self.behaviours.append(behaviour)

    def throttle(self, retry_after: int | None = None, *, count: int | None = None, path: str = "") -> None:
        """Answer 429."""
        self.behave(Behaviour("throttle", count, path, status=429, retry_after=retry_after))

    def fail(self, status: int = 500, *, body: Any = None, count: int | None = None, path: str = "") -> None:
        """Answer with an error status."""
        self.behave(Behaviour("fail", count, path, status=status, body=body))

    def hang(self, *, taken: bool = False, count: int | None = None, path: str = "") -> None:
        """Read the request and never answer."""
        self.behave(Behaviour("hang", count, path, taken=taken))

    def late(self, seconds: float, *, count: int | None = None, path: str = "") -> None:
        """Answer well, but after a while."""
        self.behave(Behaviour("late", count, path, seconds=seconds))

    def drop(self, *, taken: bool = True, count: int | None = None, path: str = "") -> None:
        """Read the request, then close the connection without a word."""
        self.behave(Behaviour("drop", count, path, taken=taken))

    def recover(self) -> None:
        """Behave well again."""
        self.behaviours.clear()

    async def received(self, count: int, *, within: float = 60.0) -> list[Recorded]:
        """Wait until ``count`` requests have arrived. Raises `TimeoutError` after ``within`` seconds."""
        async with asyncio.timeout(within), self._arrived:
            await self._arrived.wait_for(lambda: len(self.requests) >= count)
        return self.requests

    # --- Running ---

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await self._converse(Conversation(reader, writer))
        except (ConnectionError, h11.RemoteProtocolError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _converse(self, conversation: Conversation) -> None:
        while (request := await conversation.next_request()) is not None:
            answer = self._control(request) if request.path.startswith("/_") else await self._answer(request)
            if answer is None:
                return
            await conversation.answer(answer)

    async def _answer(self, request: Recorded) -> Answer | None:
        """``None`` means: close the connection."""
        behaviour = self._next_behaviour(request)
        request.outcome = behaviour.mode
        answer = await self.respond(request) if behaviour.does_the_work else Answer()
        async with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
        match behaviour.mode:
            case "ok":
                return answer
            case "late":
                await asyncio.sleep(behaviour.seconds)
                return answer
            case "hang":
                await asyncio.Event().wait()
            case "throttle" | "fail":
                headers = {} if behaviour.retry_after is None else {"Retry-After": str(behaviour.retry_after)}
                return Answer(behaviour.body if behaviour.body is not None else self.failure_body(behaviour), behaviour.status, headers)
        return None

    def _next_behaviour(self, request: Recorded) -> Behaviour:
        for behaviour in self.behaviours:
            if behaviour.path in request.path and behaviour.count != 0:
                if behaviour.count is not None:
                    behaviour.count -= 1
                return behaviour
        return Behaviour()

    def _control(self, request: Recorded) -> Answer:
        match request.method, request.path:
            case "POST", "/_control":
                return self._told(request)
            case "GET", "/_requests":
                return Answer([recorded.describe() for recorded in self.requests])
            case "DELETE", "/_requests":
                self.requests.clear()
                return Answer({"ok": True})
        return Answer({"error": {"message": "Unknown control address"}}, 404)

    def _told(self, request: Recorded) -> Answer:
        try:
            told = request.json()
            behaviour = Behaviour(**{"status": 429, **told} if told.get("mode") == "throttle" else told)
        except (ValueError, TypeError, AttributeError) as error:
            return Answer({"error": {"message": f"This is no behaviour: {error}"}}, 400)
        if behaviour.mode not in get_args(Mode):
            return Answer({"error": {"message": f"mode must be one of {', '.join(get_args(Mode))}"}}, 400)
        self.behave(behaviour)
        return Answer({"ok": True})


def run(stand_in: type[StandIn]) -> None:
    """The program behind ``python -m tests.standins.…``: serve until SIGINT or SIGTERM."""
    arguments = argparse.ArgumentParser(description=stand_in.__doc__)
    arguments.add_argument("--port", type=int, default=0, help="0 takes a free one")
    asyncio.run(_serve(stand_in, arguments.parse_args().port))


async def _serve(stand_in: type[StandIn], port: int) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with stand_in(port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await stopped.wait()
