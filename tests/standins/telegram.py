"""Telegram's Bot API: bots, their webhook, messages to private chats, files.

In a test::

    async with TelegramServer() as telegram:
        ...                                   # connect a bot, which registers its webhook
        await telegram.say("Hello", chat_id=501)
        assert telegram.sent[0].params["text"] == "Hi"

As a program ``POST /deliver`` with an update sends it to the webhook.
"""

import asyncio
import json
import re
import time
from itertools import count
from typing import Any

import httpx

from tests.standins.server import Answer, Behaviour, Recorded, StandIn, run
from tests.standins.telegram_calls import SENDING, ApiCall, Refused, check, read, shown

BOT = {"id": 7000000001, "is_bot": True, "first_name": "Bloom & Stem", "username": "bloomandstem_bot"}
_ADDRESS = re.compile(r"/(?P<file>file/)?bot(?P<token>[^/]+)/(?P<rest>.+)")


class TelegramServer(StandIn):
    """Plays the Bot API. Set ``token`` to have it refuse every other one with 401.

    ``blocked`` and ``unknown`` are chat ids, ``stored`` maps file ids to path and content; ``too_big`` are ids that getFile refuses.
    With ``fetches_links`` it downloads what is sent by link, as Telegram does, and keeps it in ``fetched``.
    """

    def __init__(self, port: int = 0, token: str | None = None, *, fetches_links: bool = False) -> None:
        super().__init__(port)
        self.token, self.fetches_links = token, fetches_links
        self.calls: list[ApiCall] = []
        self.pressed: set[str] = set()
        self.ended: asyncio.Queue[str] = asyncio.Queue()
        self.messages: dict[int, dict[str, Any]] = {}
        self.webhook: dict[str, Any] | None = None
        self.blocked: set[int] = set()
        self.unknown: set[int] = set()
        self.stored: dict[str, tuple[str, bytes]] = {}
        self.too_big: set[str] = set()
        self.fetched: dict[str, bytes] = {}
        self._message_ids, self._update_ids = count(1001), count(300_000_001)

    @property
    def sent(self) -> list[ApiCall]:
        """The calls that sent a message."""
        return [call for call in self.calls if call.method in SENDING]

    def failure_body(self, behaviour: Behaviour) -> Any:
        """The form in which Telegram tells of errors."""
        words = {429: f"Too Many Requests: retry after {behaviour.retry_after}", 500: "Internal Server Error"}
        error = {
            "ok": False,
            "error_code": behaviour.status,
            "description": words.get(behaviour.status, f"Failing with {behaviour.status}"),
        }
        return error if behaviour.retry_after is None else {**error, "parameters": {"retry_after": behaviour.retry_after}}

    async def respond(self, request: Recorded) -> Answer:
        """Answers as the Bot API does: ``{"ok": true, "result": …}`` or the reason."""
        try:
            if request.path == "/deliver":
                return Answer({"status": (await self.deliver(request.json())).status_code})
            is_file, rest = self._admitted(request.path)
            if is_file:
                return self._file(rest)
            call = read(rest, request)
            self.calls.append(call)
            return Answer({"ok": True, "result": await self._result(call)})
        except Refused as refused:
            return _refusal(refused.code, str(refused))
        except LookupError as nobody:
            return _refusal(409, f"Conflict: {nobody}")
        except ValueError:
            return _refusal(400, "Bad Request: can't parse the request")

    def _admitted(self, path: str) -> tuple[bool, str]:
        """Whether a file is wanted, and what of the address is left."""
        address = _ADDRESS.fullmatch(path)
        if address is None:
            raise Refused(404, "Not Found")
        if self.token is not None and address["token"] != self.token:
            raise Refused(401, "Unauthorized")
        return bool(address["file"]), address["rest"]

    async def _result(self, call: ApiCall) -> Any:
        match call.method:
            case "getMe":
                return BOT
            case "setWebhook" | "deleteWebhook":
                return self._keep_webhook(call)
            case "getFile":
                return self._file_info(call.params.get("file_id"))
            case "getChat":
                return self._private_chat(call)
            case "answerCallbackQuery":
                return self._answered(call)
            case "sendChatAction":
                return bool(self._private_chat(call))
            case method if method in SENDING:
                return await self._message(call)
        raise Refused(404, "Not Found: method not found")

    def _keep_webhook(self, call: ApiCall) -> bool:
        """Telegram takes https only; tests have none on their own machine."""
        url = str(call.params.get("url", ""))
        if call.method == "setWebhook" and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = call.params if url else None
        return True

    async def _message(self, call: ApiCall) -> Any:
        chat = self._private_chat(call)
        check(call)
        if self.fetches_links:
            await self._fetch_links(call)
        message = {"message_id": next(self._message_ids), "from": BOT, "chat": chat, "date": int(time.time()), **shown(call.params)}
        self.messages[message["message_id"]] = message
        return [message] if call.method == "sendMediaGroup" else message

    def _private_chat(self, call: ApiCall) -> dict[str, Any]:
        given = str(call.params.get("chat_id", ""))
        if not given:
            raise Refused(400, "Bad Request: chat_id is empty")
        if not given.lstrip("-").isdigit() or int(given) in self.unknown:
            raise Refused(400, "Bad Request: chat not found")
        if int(given) in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        return {"id": int(given), "type": "private", "first_name": "Mira", "last_name": "Okafor"}

    async def _fetch_links(self, call: ApiCall) -> None:
        links = [value for name, value in call.params.items() if name in SENDING[call.method] and str(value).startswith("http")]
        async with httpx.AsyncClient(trust_env=False) as client:
            for link in links:
                try:
                    response = await client.get(link)
                except httpx.TransportError:
                    raise Refused(400, "Bad Request: failed to get HTTP URL content") from None
                kind = response.headers.get("content-type", "").split(";")[0]
                if not response.is_success or (call.method == "sendDocument" and not kind.endswith(("/pdf", "/zip", "/gif"))):
                    raise Refused(400, "Bad Request: failed to get HTTP URL content")
                self.fetched[link] = response.content

    # --- Files ---

    def _file_info(self, file_id: Any) -> dict[str, Any]:
        if file_id in self.too_big:
            raise Refused(400, "Bad Request: file is too big")
        if file_id not in self.stored:
            raise Refused(400, "Bad Request: invalid file_id")
        path, content = self.stored[file_id]
        return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content), "file_path": path}

    def _file(self, path: str) -> Answer:
        for known, content in self.stored.values():
            if known == path:
                return Answer(content)
        raise Refused(404, "Not Found")

    # --- Customers ---

    async def deliver(self, update: dict[str, Any]) -> httpx.Response:
        """Send an update to the registered webhook with its secret. Raises `LookupError` if Telegram would not send it at all."""
        if self.webhook is None or not set(update) & set(self.webhook["allowed_updates"]):
            raise LookupError("No webhook wants this update.")
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook.get("secret_token", ""), "Content-Type": "application/json"}
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            return await client.post(self.webhook["url"], content=json.dumps(update), headers=headers)

    async def say(self, text: str = "", *, chat_id: int, first_name: str = "Mira", **message: Any) -> dict[str, Any]:
        """A customer writes; ``message`` holds further fields. Returns the update that was delivered."""
        person = {"id": chat_id, "first_name": first_name}
        told = {"message_id": next(self._message_ids), "date": int(time.time()), "chat": {**person, "type": "private"}}
        told |= {"from": {**person, "is_bot": False, "language_code": "en"}, **({"text": text} if text else {}), **message}
        return await self._delivered({"message": told})

    def _answered(self, call: ApiCall) -> bool:
        """Ends the progress bar on a pressed button."""
        pressed = str(call.params.get("callback_query_id", ""))
        if pressed not in self.pressed:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        self.pressed.remove(pressed)
        self.ended.put_nowait(pressed)
        return True

    async def press(self, message_id: int, data: str) -> dict[str, Any]:
        """A customer presses a button below a message that was sent, and waits. Returns the update that was delivered."""
        message = self.messages[message_id]
        person = {"id": message["chat"]["id"], "is_bot": False, "first_name": message["chat"]["first_name"]}
        query: dict[str, Any] = {
            "id": f"43{message_id}{time.time_ns()}",
            "from": person,
            "message": message,
            "chat_instance": "-81",
            "data": data,
        }
        self.pressed.add(query["id"])
        return await self._delivered({"callback_query": query})

    async def _delivered(self, change: dict[str, Any]) -> dict[str, Any]:
        update = {"update_id": next(self._update_ids), **change}
        (await self.deliver(update)).raise_for_status()
        return update


def _refusal(code: int, description: str) -> Answer:
    return Answer({"ok": False, "error_code": code, "description": description}, code)


if __name__ == "__main__":
    run(TelegramServer)
