"""What every adapter promises about webhooks."""

# ruff: noqa: S101 - a test asserts

import dataclasses
import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from typing import get_args

import pytest

from ismessenger.sdk.channel import BodyInvalid, InboundEvent, RawRequest, SharesApp, SignatureInvalid, ValidatesBody
from ismessenger.sdk.testing.fixtures import Fixture, complaint, dump_event, fixtures_in, spoiled, with_unstorable_texts
from ismessenger.sdk.testing.setup import AdapterUnderTest


class ReceivingContract(AdapterUnderTest):
    """Verify refuses what is not signed; parse gives events or `BodyInvalid`, and nothing else, whatever arrives."""

    def test_takes_what_is_signed(self) -> None:
        """The other tests of signatures would say nothing if this failed."""
        assert fixtures_in(self.fixtures), f"There are no recorded webhooks in {self.fixtures}."
        for fixture in fixtures_in(self.fixtures):
            assert self.channel.verify(self._signed(fixture), self.config) is None

    def test_refuses_a_wrong_signature(self) -> None:
        """Each value of the proof with its last character changed."""
        request = self.sign(b"{}")
        headers = {name: _altered(value) for name, value in request.headers.items()}
        self._refuses(dataclasses.replace(request, headers=headers, query=_altered(request.query)))

    def test_refuses_a_signature_of_strange_characters(self) -> None:
        """Header values are decoded as Latin-1 and may hold anything."""
        request = self.sign(b"{}")
        headers = {name: value[:-4] + "é\xff" for name, value in request.headers.items()}
        self._refuses(dataclasses.replace(request, headers=headers, query="=%ff"))

    def test_refuses_a_missing_signature(self) -> None:
        """No proof at all, and an empty one."""
        request = self.sign(b"{}")
        self._refuses(dataclasses.replace(request, headers={}, query=""))
        self._refuses(dataclasses.replace(request, headers=dict.fromkeys(request.headers, ""), query=""))

    def test_an_empty_body_is_invalid(self) -> None:
        """Nothing is no webhook."""
        self._is_invalid(self.sign(b""))

    def test_a_truncated_body_is_invalid(self, fixture: Fixture) -> None:
        """A body that was cut off in the middle of its JSON."""
        self._needs_json()
        for length in (1, len(fixture.body) // 2, len(fixture.body.rstrip()) - 1):
            self._is_invalid(self._signed(fixture, fixture.body[:length]))

    @pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[NaN]", b"1" * 10_000, b"\xff\xfe{}", b"null", b'"text"', b"7"])
    def test_odd_json_is_invalid(self, body: bytes) -> None:
        """Endless nesting, numbers without end, what is no object."""
        self._needs_json()
        self._is_invalid(self.sign(body))

    def test_wrong_types_never_break_parsing(self, fixture: Fixture) -> None:
        """Every node of the body missing, or replaced by something of another kind."""
        self._needs_json()
        for what, body in spoiled(fixture.body):
            self._parses_or_refuses(what, self._signed(fixture, body))

    def test_unstorable_text_survives(self, fixture: Fixture) -> None:
        """NUL and lone surrogates in every text of the body."""
        self._needs_json()
        for what, body in with_unstorable_texts(fixture.body):
            self._parses_or_refuses(what, self._signed(fixture, body))

    def test_parses_as_expected(self, fixture: Fixture) -> None:
        """The events of ``NAME.json`` are those in ``NAME.expected.json``."""
        events = [dump_event(event) for event in self._parse(self._signed(fixture))]
        if not fixture.expected_path.exists() and os.environ.get("ISMESSENGER_WRITE_EXPECTED"):
            fixture.expected_path.write_text(json.dumps(events, indent=2, ensure_ascii=False) + "\n")
        assert events == json.loads(fixture.expected_path.read_text())

    def test_the_same_body_gives_the_same_events(self, fixture: Fixture) -> None:
        """Providers repeat themselves: the second time must be recognised by its ids."""
        request = self._signed(fixture)
        assert self._parse(request) == self._parse(dataclasses.replace(request))

    def _signed(self, fixture: Fixture, body: bytes | None = None) -> RawRequest:
        request = self.sign(fixture.body if body is None else body)
        return dataclasses.replace(request, headers={**fixture.headers, **request.headers}, query=fixture.query or request.query)

    def _refuses(self, request: RawRequest) -> None:
        with pytest.raises(SignatureInvalid):
            self.channel.verify(request, self.config)

    def _needs_json(self) -> None:
        if not self.body_is_json:
            pytest.skip("This provider does not send JSON.")

    def _is_invalid(self, request: RawRequest) -> None:
        with pytest.raises(BodyInvalid) as refusal:
            self._parse(request)
        assert str(refusal.value).strip()

    def _parse(self, request: RawRequest) -> list[InboundEvent]:
        # Parsing happens later, from what is stored: of the headers that is the type of the body alone.
        kept = {name: value for name, value in request.headers.items() if name == "content-type"}
        events = self.channel.parse(dataclasses.replace(request, headers=kept), self.config)
        for event in events:
            assert isinstance(event, get_args(InboundEvent)), f"{event!r} is no inbound event"
            assert complaint(event) is None, f"{complaint(event)} {event!r}"
        return events

    def _parses_or_refuses(self, what: str, request: RawRequest) -> None:
        for way in self._ways(request):
            try:
                way()
            except BodyInvalid:
                continue
            except Exception as error:
                error.add_note(f"Body: {what}")
                raise

    def _ways(self, request: RawRequest) -> Iterator[Callable[[], object]]:
        """All ways of a body into an adapter: parsing, checking a third party's call, cutting an application's body by account."""
        channel = self.channel
        yield lambda: self._parse(request)
        if isinstance(channel, ValidatesBody):
            yield partial(channel.validate, request, self.config)
        if isinstance(channel, SharesApp):
            yield lambda: list(channel.split(request))


def _altered(value: str) -> str:
    return value and value[:-1] + ("x" if value[-1] != "x" else "y")
