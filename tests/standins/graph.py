"""Meta's Graph API as far as Messenger needs it: Pages, people, messages, subscriptions, files, and the webhooks of an application.

In a test::

    async with GraphServer() as graph:
        graph.webhook = Webhook("http://127.0.0.1:8000/hooks/meta", app_secret="…")
        await graph.say("Hello", page_id="104", person="7482")
        assert graph.sent[0]["message"]["text"] == "Hi"

As a program (``python -m tests.standins.graph --port 9100``) it also takes ``POST /webhook`` with the fields of `Webhook`, and
``POST /deliver`` with ``{"page_id": …, "events": […]}``, which it sends to that webhook.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from ismessenger.sdk.signing import hmac_hex, same
from tests.standins.graph_messages import Refused, check, shown
from tests.standins.server import Answer, Behaviour, Recorded, StandIn, run

APP_ID = 1517776481860111


@dataclass
class Page:
    """A Page of the application. Set ``token`` to have every other one refused; an ``app_secret`` is then checked by its proof."""

    name: str = "Oak & Sons"
    token: str | None = None
    app_secret: str | None = None
    subscribed_fields: list[str] | None = None


@dataclass
class Webhook:
    """Where the application gets its events, and which of them follow by themselves when a message was sent."""

    url: str
    app_secret: str
    verify_token: str = ""
    echoes: bool = True
    deliveries: bool = True
    reads: bool = False


class GraphServer(StandIn):
    """Plays ``graph.facebook.com``. Pages that nobody declared come into being when they are asked for.

    ``people`` maps a person to the fields of the profile; no message reaches those who are ``gone``, and only tagged ones those who
    were ``silent`` for long. With ``fetches_links`` it downloads what is sent by link, as Facebook does, and keeps it in ``fetched``.
    With ``refuses_old_tags`` the tags that Meta retired in April 2026 are refused, as they are today. With ``echoes_first`` the
    webhook has the echo before the sender has the answer.
    """

    def __init__(self, port: int = 0, *, fetches_links: bool = False, refuses_old_tags: bool = False, echoes_first: bool = False) -> None:
        super().__init__(port)
        self.fetches_links, self.refuses_old_tags, self.echoes_first = fetches_links, refuses_old_tags, echoes_first
        self.pages: dict[str, Page] = {}
        self.people: dict[str, dict[str, str]] = {}
        self.gone: set[str] = set()
        self.silent: set[str] = set()
        self.locale_is_allowed = True
        self.sent: list[dict[str, Any]] = []
        self.actions: list[dict[str, Any]] = []
        self.stored: dict[str, bytes] = {}
        self.fetched: dict[str, bytes] = {}
        self.webhook: Webhook | None = None
        self.delivered: list[tuple[dict[str, Any], int]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._numbers = count(1)

    def failure_body(self, behaviour: Behaviour) -> Any:
        """The form in which the Graph API tells of errors."""
        if behaviour.mode == "throttle":
            return Refused(613, "(#613) Calls to this api have exceeded the rate limit.", 2534040).body()
        return Refused(2, "An unexpected error has occurred. Please retry your request later.").body()

    async def respond(self, request: Recorded) -> Answer:
        """Answers as the Graph API does: the object, or ``{"error": …}``."""
        try:
            match request.method, request.path.strip("/").split("/"):
                case "POST", ["webhook"]:
                    self.webhook = Webhook(**request.json())
                    return Answer({"success": True})
                case "POST", ["deliver"]:
                    return Answer({"status": await self.deliver(**request.json())})
                case "GET", ["files", name] if name in self.stored:
                    return Answer(self.stored[name])
                case method, [version, *steps] if version.startswith("v"):
                    return Answer(await self._graph(method, steps, request))
                case _:
                    return Answer(Refused(2500, f"Unknown path components: {request.path}").body(), 404)
        except Refused as refused:
            return Answer(refused.body(), refused.status)

    async def _graph(self, method: str, steps: list[str], request: Recorded) -> Any:
        match method, steps:
            case "GET", [person] if person in self.people or person in self.gone:
                self._token(request)
                return self._profile(person, request.query.get("fields", ""))
            case "GET", [page_id]:
                return {"name": self._admitted(page_id, request).name, "id": page_id}
            case _, [page_id, "subscribed_apps"]:
                return self._subscription(self._admitted(page_id, request), method, request.query.get("subscribed_fields", ""))
            case "POST", [page_id, "messages"]:
                self._admitted(page_id, request)
                return await self._message(page_id, request)
        raise Refused(100, f"Unsupported {method.lower()} request.", 33)

    def _token(self, request: Recorded) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = token if scheme.lower() == "bearer" else request.query.get("access_token", "")
        if not given:
            raise Refused(2500, "An active access token must be used to query information about the current user.")
        return given

    def _admitted(self, page_id: str, request: Recorded) -> Page:
        token = self._token(request)
        page = self.pages.setdefault(page_id, Page())
        if page.token is not None and not same(token, page.token):
            raise Refused(190, f"Malformed access token {token}", status=401)
        if page.app_secret is not None and not same(request.query.get("appsecret_proof", ""), hmac_hex(page.app_secret, token.encode())):
            raise Refused(100, "Invalid appsecret_proof provided in the API argument")
        return page

    def _subscription(self, page: Page, method: str, fields: str) -> Any:
        if method == "GET":
            subscribed = [{"id": str(APP_ID), "name": "IS-Messenger", "subscribed_fields": page.subscribed_fields}]
            return {"data": [] if page.subscribed_fields is None else subscribed}
        page.subscribed_fields = [name for name in fields.split(",") if name] if method == "POST" else None
        return {"success": True}

    def _profile(self, person: str, fields: str) -> dict[str, str]:
        if person in self.gone:
            raise Refused(100, "No profile available for this user.", 2018218)
        if "locale" in fields.split(",") and not self.locale_is_allowed:
            raise Refused(2018247, "Insufficient permission to access user profile.", status=403)
        known = self.people[person]
        return {**{name: known[name] for name in fields.split(",") if name in known}, "id": person}

    async def _message(self, page_id: str, request: Recorded) -> dict[str, Any]:
        try:
            body = request.json()
        except ValueError:
            raise Refused(100, "(#100) Invalid JSON") from None
        person = check(body, refuses_old_tags=self.refuses_old_tags)
        if person in self.gone:
            raise Refused(551, "(#551) This person isn't available right now.", 1545041)
        if person in self.silent and body.get("messaging_type") == "RESPONSE":
            raise Refused(10, "(#10) This message is sent outside of allowed window.", 2018278)
        if "sender_action" in body:
            self.actions.append(body)
            return {"recipient_id": person}
        await self._fetch_link(body["message"].get("attachment"))
        message_id = f"m_{next(self._numbers):04d}-Graph7Lw2Qx8Nc5Yr0rKpYcNfHe3sUaGd1iZo9MtXqBVlCkW6jPyRnEhSg"
        self.sent.append(body)
        await self._follow(page_id, person, message_id, body["message"])
        return {"recipient_id": person, "message_id": message_id}

    async def _fetch_link(self, attachment: Any) -> None:
        link = attachment["payload"].get("url") if self.fetches_links and attachment else None
        if link is None:
            return
        async with httpx.AsyncClient(trust_env=False) as client:
            try:
                response = (await client.get(link)).raise_for_status()
            except httpx.HTTPError:
                raise Refused(100, "(#100) Failed to fetch the file from the url.", 2018008) from None
            self.fetched[link] = response.content

    async def _follow(self, page_id: str, person: str, message_id: str, message: dict[str, Any]) -> None:
        """What the webhook is told of a message that was sent: its echo, that it arrived, that it was read."""
        if self.webhook is None:
            return
        now, page = _now_ms(), {"sender": {"id": page_id}, "recipient": {"id": person}}
        back = {"sender": {"id": person}, "recipient": {"id": page_id}}
        echo = {**page, "timestamp": now, "message": {"mid": message_id, "is_echo": True, "app_id": APP_ID, **shown(message)}}
        events: list[dict[str, Any]] = [echo] if self.webhook.echoes else []
        if self.echoes_first and events:
            await self.deliver(page_id, [events.pop()])
        if self.webhook.deliveries:
            events.append({**back, "timestamp": now + 1, "delivery": {"mids": [message_id], "watermark": now}})
        if self.webhook.reads:
            events.append({**back, "timestamp": now + 2, "read": {"watermark": now + 1}})
        task = asyncio.create_task(self._deliver_each(page_id, events))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def deliver(self, page_id: str, events: list[dict[str, Any]], *, member: str = "messaging") -> int:
        """Send events of one Page in one signed body. Gives the status that the webhook answered; 0 if it did not answer."""
        return await self.post({"object": "page", "entry": [{"id": page_id, "time": _now_ms(), member: events}]})

    async def post(self, body: dict[str, Any]) -> int:
        """Send a body of one's own making, signed. Gives the status as `deliver` does."""
        assert self.webhook is not None, "Set webhook first."
        raw = json.dumps(body).encode()
        signature = "sha256=" + hmac_hex(self.webhook.app_secret, raw)
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua", "X-Hub-Signature-256": signature}
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            try:
                status = (await client.post(self.webhook.url, content=raw, headers=headers)).status_code
            except httpx.TransportError:
                status = 0
        self.delivered.append((body, status))
        return status

    async def challenge(self) -> bool:
        """The check that Meta makes when somebody saves a callback URL."""
        assert self.webhook is not None, "Set webhook first."
        asked = {"hub.mode": "subscribe", "hub.verify_token": self.webhook.verify_token, "hub.challenge": "1158201444"}
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            response = await client.get(self.webhook.url, params=asked)
        return response.is_success and response.text == asked["hub.challenge"]

    async def say(self, text: str = "", *, page_id: str, person: str, **message: Any) -> str:
        """A customer writes; ``message`` holds further fields, such as attachments. Gives the message id."""
        mid = f"m_in{next(self._numbers):04d}-Customer2Qx8Nc5Yr0rKpYcNfHe3sUaGd1iZo9MtXqBVlCkW6jPyRnEhSgDuFb"
        told = {"mid": mid, **({"text": text} if text else {}), **message}
        event = {"sender": {"id": person}, "recipient": {"id": page_id}, "timestamp": _now_ms(), "message": told}
        await self.deliver(page_id, [event])
        return mid

    def keep(self, name: str, content: bytes) -> str:
        """Store a file as a customer would send it. Gives its link."""
        self.stored[name] = content
        return f"{self.url}/files/{name}"

    async def settled(self) -> None:
        """Wait until everything that follows a message has been delivered."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def _deliver_each(self, page_id: str, events: list[dict[str, Any]]) -> None:
        for event in events:
            await self.deliver(page_id, [event])


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    run(GraphServer)
