"""The pages with sample objects on a real server: for looking at them, and for driving the scripts without a database.

What a script posts is kept in ``posted``; ``push`` sends a frame to every open page.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from ismessenger.conversations.inboxes import inbox_named
from ismessenger.kit import clock
from ismessenger.kit.crypto import Vault
from ismessenger.sdk.content import Text
from ismessenger.settings import Settings
from ismessenger.web import templating
from ismessenger.web.assets import STATIC
from ismessenger.web.inboxes.place import place_at
from ismessenger.web.security import SecurityHeaders
from ismessenger.web.view import Card, CardPage, CommentView, ThreadView, TimelineItem, TimelinePage
from tests.web import samples
from tests.web.samples_of_conversations import ASSIGNMENT, CLOSING, SNOOZING

LAMP = Path(__file__).with_name("lamp.svg")


@dataclass
class Preview:
    """The application and its strings: what it was sent, whom it can tell something, how it answers."""

    posted: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    sockets: list[WebSocket] = field(default_factory=list)
    afters: list[str] = field(default_factory=list)
    refuse: str = ""
    items: list[TimelineItem] = field(default_factory=samples.conversation)
    drafts_saved: dict[tuple[int, str], str] = field(default_factory=dict)
    seq: int = 0
    seq_of_pages: int | None = None
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    expected_complaints: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.hold.set()

    def app(self) -> Starlette:
        routes = [
            Route("/session", self.sign_in),
            Route("/settings/channels", self.settings),
            Route("/guide", self.guide),
            Route("/error", self.error),
            Route("/inbox/counts", self.counts),
            Route("/notifications/unread", self.unread),
            Route("/inbox", self.inbox),
            Route("/inbox/{name}", self.inbox),
            Route("/inbox/{name}/contacts/{contact_id:int}", self.inbox),
            Route("/contacts/{contact_id:int}/messages", self.reply, methods=["POST"]),
            Route("/contacts/{contact_id:int}/comments", self.accept, methods=["POST"]),
            Route("/contacts/{contact_id:int}/read", self.accept, methods=["POST"]),
            Route("/contacts/{contact_id:int}/assignment", self.assignment),
            Route("/contacts/{contact_id:int}/assignment", self.accept, methods=["POST"]),
            Route("/contacts/{contact_id:int}/snooze", self.snoozing),
            Route("/contacts/{contact_id:int}/closure", self.closure),
            Route("/contacts/{contact_id:int}/timeline", self.timeline),
            Route("/contacts/{contact_id:int}/drafts", self.drafts, methods=["GET", "PUT"]),
            Route("/contacts/{contact_id:int}/{part}", self.part),
            Route("/uploads", self.upload, methods=["POST"]),
            Route("/sample/lamp.svg", lambda _request: Response(LAMP.read_bytes(), media_type="image/svg+xml")),
            WebSocketRoute("/live", self.live),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
        vault = Vault(["a-key-of-the-preview-0123456789"])
        headers = Middleware(SecurityHeaders, settings=Settings(_env_file=None, public_url="http://127.0.0.1"), vault=vault)
        return Starlette(routes=routes, middleware=[headers])

    async def sign_in(self, request: Request) -> Response:
        return templating.render(
            request,
            "session/new.html",
            email="mira@lumen.example",
            error=request.query_params.get("error", ""),
            notice="",
            next="",
            sign_up=True,
        )

    async def settings(self, request: Request) -> Response:
        return templating.render(request, "layouts/settings.html", shell=samples.SHELL)

    async def guide(self, request: Request) -> Response:
        return templating.render(request, "components/guide.html", shell=samples.SHELL)

    async def error(self, request: Request) -> Response:
        words = "There is nothing at this address. It may have been moved or deleted."
        return templating.render(request, "errors/show.html", status=404, code=404, title="Not found", words=words, home="/inbox")

    async def unread(self, _request: Request) -> Response:
        return JSONResponse({"unread": 3, "most": 99, "contacts": []})

    async def counts(self, _request: Request) -> Response:
        return JSONResponse(samples.COUNTS)

    async def inbox(self, request: Request) -> Response:
        place = place_at(inbox_named(request.path_params.get("name", "all")), request.query_params)
        name, status, before = place.inbox, place.status, request.query_params.get("before")
        page = CardPage(place=place, cards=self._cards(name, status), before=before)
        if page.before:
            return templating.render(request, "inbox/page.html", page=page)
        thread = self._thread() if "contact_id" in request.path_params else None
        view = replace(samples.inbox(thread), page=replace(page, older="older" if status == "open" and name == "all" else None))
        shell = replace(samples.SHELL, live_seq=self._position())
        return templating.render(request, "inbox/show.html", shell=shell, inbox=replace(view, seq=shell.live_seq))

    def _cards(self, name: str, status: str) -> list[Card]:
        wanted = {"mine": samples.MIRA, "unassigned": None}
        return [card for card in samples.cards() if status == "open" and card.assignee == wanted.get(name, card.assignee)]

    def _thread(self) -> ThreadView:
        page = TimelinePage(contact_id=1, items=self.items, older="first")
        return samples.thread(timeline=page, seq=self._position())

    def _position(self) -> str:
        return f"{self.seq if self.seq_of_pages is None else self.seq_of_pages}-0"

    async def timeline(self, request: Request) -> Response:
        older = [
            replace(item, id=item.id - 10_000, at=item.at - timedelta(days=3)) for item in samples.conversation() if item.type == "message"
        ]
        page = TimelinePage(contact_id=request.path_params["contact_id"], items=older, before=request.query_params["before"])
        return templating.render(request, "messages/timeline.html", page=page)

    async def accept(self, request: Request) -> Response:
        fields = await self._note(request)
        if request.url.path.endswith("/comments"):
            comment = CommentView(
                id=900, contact_id=1, at=clock.now(), author=samples.MIRA, text=fields["text"][0], client_id=fields["client_id"][0]
            )
            return templating.stream("messages/item.stream.html", item=comment)
        return Response(status_code=204)

    async def reply(self, request: Request) -> Response:
        fields = await self._note(request)
        await self.hold.wait()
        if self.refuse:
            return JSONResponse({"error": {"message": self.refuse}}, 422)
        number = 500 + sum(path.endswith("/messages") for path, _ in self.posted)
        message = samples.we_say(number, 0, Text(text=fields["text"][0]), "queued", client_id=fields["client_id"][0], version=1)
        self.items = [*self.items, message]
        self.drafts_saved.pop((request.path_params["contact_id"], "reply"), None)
        return templating.stream("messages/item.stream.html", item=message)

    async def assignment(self, request: Request) -> Response:
        return templating.render(request, "conversations/assignment.html", **ASSIGNMENT)

    async def snoozing(self, request: Request) -> Response:
        return templating.render(request, "conversations/snoozing.html", **SNOOZING)

    async def closure(self, request: Request) -> Response:
        return templating.render(request, "conversations/closure.html", note=CLOSING)

    async def drafts(self, request: Request) -> Response:
        """A draft is version 1 until it is sent; pages are drawn without any."""
        contact_id = request.path_params["contact_id"]
        if request.method == "GET":
            return JSONResponse({kind: version(self.drafts_saved.get((contact_id, kind), "")) for kind in ("reply", "comment")})
        async with request.form() as form:
            kind, text = str(form["kind"]), str(form["text"])
        self.drafts_saved[contact_id, kind] = text
        return JSONResponse(version(text))

    async def part(self, request: Request) -> Response:
        """A part of the contact panel that is loaded by itself: empty."""
        name = "contact_{contact_id}_{part}".format(**request.path_params)
        return HTMLResponse(f'<turbo-frame id="{name}"></turbo-frame>')

    async def upload(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            answer = {"id": 77, "name": file.filename, "mime": file.content_type, "size": file.size, "url": "/sample/lamp.svg"}
        return JSONResponse(answer)

    async def _note(self, request: Request) -> dict[str, list[str]]:
        async with request.form() as form:
            fields = {name: [str(value) for value in form.getlist(name)] for name in form}
        self.posted.append((request.url.path, fields))
        await self._tell()
        return fields

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def happened(self, what: Callable[[], bool]) -> None:
        """Wait until it is so; a test's time-out ends the wait."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(what), 5)

    async def posts(self, path: str) -> list[dict[str, list[str]]]:
        """What was posted there, as soon as something was."""
        await self.happened(lambda: any(address == path for address, _ in self.posted))
        return [fields for address, fields in self.posted if address == path]

    async def read_up_to(self, message_id: int) -> None:
        """Wait until the page says that this message was read."""
        await self.happened(lambda: ("/contacts/1/read", {"message_id": [str(message_id)]}) in self.posted)

    async def connections(self, number: int) -> None:
        """Wait until the page has connected so many times."""
        await self.happened(lambda: len(self.afters) >= number)

    async def live(self, socket: WebSocket) -> None:
        await socket.accept()
        self.afters.append(socket.query_params["after"])
        self.sockets.append(socket)
        await self._tell()
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            self.sockets.remove(socket)

    async def push(self, **frame: object) -> None:
        self.seq += 1
        text = json.dumps({"seq": f"{self.seq}-0", **frame})
        await asyncio.gather(*(socket.send_text(text) for socket in self.sockets))

    async def cut(self) -> None:
        await asyncio.gather(*(socket.close() for socket in list(self.sockets)))


def version(text: str) -> dict[str, str | int]:
    """A draft the way the server tells of it."""
    return {"text": text, "version": int(text != "")}
