"""Who is connected, and what each of them is told: one room per workspace and process, which asks the database once for everybody in it.

A frame holds any of ``seq`` (the position to resume from), ``messages``, ``typing``, and ``refresh`` where something may have been
missed and the page should ask for the history again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket

from ismessenger.channels import visitors
from ismessenger.channels.route import Target
from ismessenger.channels.visitors import Visitor
from ismessenger.installation import Installation
from ismessenger.kit.tasks import end
from ismessenger.realtime.feed import Batch, Feed
from ismessenger.web.errors import TooMany
from ismessenger.web.widget.messages import shown_messages

log = structlog.get_logger()

BEAT_SECONDS = 20
WAITING_FRAMES = 64
WAITING_BATCHES = 256
SOCKETS_PER_VISITOR = 12

# A change without a trace: {"kind": "typing", "contact_id": …, "by": "member" or "contact", "name": …}.
TYPING, MEMBER, CONTACT = "typing", "member", "contact"
# Changes that a visitor may see; each carries the id of its message.
_SHOWN = frozenset({"message", "status"})

Frame = dict[str, Any]


class Listening:
    """One socket of one visitor. A page that reads too slowly is told to refresh, never buffered without end."""

    def __init__(self, target: Target, visitor: Visitor) -> None:
        self.target = target
        self.visitor = visitor
        self._frames: asyncio.Queue[Frame] = asyncio.Queue(WAITING_FRAMES)
        self._seq = ""

    @property
    def who(self) -> tuple[int, str]:
        """Channel and identifier."""
        return self.target.channel_id, self.visitor.identifier

    def tell(self, frame: Frame) -> None:
        """Send a frame soon."""
        if self._frames.full():
            while not self._frames.empty():
                self._frames.get_nowait()
            frame = {"refresh": True, **({"seq": frame["seq"]} if "seq" in frame else {})}
        self._frames.put_nowait(frame)

    def reached(self, seq: str) -> None:
        """Remember a position up to which there was nothing for this visitor."""
        self._seq = seq

    async def send_to(self, socket: WebSocket) -> None:
        """Send for ever; a beat in silence, by which the page sees that the connection lives and how far it has come."""
        while True:
            try:
                async with asyncio.timeout(BEAT_SECONDS):
                    frame = await self._frames.get()
            except TimeoutError:
                frame = {"seq": self._seq} if self._seq else {}
            self._seq = frame.get("seq", self._seq)
            await socket.send_json(frame)


class Room:
    """The visitors of one workspace who are connected to this process."""

    def __init__(self, installation: Installation, workspace_id: int) -> None:
        self._installation = installation
        self._workspace_id = workspace_id
        self._present: dict[tuple[int, str], set[Listening]] = defaultdict(set)
        self._batches: asyncio.Queue[Batch] = asyncio.Queue(WAITING_BATCHES)
        self._work = asyncio.create_task(self._follow())

    def enter(self, listening: Listening) -> None:
        """Take a socket in. Raises `TooMany` if this visitor has too many."""
        sockets = self._present[listening.who]
        if len(sockets) >= SOCKETS_PER_VISITOR:
            raise TooMany
        sockets.add(listening)

    def leave(self, listening: Listening) -> bool:
        """Let a socket go; true if it was the last one."""
        sockets = self._present[listening.who]
        sockets.discard(listening)
        if not sockets:
            del self._present[listening.who]
        return not self._present

    async def changed(self, batch: Batch) -> None:
        """From the feed, which waits for nobody."""
        if self._batches.full():
            while not self._batches.empty():
                self._batches.get_nowait()
            batch = Batch(batch.workspace_id, batch.seq, (), refresh=True)
        self._batches.put_nowait(batch)

    async def close(self) -> None:
        """Stop following."""
        await end(self._work)

    async def tell(self, batch: Batch, listeners: Iterable[Listening]) -> None:
        """Give each of these listeners what a batch holds for it."""
        everybody = list(listeners)
        if batch.refresh:
            for listening in everybody:
                listening.tell({"refresh": True, "seq": batch.seq})
            return None
        try:
            news = await self._news(batch, {listening.target.channel_id: listening.target for listening in everybody})
        except (SQLAlchemyError, OSError) as error:
            log.warning("widget.news_lost", workspace_id=self._workspace_id, error=str(error).splitlines()[0])
            return await self.tell(Batch(batch.workspace_id, batch.seq, (), refresh=True), everybody)
        for listening in everybody:
            if frame := news.get(listening.who):
                listening.tell({**frame, "seq": batch.seq})
            else:
                listening.reached(batch.seq)
        return None

    async def _follow(self) -> None:
        while True:
            batch = await self._batches.get()
            try:
                await self.tell(batch, [listening for sockets in self._present.values() for listening in sockets])
            except Exception:
                # A bug that one message brings out must not end the room for everybody in it.
                log.exception("widget.room_failed", workspace_id=self._workspace_id)

    async def _news(self, batch: Batch, targets: dict[int, Target]) -> dict[tuple[int, str], Frame]:
        ids = [change["id"] for change in batch.changes if change["kind"] in _SHOWN and isinstance(change.get("id"), int)]
        typing = {
            change["contact_id"]: change.get("name") for change in batch.changes if change["kind"] == TYPING and change.get("by") == MEMBER
        }
        if not ids and not typing:
            return {}
        async with self._installation.tenancy.reading(self._workspace_id) as db:
            rows = await visitors.messages_of_visitors(db, list(targets), cast("list[int]", ids)) if ids else ()
            written_to = await visitors.visitors_among(db, list(targets), cast("list[int]", list(typing))) if typing else ()
        news: dict[tuple[int, str], Frame] = {}
        for channel_id, identifier, contact_id in written_to:
            news[channel_id, identifier] = {"typing": {"name": typing[contact_id]}}
        for row in rows:
            shown = shown_messages(self._installation, targets[row["channel_id"]], [row])
            frame = news.setdefault((row["channel_id"], row["identifier"]), {})
            frame.setdefault("messages", []).extend(shown)
        return news


class Rooms:
    """All rooms of a web process."""

    def __init__(self, installation: Installation, feed: Feed) -> None:
        self._installation = installation
        self._feed = feed
        self._rooms: dict[int, Room] = {}

    async def enter(self, listening: Listening, after: str) -> None:
        """Let a visitor in, and tell it what happened after the position that it knows. Raises `TooMany`."""
        workspace_id = listening.target.workspace_id
        if (room := self._rooms.get(workspace_id)) is None:
            room = self._rooms[workspace_id] = Room(self._installation, workspace_id)
        room.enter(listening)
        await self._feed.join(workspace_id, room)
        missed = await self._feed.since(workspace_id, after)
        await room.tell(missed, [listening])

    async def leave(self, listening: Listening) -> None:
        """Let a visitor go, also one that was not let in; an empty room is closed."""
        workspace_id = listening.target.workspace_id
        room = self._rooms[workspace_id]
        if room.leave(listening):
            del self._rooms[workspace_id]
            self._feed.leave(workspace_id, room)
            await room.close()


async def visitor_typing(installation: Installation, target: Target, visitor: Visitor) -> None:
    """Tell the agents who look at this visitor's conversation. It may get lost."""
    async with installation.tenancy.reading(target.workspace_id) as db:
        contact_id = await visitors.contact_of(db, target.channel_id, visitor.identifier)
    if contact_id is not None:
        with suppress(RedisError, OSError):
            await installation.publisher.send(target.workspace_id, [{"kind": TYPING, "contact_id": contact_id, "by": CONTACT}])
