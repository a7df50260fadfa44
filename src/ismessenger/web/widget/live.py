"""The visitors' WebSocket: ``/widget/{route}/live?token=…&after=SEQ`` sends what is new in their own conversation as JSON frames."""

import asyncio
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket, WebSocketDisconnect

from ismessenger.web.edge import Admits, admits
from ismessenger.web.errors import Forbidden, NotFound, Unauthorized
from ismessenger.web.ratelimit import Limit
from ismessenger.web.widget.chat import TOKEN_LENGTH, address_of, find_chat
from ismessenger.web.widget.room import Listening, Rooms

SEQ_LENGTH = 64
LOOK_SECONDS = 30
CONNECTS = Limit(per_second=2, burst=60)

# Close codes that the widget knows; others make it come again.
TOKEN_REFUSED, GONE, TRY_LATER = 4401, 4403, 1013


@admits(Admits.PROOF)
async def live(socket: WebSocket) -> None:
    """Serve one visitor's page until it goes."""
    # A handshake that is refused tells the page no reason: open first, and close with one.
    await socket.accept()
    try:
        await socket.app.state.limiter.require(f"widget-connect/{address_of(socket)}", CONNECTS)
        chat = await find_chat(socket)
        visitor = chat.visitor(socket.query_params.get("token", "")[:TOKEN_LENGTH])
    except HTTPException as error:
        await socket.close(_close_code(error))
        return
    listening = Listening(chat.target, visitor)
    rooms: Rooms = socket.app.state.visitors
    try:
        await rooms.enter(listening, socket.query_params.get("after", "")[:SEQ_LENGTH])
        await _until_it_goes(socket, listening)
    except HTTPException as error:
        await socket.close(_close_code(error))
    finally:
        await rooms.leave(listening)


async def _until_it_goes(socket: WebSocket, listening: Listening) -> None:
    sending = asyncio.create_task(listening.send_to(socket))
    receiving = asyncio.create_task(_wait_for_the_end(socket))
    watching = asyncio.create_task(_watch_the_chat(socket))
    done, pending = await asyncio.wait({sending, receiving, watching}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    outcomes: Sequence[object] = await asyncio.gather(*done, *pending, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect | RuntimeError | OSError):
            raise outcome


async def _wait_for_the_end(socket: WebSocket) -> None:
    """The page has nothing to say here; what it says anyway is dropped."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _watch_the_chat(socket: WebSocket) -> None:
    """Raises once the channel is disconnected, or its owner takes the website off the list."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        await find_chat(socket)


def _close_code(error: HTTPException) -> int:
    if isinstance(error, Forbidden | NotFound):
        return GONE
    return TOKEN_REFUSED if isinstance(error, Unauthorized) else TRY_LATER
