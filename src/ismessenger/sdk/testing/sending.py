"""What every adapter promises about sending."""

# ruff: noqa: S101 - a test asserts

import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from ismessenger.sdk.channel import (
    OutboundMessage,
    SendFailed,
    Sent,
    SignatureInvalid,
    Throttled,
    Unavailable,
    Unconfirmed,
    capabilities_of,
)
from ismessenger.sdk.compose import CannotCarry, fit
from ismessenger.sdk.content import Content, Text
from ismessenger.sdk.testing.samples import misfits
from ismessenger.sdk.testing.setup import AdapterUnderTest, raw_request
from ismessenger.sdk.testing.told import Answer, answering, refusing

_PATIENT = httpx.Timeout(10.0)
_IMPATIENT = httpx.Timeout(10.0, read=0.3)  # on a busy machine connecting takes longer than that, and what never left is `Unavailable`
_STRANGE_BODIES: tuple[object, ...] = (
    b"",
    b"<html>",
    b"{",
    b"\xff\xfe",
    None,
    7,
    "text",
    [],
    [None],
    {},
    {"error": None},
    {"error": {"message": [], "code": {}}},
)
_SHORTEST_SECRET = 4


class SendingContract(AdapterUnderTest):
    """Whatever `fit` makes of a content goes out; whatever the provider answers is `Sent` or one of the named failures."""

    @pytest.mark.asyncio
    async def test_sends_whatever_fits(self, sample: str) -> None:
        """Everything that the channel declares to take is in a form that the provider takes."""
        capabilities = capabilities_of(self.channel, self.config)
        try:
            contents = fit(self.samples[sample], capabilities)
        except CannotCarry as refusal:
            pytest.skip(str(refusal))
        assert [misfits(content, capabilities) for content in contents] == [[]] * len(contents)
        async with self.provider() as provider:
            for content in contents[:5]:
                assert isinstance(await self._send(provider.url, content), Sent)

    @pytest.mark.asyncio
    async def test_throttling_says_for_how_long(self) -> None:
        """The provider's 429, in its own form."""
        with pytest.raises(Throttled) as failure:
            await self._send_to(self.throttled)
        assert failure.value.retry_after == self.throttled_for

    @pytest.mark.asyncio
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    async def test_a_failing_provider_may_have_taken_it_or_not(self, status: int) -> None:
        """5xx is no rejection."""
        with pytest.raises((Unavailable, Unconfirmed)):
            await self._send_to(Answer(status, b"<html>Bad gateway</html>"))

    @pytest.mark.asyncio
    async def test_a_refused_connection_is_unavailable(self) -> None:
        """Nothing was sent, so it may be sent again."""
        with refusing() as url, pytest.raises(Unavailable):
            await self._send(url)

    @pytest.mark.asyncio
    async def test_silence_is_unconfirmed(self) -> None:
        """The message went out and no answer came."""
        with pytest.raises(Unconfirmed):
            await self._send_to(Answer(manner="silent"), patience=_IMPATIENT)

    @pytest.mark.asyncio
    async def test_a_cut_answer_is_unconfirmed(self) -> None:
        """The connection ended in the middle of the answer."""
        with pytest.raises(Unconfirmed):
            await self._send_to(Answer(200, {"some": "answer"}, manner="cut"))

    @pytest.mark.asyncio
    @pytest.mark.parametrize("status", [200, 302, 400, 401, 404])
    async def test_strange_answers_have_a_name(self, status: int) -> None:
        """Pages of HTML, nothing, JSON of another shape: `Sent` only for 200, else one of the named failures."""
        for body in _STRANGE_BODIES:
            try:
                await self._send_to(Answer(status, body))
            except SendFailed as failure:
                words = str(failure)
            else:
                words = "Sent" if status == HTTPStatus.OK else ""
            assert words.strip(), f"{status} with {body!r} was taken for a success, or failed without words"

    @pytest.mark.asyncio
    async def test_secrets_stay_secret(self, caplog: pytest.LogCaptureFixture) -> None:
        """Neither the config's repr nor logs nor the text of any failure show a secret."""
        for name in (None, "httpx", "httpcore"):
            caplog.set_level(logging.DEBUG, logger=name)
        shown = [repr(self.config), str(self.config), repr(self.channel)]
        shown += ["".join(traceback.format_exception(failure)) async for failure in self._failures()]
        shown.append(caplog.text)
        for secret in _secrets(self.config):
            assert len(secret) >= _SHORTEST_SECRET, "Give the config secrets that cannot be found by chance."
            assert not any(secret in text for text in shown), "A secret of the config was shown."

    async def _failures(self) -> AsyncIterator[Exception]:
        try:
            self.channel.verify(raw_request(b"{}", {"authorization": "Bearer wrong"}, query="a=b"), self.config)
        except SignatureInvalid as failure:
            yield failure
        for answer in (self.throttled, *(Answer(status, {"error": {"message": "No"}}) for status in (200, 400, 401, 404, 500, 503))):
            try:
                await self._send_to(answer)
            except SendFailed as failure:
                yield failure
        try:
            with refusing() as url:
                await self._send(url)
        except SendFailed as failure:
            yield failure

    async def _send_to(self, answer: Answer, *, patience: httpx.Timeout = _PATIENT) -> Sent:
        async with answering(answer) as server:
            return await self._send(server.url, patience=patience)

    async def _send(self, url: str, content: Content | None = None, *, patience: httpx.Timeout = _PATIENT) -> Sent:
        message = OutboundMessage(id="our-1", channel_id="5", identifier=self.identifier, content=content or Text(text="Hello"))
        async with httpx.AsyncClient(base_url=url, timeout=patience) as http:
            return await self.channel.send(message, self.config_at(url), http)


def _secrets(config: BaseModel) -> Iterator[str]:
    for _, value in config:
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
        elif isinstance(value, BaseModel):
            yield from _secrets(value)
