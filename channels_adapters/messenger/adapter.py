"""Facebook Messenger: a Page that customers write to. The identifier of a person is the Page-scoped id (PSID)."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel

from channels_adapters.messenger import connect, parse, send
from channels_adapters.messenger.config import MessengerConfig
from channels_adapters.messenger.graph import Graph
from channels_adapters.messenger.profile import profile
from ismessenger.sdk.channel import (
    AppKeys,
    Capabilities,
    Challenge,
    Connected,
    Endpoint,
    InboundEvent,
    MediaLimit,
    MediaSource,
    MessageTag,
    OutboundMessage,
    Profile,
    Rate,
    RawRequest,
    Rejected,
    Sent,
    SignatureInvalid,
    Unconfirmed,
    Window,
)
from ismessenger.sdk.content import Media
from ismessenger.sdk.signing import require_equal, require_hmac
from ismessenger.sdk.words import gettext

_IMAGE_BYTES = 8_000_000
_FILE_BYTES = 25_000_000
_WINDOW = timedelta(hours=24)
_HUMAN_WINDOW = timedelta(days=7)

_CAPABILITIES = Capabilities(
    text_length=2000,
    caption_length=0,
    media={
        "image": MediaLimit(_IMAGE_BYTES, ("image/jpeg", "image/png", "image/gif")),
        "video": MediaLimit(_FILE_BYTES),
        "audio": MediaLimit(_FILE_BYTES),
        "file": MediaLimit(_FILE_BYTES),
    },
    quick_replies=send.QUICK_REPLIES,
    quick_reply_length=send.QUICK_REPLY_LENGTH,
    buttons=send.BUTTONS,
    button_length=send.BUTTON_LENGTH,
    button_text_length=send.BUTTON_TEXT_LENGTH,
    button_kinds=frozenset({"reply", "url", "phone"}),
    cards=send.CARDS,
    template=True,
    custom_payload=True,
    reply_to=True,
    starts="contact",
    window=Window(
        _WINDOW,
        tags=(
            MessageTag("HUMAN_AGENT", "A person of your team answers", until=_HUMAN_WINDOW, by_hand_only=True),
            MessageTag("CONFIRMED_EVENT_UPDATE", "News of an event that the contact takes part in"),
            MessageTag("POST_PURCHASE_UPDATE", "News of a purchase"),
            MessageTag("ACCOUNT_UPDATE", "News of the contact's account"),
        ),
        templates_after=True,
    ),
    # Facebook takes 300 texts a second from a Page, but only 10 with sound or film; those who exceed that are told to wait.
    rate=Rate(per_second=100, burst=100),
    reports_delivery=True,
)


class Messenger:
    """A Facebook Page. One application of Meta may serve many Pages over one webhook."""

    kind: ClassVar[str] = "messenger"
    name: ClassVar[str] = "Facebook Messenger"
    source: ClassVar[str] = "facebook"
    base_url: ClassVar[str | None] = "https://graph.facebook.com"
    app: ClassVar[str] = "meta"
    Config: ClassVar[type[BaseModel]] = MessengerConfig
    capabilities: ClassVar[Capabilities] = _CAPABILITIES

    def verify(self, request: RawRequest, config: BaseModel) -> Challenge | None:
        """The signature with the app secret, or the check of the callback URL. Raises `SignatureInvalid`."""
        keys = _config(config)
        return self.verify_app(request, AppKeys(keys.app_secret.get_secret_value(), keys.verify_token.get_secret_value()))

    def verify_app(self, request: RawRequest, keys: AppKeys) -> Challenge | None:
        """The same with the keys of a shared application. Raises `SignatureInvalid`."""
        if request.method == "GET":
            if request.argument("hub.mode") != "subscribe":
                raise SignatureInvalid("This address is for Facebook's webhooks.")
            require_equal(request.argument("hub.verify_token"), keys.verify_token)
            return Challenge(request.argument("hub.challenge"))
        require_hmac(request, "x-hub-signature-256", keys.secret, prefix="sha256=")
        return None

    def split(self, request: RawRequest) -> Iterable[tuple[str, bytes]]:
        """One body per entry of a Page, in order. Raises `BodyInvalid`."""
        return parse.split(request)

    def account(self, config: BaseModel) -> str:
        """The Page id."""
        return _config(config).page_id

    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:
        """Every event of the body. Raises `BodyInvalid`."""
        return parse.parse(request, _config(config).page_id)

    async def send(self, message: OutboundMessage, config: BaseModel, http: httpx.AsyncClient) -> Sent:
        """Make one call. Raises a `SendFailed`."""
        answer = await _graph(config, http).send(send.body_of(message))
        message_id = answer.get("message_id") if isinstance(answer, dict) else None
        if not isinstance(message_id, str) or not message_id:
            raise Unconfirmed(gettext("Facebook's answer names no message."))
        return Sent(message_id)

    async def typing(self, identifier: str, config: BaseModel, http: httpx.AsyncClient) -> None:
        """Show "typing…" for up to twenty seconds or until the next message. Raises a `SendFailed`."""
        await _graph(config, http).send(_action(identifier, "typing_on"))

    async def mark_read(self, identifier: str, external_id: str, config: BaseModel, http: httpx.AsyncClient) -> None:  # noqa: ARG002 - Messenger marks the thread, not a message
        """Show everything that the person wrote as seen. Raises a `SendFailed`."""
        await _graph(config, http).send(_action(identifier, "mark_seen"))

    async def profile(self, identifier: str, config: BaseModel, http: httpx.AsyncClient) -> Profile:
        """Names, picture, and language where the application may know it. Raises a `SendFailed`."""
        return await profile(_graph(config, http), identifier)

    async def locate(self, media: Media, config: BaseModel, http: httpx.AsyncClient) -> MediaSource:  # noqa: ARG002 - the link says it all
        """The link as it came: it is signed, so no credentials go along. Raises `Rejected` if there is none."""
        if not media.url:
            raise Rejected("no link", gettext("Facebook gave no link to this file."))
        return MediaSource(media.url)

    async def connect(self, config: BaseModel, endpoint: Endpoint, http: httpx.AsyncClient) -> Connected:  # noqa: ARG002 - the callback URL is set at Meta
        """Check the keys and subscribe to the Page's events. Raises `ConnectFailed`."""
        return await connect.connect(_graph(config, http))

    async def disconnect(self, config: BaseModel, endpoint: Endpoint, http: httpx.AsyncClient) -> None:  # noqa: ARG002 - same
        """End the subscription. Raises `ConnectFailed`."""
        await connect.disconnect(_graph(config, http))

    def setup_values(self, config: BaseModel, endpoint: Endpoint) -> Mapping[str, str]:
        """What the owner pastes into the application's webhook settings."""
        own, shared = connect.callback_urls(endpoint)
        return {
            "callback_url": own,
            "verify_token": _config(config).verify_token.get_secret_value(),
            "webhook_fields": ", ".join(connect.FIELDS),
            "shared_callback_url": shared,
        }


def _config(config: BaseModel) -> MessengerConfig:
    return MessengerConfig.model_validate(config)


def _graph(config: BaseModel, http: httpx.AsyncClient) -> Graph:
    return Graph(http, _config(config))


def _action(identifier: str, action: str) -> dict[str, Any]:
    return {"recipient": {"id": identifier}, "sender_action": action}
