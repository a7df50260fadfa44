"""Telegram: a bot that customers write to. The identifier of a person is the id of the private chat."""

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel

from channels_adapters.telegram import connect, files
from channels_adapters.telegram.api import Call, invoke
from channels_adapters.telegram.config import TelegramConfig
from channels_adapters.telegram.parse import parse
from channels_adapters.telegram.send import CAPTION_LENGTH, TEXT_LENGTH, call_for
from channels_adapters.telegram.update import external_id
from ismessenger.sdk.channel import (
    Capabilities,
    Connected,
    Endpoint,
    InboundEvent,
    MediaLimit,
    MediaSource,
    OutboundMessage,
    Profile,
    Rate,
    RawRequest,
    Sent,
)
from ismessenger.sdk.content import Media, MediaKind
from ismessenger.sdk.signing import require_equal

_KINDS: tuple[MediaKind, ...] = ("image", "video", "audio", "file")


class Telegram:
    """A Telegram bot. Telegram tells nothing of delivery or reading, and takes no key that would make a repeated call harmless."""

    kind: ClassVar[str] = "telegram"
    name: ClassVar[str] = "Telegram"
    source: ClassVar[str] = "telegram"
    base_url: ClassVar[str | None] = "https://api.telegram.org"
    Config: ClassVar[type[BaseModel]] = TelegramConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=TEXT_LENGTH,
        caption_length=CAPTION_LENGTH,
        media={kind: MediaLimit(files.FILE_BYTES) for kind in _KINDS},
        quick_replies=100,
        quick_reply_length=64,
        buttons=100,
        button_length=64,
        button_kinds=frozenset({"reply", "url"}),
        list_rows=100,
        cards=1,
        location=True,
        contact=True,
        custom_payload=True,
        reply_to=True,
        starts="contact",
        window=None,
        rate=Rate(per_second=30, burst=30),
    )

    def verify(self, request: RawRequest, config: BaseModel) -> None:
        """Telegram repeats the secret token that the webhook was registered with. Raises `SignatureInvalid`."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        require_equal(given, _config(config).secret_token.get_secret_value())

    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:  # noqa: ARG002 - nothing in it depends on the bot
        """The event of one update. Raises `BodyInvalid`."""
        return parse(request)

    async def send(self, message: OutboundMessage, config: BaseModel, http: httpx.AsyncClient) -> Sent:
        """Make one call. Raises a `SendFailed`."""
        call = call_for(message)
        upload = await files.upload_of(message.content, http) if isinstance(message.content, Media) else {}
        result = await invoke(http, _config(config).bot_token, call, upload=upload)
        return Sent(_sent_id(message.identifier, result))

    async def typing(self, identifier: str, config: BaseModel, http: httpx.AsyncClient) -> None:
        """Show "typing…" for five seconds or until the next message. Raises a `SendFailed`."""
        await invoke(http, _config(config).bot_token, Call("sendChatAction", {"chat_id": identifier, "action": "typing"}))

    async def acknowledge(self, awaits: str, config: BaseModel, http: httpx.AsyncClient) -> None:
        """End the progress bar on a button that was pressed. Raises a `SendFailed`. Source: Telegram, Bot API, "answerCallbackQuery"."""
        await invoke(http, _config(config).bot_token, Call("answerCallbackQuery", {"callback_query_id": awaits}))

    async def profile(self, identifier: str, config: BaseModel, http: httpx.AsyncClient) -> Profile:
        """The names. No picture: its address would hold the bot token. Raises a `SendFailed`."""
        chat = await invoke(http, _config(config).bot_token, Call("getChat", {"chat_id": identifier}))
        names = chat if isinstance(chat, dict) else {}
        return Profile(first_name=names.get("first_name") or None, last_name=names.get("last_name") or None)

    async def locate(self, media: Media, config: BaseModel, http: httpx.AsyncClient) -> MediaSource:
        """Where a received file is; at most 20 MB. Raises a `SendFailed`."""
        return await files.locate(media, _config(config).bot_token, http)

    async def connect(self, config: BaseModel, endpoint: Endpoint, http: httpx.AsyncClient) -> Connected:
        """Check the token and register the webhook. Raises `ConnectFailed`."""
        return await connect.connect(_config(config), endpoint, http)

    async def disconnect(self, config: BaseModel, endpoint: Endpoint, http: httpx.AsyncClient) -> None:  # noqa: ARG002 - a bot has one webhook
        """Remove the webhook. Raises `ConnectFailed`."""
        await connect.disconnect(_config(config), http)

    def setup_values(self, config: BaseModel, endpoint: Endpoint) -> Mapping[str, str]:  # noqa: ARG002 - the same everywhere
        """The secret that comes with every update: for those who register the webhook by hand."""
        return {"secret_token": _config(config).secret_token.get_secret_value()}


def _config(config: BaseModel) -> TelegramConfig:
    return TelegramConfig.model_validate(config)


def _sent_id(identifier: str, result: Any) -> str | None:
    """The id of the sent message; of an album, that of its first."""
    first = result[0] if isinstance(result, list) and result else result
    number = first.get("message_id") if isinstance(first, dict) else None
    return external_id(identifier, number) if isinstance(number, int) else None
