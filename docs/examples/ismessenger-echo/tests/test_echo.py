"""The contract of all channels, and what is special about Echo."""

# ruff: noqa: INP001, S101 - tests are no package, and assert

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
from ismessenger_echo.adapter import Echo, EchoConfig

from ismessenger.sdk.channel import OutboundMessage, RawRequest, Sent
from ismessenger.sdk.content import Text
from ismessenger.sdk.signing import hmac_hex
from ismessenger.sdk.testing import Answer, ChannelContract, Provider, answering, raw_request

CONFIG = EchoConfig(api_key="the-api-key", signing_key="the-signing-key")


class TestEcho(ChannelContract):
    """Some fifty tests for free."""

    channel = Echo()
    config = CONFIG
    fixtures = Path(__file__).parent / "fixtures"
    identifier = "ann"

    def sign(self, body: bytes) -> RawRequest:
        """As Echo signs."""
        return raw_request(body, {"x-echo-signature": "sha256=" + hmac_hex("the-signing-key", body)})

    def provider(self) -> AbstractAsyncContextManager[Provider]:
        """Echo, when all is well."""
        return answering(Answer(200, {"id": "m2"}))


async def test_text_goes_out_plain() -> None:
    """Echo knows no formatting."""
    async with answering(Answer(200, {"id": "m2"})) as server, httpx.AsyncClient(base_url=server.url) as http:
        message = OutboundMessage("our-1", "5", "ann", Text(text="Hello **Ann**"))
        assert await Echo().send(message, CONFIG, http) == Sent("m2")
        (request,) = server.requests
    assert (request.method, request.path, request.json()) == ("POST", "/v1/messages", {"to": "ann", "text": "Hello Ann"})
    assert request.headers["authorization"] == "Bearer the-api-key"
