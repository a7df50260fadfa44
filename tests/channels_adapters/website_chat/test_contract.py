"""What every adapter promises. There is no provider, so of sending only that everything which fits is taken."""

from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
from pydantic import BaseModel

from ismessenger.sdk.body import json_body
from ismessenger.sdk.channel import BodyInvalid, Channel, OutboundMessage, RawRequest, Sent
from ismessenger.sdk.compose import CannotCarry, fit
from ismessenger.sdk.testing.receiving import ReceivingContract
from ismessenger.sdk.testing.samples import SAMPLES, misfits
from ismessenger.sdk.testing.setup import Provider, raw_request
from tests.channels_adapters.website_chat.chat import CHANNEL, VISITOR, config, posted

FIXTURES = Path(__file__).parents[3] / "channels_adapters/website_chat/fixtures"


class TestReceiving(ReceivingContract):
    channel: ClassVar[Channel] = CHANNEL
    config: ClassVar[BaseModel] = config()
    fixtures: ClassVar[Path] = FIXTURES

    def sign(self, body: bytes) -> RawRequest:
        return posted(body, visitor=_named(body) or VISITOR)

    def provider(self) -> AbstractAsyncContextManager[Provider]:
        return nullcontext()  # type: ignore[return-value]


def _named(body: bytes) -> str | None:
    try:
        content = json_body(raw_request(body))
    except BodyInvalid:
        return None
    named = content.get("visitor") if isinstance(content, dict) else None
    return named if isinstance(named, str) else None


@pytest.mark.parametrize("sample", SAMPLES)
async def test_everything_that_fits_is_taken_and_nothing_leaves_us(sample: str) -> None:
    try:
        contents = fit(SAMPLES[sample], CHANNEL.capabilities)
    except CannotCarry as refusal:
        pytest.skip(str(refusal))
    assert [misfits(content, CHANNEL.capabilities) for content in contents] == [[]] * len(contents)

    def outside(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("Website chat calls nobody.")

    async with httpx.AsyncClient(transport=httpx.MockTransport(outside)) as http:
        for content in contents:
            message = OutboundMessage(id="our-1", channel_id="5", identifier=VISITOR, content=content)
            assert await CHANNEL.send(message, config(), http) == Sent(external_id=None, status="sent")


@pytest.mark.parametrize("sample", ["quick replies", "buttons", "list", "card", "carousel", "location", "contact"])
def test_the_widget_shows_it_as_it_is(sample: str) -> None:
    assert fit(SAMPLES[sample], CHANNEL.capabilities) == [SAMPLES[sample]]
