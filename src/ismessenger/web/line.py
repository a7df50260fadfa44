"""One browser tab's way out: frames wait here while the browser is slow, but never without end."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

MAX_FRAMES = 64
MAX_BYTES = 1 << 20
REFRESH = '<turbo-stream action="refresh"></turbo-stream>'
_REFRESH_WITHIN = '<turbo-stream action="refresh" within="{}"></turbo-stream>'


@dataclass(frozen=True, slots=True)
class Frame:
    """One message to a browser, encoded once for everybody who gets it. ``seq`` is empty where it moves nobody's position."""

    seq: str
    text: str
    refreshes: bool = False


def frame(seq: str, html: str, *, refreshes: bool = False, within_ms: int = 0) -> Frame:
    """Streams up to a position; with ``refreshes`` the page is also asked to read itself again, at some moment ``within_ms``."""
    refresh = (_REFRESH_WITHIN.format(within_ms) if within_ms else REFRESH) if refreshes else ""
    return Frame(seq, orjson.dumps({"seq": seq, "html": refresh + html}).decode(), refreshes)


def order(seq: str) -> tuple[int, int]:
    """A position as something to compare; what is no position comes first. Source: Redis, "Streams", entry ids."""
    time, _dash, count = seq.partition("-")
    return (int(time), int(count)) if time.isdigit() and count.isdigit() else (0, 0)


class Line:
    """Frames go out in order, by a task that lives only while there is something to send.

    It begins held: what comes is kept until `release` has put in front what the browser missed. ``viewing`` is the contact whose
    conversation it shows.
    """

    __slots__ = ("_bytes", "_closing", "_held", "_sending", "_socket", "_waiting", "member_id", "session", "viewing")

    def __init__(self, socket: WebSocket, member_id: int, session: str) -> None:
        self.member_id = member_id
        self.session = session
        self.viewing: int | None = None
        self._socket = socket
        self._waiting: list[Frame] = []  # short, and empty in a thousand of them: a deque takes 700 bytes to hold nothing
        self._bytes = 0
        self._held = True
        self._closing: int | None = None
        self._sending: asyncio.Task[None] | None = None

    def send(self, next_frame: Frame) -> None:
        """Send soon. A browser that is too slow loses what waits and is told to refresh."""
        if self._closing is not None:
            return
        self._waiting.append(next_frame)
        self._bytes += len(next_frame.text)
        if len(self._waiting) > MAX_FRAMES or self._bytes > MAX_BYTES:
            self._give_up()
        self._start()

    def release(self, seq: str, missed: Frame | None) -> None:
        """Begin: first what was missed up to ``seq``, then what came after that."""
        kept = [waiting for waiting in self._waiting if waiting.refreshes or not waiting.seq or order(waiting.seq) > order(seq)]
        self._waiting = [missed, *kept] if missed else kept
        self._bytes = sum(len(waiting.text) for waiting in self._waiting)
        self._held = False
        self._start()

    def close(self, code: int) -> None:
        """Hang up, after what is being sent right now."""
        self._waiting.clear()
        self._bytes = 0
        self._held = False
        self._closing = code
        self._start()

    def _give_up(self) -> None:
        seq = next((waiting.seq for waiting in reversed(self._waiting) if waiting.seq), "")
        self._waiting = [frame(seq, "", refreshes=True)]
        self._bytes = len(self._waiting[0].text)

    def _start(self) -> None:
        if self._sending is None and not self._held and (self._waiting or self._closing):
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        try:
            with suppress(WebSocketDisconnect, RuntimeError, OSError):
                # It has gone: whoever reads from it notices and lets it go.
                while self._waiting:
                    following = self._waiting.pop(0)
                    self._bytes -= len(following.text)
                    await self._socket.send_text(following.text)
                if self._closing is not None:
                    await self._socket.close(self._closing)
        finally:
            self._sending = None
