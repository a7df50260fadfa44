"""The channel: translates between Echo and the neutral types of ``ismessenger.sdk``."""

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import httpx
from pydantic import BaseModel, Field, SecretStr, ValidationError

from ismessenger.sdk.body import json_object, moment
from ismessenger.sdk.channel import (
    BodyInvalid,
    Capabilities,
    ContactGone,
    CredentialsInvalid,
    Endpoint,
    InboundEvent,
    MediaLimit,
    MessageReceived,
    OutboundMessage,
    Profile,
    Rate,
    RawRequest,
    Rejected,
    SendFailed,
    Sent,
    StatusChanged,
    Unconfirmed,
    Unreadable,
)
from ismessenger.sdk.content import Content, Media, Text
from ismessenger.sdk.http import call, json_of
from ismessenger.sdk.markdown import to_plain
from ismessenger.sdk.signing import require_hmac


class EchoConfig(BaseModel):
    """What a channel needs to know. It makes the form, the check of what is entered, and the encrypted columns."""

    api_key: SecretStr = Field(title="API key", description="At Echo under Settings, API keys.")
    signing_key: SecretStr = Field(
        default_factory=lambda: SecretStr(secrets.token_urlsafe(32)),
        title="Signing key",
        description="Paste it at Echo beside the webhook address.",
        json_schema_extra={"generated": True},
    )


class EchoMessage(BaseModel):
    """Somebody wrote: text, a picture, or both."""

    id: str = Field(min_length=1, max_length=100)
    sender: str = Field(min_length=1, max_length=100, alias="from")
    name: str | None = None
    at: int
    text: str | None = None
    image: str | None = None


class EchoReceipt(BaseModel):
    """A message of ours has come further."""

    id: str = Field(min_length=1, max_length=100)
    at: int
    state: Literal["delivered", "read"]


class Echo:
    """The identifier of a person is the Echo name."""

    kind: ClassVar[str] = "echo"
    name: ClassVar[str] = "Echo"
    source: ClassVar[str] = "echo"
    base_url: ClassVar[str | None] = "https://api.echo.example"
    Config: ClassVar[type[BaseModel]] = EchoConfig
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_length=1000,
        media={"image": MediaLimit(5_000_000, ["image/jpeg", "image/png"])},
        rate=Rate(per_second=10, burst=10),
        reports_delivery=True,
    )

    def verify(self, request: RawRequest, config: BaseModel) -> None:
        """Echo signs the exact bytes of the body. Raises `SignatureInvalid`."""
        require_hmac(request, "x-echo-signature", _config(config).signing_key.get_secret_value(), prefix="sha256=")

    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:  # noqa: ARG002 - nothing depends on the config
        """All events of a webhook. Raises `BodyInvalid`."""
        events = json_object(request).get("events")
        if not isinstance(events, list):
            raise BodyInvalid("events is missing.")
        return [_event(event) for event in events]

    async def send(self, message: OutboundMessage, config: BaseModel, http: httpx.AsyncClient) -> Sent:
        """Make one call. Raises a `SendFailed`."""
        headers = {"Authorization": f"Bearer {_config(config).api_key.get_secret_value()}"}
        body = {"to": message.identifier, **_body(message.content)}
        answer = await call(http, "POST", "/v1/messages", json=body, headers=headers, explain=_explain)
        sent = json_of(answer)
        if not answer.is_success or not isinstance(sent, dict) or not isinstance(sent.get("id"), str):
            raise Unconfirmed("Echo gave an answer that is not of its protocol.")
        return Sent(sent["id"])

    def setup_values(self, config: BaseModel, endpoint: Endpoint) -> Mapping[str, str]:
        """What the owner pastes at Echo."""
        return {"webhook_url": endpoint.webhook_url, "signing_key": _config(config).signing_key.get_secret_value()}


def _event(event: Any) -> InboundEvent:
    """One bad event must not take its neighbours along, so it becomes `Unreadable`."""
    kind = event.get("type") if isinstance(event, dict) else None
    try:
        if kind == "message":
            return _message(EchoMessage.model_validate(event))
        if kind == "receipt":
            receipt = EchoReceipt.model_validate(event)
            return StatusChanged(receipt.state, moment(receipt.at), external_id=receipt.id)
    except (ValidationError, ValueError) as error:
        return Unreadable(f"An event of the type {kind} has another shape: {error}")
    return Unreadable("An event is of no type that is known.")


def _message(message: EchoMessage) -> MessageReceived:
    content: Content
    if message.image:
        content = Media(kind="image", url=message.image, caption=message.text)
    elif message.text:
        content = Text(text=message.text)
    else:
        raise ValueError("it has neither text nor picture")
    return MessageReceived(message.sender, message.id, content, moment(message.at), Profile(first_name=message.name))


def _body(content: Content) -> dict[str, Any]:
    """Only what the capabilities declare arrives here: all else was turned into it before."""
    match content:
        case Text():
            return {"text": to_plain(content.text)}
        case Media(kind="image"):
            return {"image": content.url}
    raise Rejected(content.type, f"Echo does not take this kind of message: {content.type}.")


def _explain(answer: httpx.Response) -> SendFailed | None:
    """Echo's errors. ``None`` leaves 429 and 5xx to ``sdk.http``, which knows them from every provider."""
    said = json_of(answer)
    words = said.get("error") if isinstance(said, dict) else None
    words = words if isinstance(words, str) and words else f"Echo refused the message ({answer.status_code})."
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return CredentialsInvalid(words)
    if answer.status_code == httpx.codes.NOT_FOUND:
        return ContactGone(words)
    if answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return Rejected(str(answer.status_code), words)
    return None


def _config(config: BaseModel) -> EchoConfig:
    return EchoConfig.model_validate(config)
