"""Custom channel: an integration server of the owner's own speaks our small protocol (README.md)."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import httpx
from pydantic import BaseModel

from channels_adapters.custom_channel.config import CustomChannelConfig
from channels_adapters.custom_channel.parse import parse, validate
from channels_adapters.custom_channel.send import body_of, explain, external_id
from ismessenger.sdk.channel import Capabilities, Endpoint, InboundEvent, MediaLimit, OutboundMessage, Rate, RawRequest, Sent
from ismessenger.sdk.content import MediaKind
from ismessenger.sdk.http import call
from ismessenger.sdk.signing import require_bearer

_KINDS: tuple[MediaKind, ...] = ("image", "video", "audio", "file")
_FILE_BYTES = 100 * 1024 * 1024


class CustomChannel:
    """The identifier of a person is the server's ``contactId``."""

    kind: ClassVar[str] = "custom_channel"
    name: ClassVar[str] = "Custom channel"
    source: ClassVar[str] = "custom_channel"
    base_url: ClassVar[str | None] = None
    Config: ClassVar[type[BaseModel]] = CustomChannelConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=4096,
        media={kind: MediaLimit(_FILE_BYTES) for kind in _KINDS},
        quick_replies=10,
        quick_reply_length=80,
        location=True,
        custom_payload=True,
        starts="contact",
        reports_delivery=True,
    )

    def capabilities_for(self, config: BaseModel) -> Capabilities:
        """Who has a phone number can be written to first; the pace is the owner's."""
        chosen = _config(config)
        rate = Rate(chosen.messages_per_second, burst=max(1, int(chosen.messages_per_second)))
        return replace(self.capabilities, starts="either" if chosen.id_type == "phone" else "contact", rate=rate)

    def verify(self, request: RawRequest, config: BaseModel) -> None:
        """The server sends the channel's token. Raises `SignatureInvalid`."""
        require_bearer(request, _token(config))

    def validate(self, request: RawRequest, config: BaseModel) -> None:
        """Raises `BodyInvalid` if anything is wrong, naming the field."""
        validate(request, _config(config).id_type)

    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:
        """The events of one body, in order. Raises `BodyInvalid`."""
        return parse(request, _config(config).id_type)

    async def send(self, message: OutboundMessage, config: BaseModel, http: httpx.AsyncClient) -> Sent:
        """Make one call. Raises a `SendFailed`."""
        url = f"{_config(config).api_base_url}/message"
        headers = {"Authorization": f"Bearer {_token(config)}"}
        answer = await call(http, "POST", url, json=body_of(message), headers=headers, explain=explain)
        return Sent(external_id(answer))

    def account(self, config: BaseModel) -> str:
        """The fingerprint of the token: the shared webhook addresses find the channel by it."""
        return hashlib.sha256(_token(config).encode()).hexdigest()

    def setup_values(self, config: BaseModel, endpoint: Endpoint) -> Mapping[str, str]:  # noqa: ARG002 - shown beside the endpoint
        """What the owner copies into the integration server."""
        return {"api_token": _token(config)}


def _config(config: BaseModel) -> CustomChannelConfig:
    if not isinstance(config, CustomChannelConfig):
        raise TypeError("The config of a custom channel is a CustomChannelConfig.")
    return config


def _token(config: BaseModel) -> str:
    return _config(config).api_token.get_secret_value()
