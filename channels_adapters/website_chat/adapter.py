"""Website chat: the widget's posts become messages; what goes out is read from our own database by the visitor's page.

There is no provider. `ismessenger.channels.visitors` serves the widget; this adapter proves who a visitor is and translates.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, assert_never

import httpx
from pydantic import BaseModel, ValidationError

from channels_adapters.website_chat import tokens
from channels_adapters.website_chat.bodies import TEXT_LENGTH, Introduced, Receipt, Said, addressed, read_body, visitor_of
from channels_adapters.website_chat.config import WebsiteChatConfig
from ismessenger.sdk.channel import (
    BodyInvalid,
    Capabilities,
    ContactChanged,
    Endpoint,
    InboundEvent,
    MediaLimit,
    MessageReceived,
    OutboundMessage,
    Profile,
    Rate,
    RawRequest,
    Sent,
    SignatureInvalid,
    StatusChanged,
)
from ismessenger.sdk.content import Content, Media, MediaKind, Text
from ismessenger.sdk.signing import hmac_hex, require_equal

FILE_BYTES = 25_000_000
_KINDS: tuple[MediaKind, ...] = ("image", "video", "audio", "file")


class WebsiteChat:
    """The chat on a website. The same key signs visitors' tokens here and users' ids on the website."""

    kind: ClassVar[str] = "website_chat"
    name: ClassVar[str] = "Website chat"
    source: ClassVar[str] = "website_chat"
    base_url: ClassVar[str | None] = None
    Config: ClassVar[type[BaseModel]] = WebsiteChatConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=TEXT_LENGTH,
        caption_length=2_000,
        media={kind: MediaLimit(FILE_BYTES) for kind in _KINDS},
        quick_replies=20,
        quick_reply_length=60,
        buttons=10,
        button_length=60,
        button_kinds=frozenset({"reply", "url", "phone"}),
        list_rows=50,
        cards=10,
        location=True,
        contact=True,
        starts="contact",
        window=None,
        rate=Rate(per_second=200, burst=200),
        reports_delivery=True,
    )

    def verify(self, request: RawRequest, config: BaseModel) -> None:
        """The bearer token is ours, and the body comes from the visitor that it names. Raises `SignatureInvalid`."""
        visitor = self.visitor(_bearer(request), config, now=request.received_at)
        named = visitor_of(request)
        if named is not None:
            require_equal(named, visitor.identifier)

    def validate(self, request: RawRequest, config: BaseModel) -> None:
        """A bad body is told to the page that sent it. Raises `BodyInvalid`."""
        self.parse(request, config)

    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:
        """One body is one event."""
        body = read_body(request)
        at = request.received_at
        match body:
            case Said():
                return [_message(body, _key(config), at)]
            case Receipt():
                return [StatusChanged(status=body.type, at=at, identifier=body.visitor, watermark=min(body.up_to, at))]
            case Introduced():
                return [ContactChanged(identifier=body.visitor, at=at, profile=body.profile.profile())]
            case _:
                assert_never(body)

    async def send(self, message: OutboundMessage, config: BaseModel, http: httpx.AsyncClient) -> Sent:  # noqa: ARG002 - the contract's
        """Nothing leaves us: the message stands in our database, where the visitor's page reads it. Receipts tell the rest."""
        return Sent(external_id=None)

    def setup_values(self, config: BaseModel, endpoint: Endpoint) -> Mapping[str, str]:
        """The tag for the website's pages, and the key with which its server signs user ids."""
        return {
            "script_tag": f'<script src="{endpoint.public_url}/static/widget.js" data-channel="{endpoint.route}" async></script>',
            "identity_secret": _key(config),
        }

    # --- Visitors: what the widget's endpoints ask (`ismessenger.channels.visitors.HostsVisitors`) ---

    def visitor(self, token: str, config: BaseModel, *, now: datetime) -> tokens.Visitor:
        """Who a token names. Raises `SignatureInvalid`."""
        visitor = tokens.read(_key(config), token, now=now)
        if _config(config).require_identity and not visitor.known:
            raise SignatureInvalid("This chat is for signed-in visitors.")
        return visitor

    def addressed(self, request: RawRequest, identifier: str) -> bytes:
        """The body to store of a visitor's post: it says who sent it, so that it can be read without the token. Raises `BodyInvalid`."""
        return addressed(request, identifier)

    def identify(self, user_id: str, given_hash: str, config: BaseModel) -> str:
        """The identifier of a user for whom the website vouches. Raises `SignatureInvalid`."""
        return tokens.known_person(_key(config), user_id, given_hash)

    def newcomer(self, config: BaseModel) -> str:
        """An identifier for somebody who was never here. Raises `SignatureInvalid` where the website must vouch."""
        if _config(config).require_identity:
            raise SignatureInvalid("This chat is for signed-in visitors.")
        return tokens.somebody()

    def issue(self, identifier: str, route: str, config: BaseModel, *, now: datetime) -> str:
        """A token for a visitor of the channel behind ``route``."""
        return tokens.issue(_key(config), route, identifier, now)

    def ticket(self, identifier: str, file: Media, config: BaseModel) -> str:
        """The right to send a file that this visitor uploaded."""
        return tokens.ticket(_key(config), identifier, file.model_dump(mode="json", exclude_none=True))

    def client_id(self, identifier: str, external_id: str) -> str | None:
        """The id that the visitor's page gave its message, so that it knows it again."""
        prefix = _prefix(identifier)
        return external_id[len(prefix) :] if external_id.startswith(prefix) else None

    def allows(self, host: str, config: BaseModel) -> bool:
        """Whether a page on this host may carry the chat."""
        return _config(config).allows(host)

    def takes_files(self, config: BaseModel) -> bool:
        """Whether visitors may send files."""
        return _config(config).file_upload

    def public_options(self, config: BaseModel) -> Mapping[str, Any]:
        """What everybody may know: the looks and words of the widget."""
        chosen = _config(config)
        fields = {"title", "greeting", "icon", "position", "language", "pre_chat", "hide_branding", "online_hours"}
        switches = {"file_upload", "emoji", "sound", "require_identity"}
        return {
            **chosen.model_dump(mode="json", include=fields | switches),
            "colour": chosen.accent,
            "text_length": TEXT_LENGTH,
            "file_bytes": FILE_BYTES,
        }


def _message(body: Said, key: str, at: datetime) -> MessageReceived:
    """We are the provider: our arrival time orders the thread, since a visitor's clock may be hours off."""
    external_id = _prefix(body.visitor) + body.id
    profile = body.profile.profile() if body.profile else Profile()
    return MessageReceived(identifier=body.visitor, external_id=external_id, content=_content(body, key), sent_at=at, profile=profile)


def _content(body: Said, key: str) -> Content:
    if body.attachment is None:
        return Text(text=body.text, payload=body.payload)
    try:
        file = tokens.file_of(key, body.visitor, body.attachment)
        return Media.model_validate({**file, "caption": body.text or None})
    except (SignatureInvalid, ValidationError) as error:
        raise BodyInvalid("attachment: This file was not uploaded by this visitor.") from error


def _prefix(identifier: str) -> str:
    """Keeps one visitor's ids apart from another's, in a length that is the same for all."""
    return hmac_hex("website_chat message", identifier.encode("utf-8", "surrogatepass"))[:16] + ":"


def _bearer(request: RawRequest) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise SignatureInvalid("The header Authorization: Bearer is missing.")
    return token.strip()


def _config(config: BaseModel) -> WebsiteChatConfig:
    return WebsiteChatConfig.model_validate(config)


def _key(config: BaseModel) -> str:
    return _config(config).visitor_key.get_secret_value()
