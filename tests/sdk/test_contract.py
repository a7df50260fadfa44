"""The contract tests find the mistakes that adapters make: each of these adapters has one."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from channels_adapters.custom_channel.adapter import CustomChannel
from ismessenger.sdk.body import json_object, moment
from ismessenger.sdk.channel import (
    ContactChanged,
    Ignored,
    InboundEvent,
    MessageReceived,
    OutboundMessage,
    Profile,
    RawRequest,
    Rejected,
    Sent,
    SignatureInvalid,
    StatusChanged,
)
from ismessenger.sdk.content import Location, Media, Text
from ismessenger.sdk.testing import dump_event
from ismessenger.sdk.testing.fixtures import Fixture, complaint, fixtures_in
from tests.channels_adapters.custom_channel import test_contract as custom

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class TakesAll(CustomChannel):
    def verify(self, request: RawRequest, config: BaseModel) -> None:
        """Forgets to look."""


class ComparesBytes(CustomChannel):
    def verify(self, request: RawRequest, config: BaseModel) -> None:
        if request.headers.get("authorization", "").encode("ascii") != f"Bearer {custom.TOKEN}".encode():
            raise SignatureInvalid


class Trusts(CustomChannel):
    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:
        body = json.loads(request.body)
        return [
            MessageReceived(
                body["contactId"], event["mId"], Text(text=event["message"]["text"]), moment(event["timestamp"], per_second=1000)
            )
            for event in body["events"]
        ]


class KeepsEverything(CustomChannel):
    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:
        channel_id = json.loads(request.body).get("channelId") if json_object(request) else ""
        return [MessageReceived("1", "2", Text(text=str(channel_id)), request.received_at)]


class Numbers(CustomChannel):
    def parse(self, request: RawRequest, config: BaseModel) -> list[InboundEvent]:
        return [MessageReceived(7, "2", Text(text="Hello"), request.received_at) for _ in json_object(request)]  # type: ignore[arg-type]


class PostsBlindly(CustomChannel):
    async def send(self, message: OutboundMessage, config: BaseModel, http: httpx.AsyncClient) -> Sent:
        answer = await http.post("/message", json={"text": "Hello"})
        return Sent(answer.text[:9])


class Chatters(CustomChannel):
    async def send(self, message: OutboundMessage, config: BaseModel, http: httpx.AsyncClient) -> Sent:
        raise Rejected("1", f"Could not send with {custom.TOKEN}.")


class Boasts(CustomChannel):
    def capabilities_for(self, config: BaseModel) -> Any:
        """Declares what the provider does not take."""
        return custom.TestCustomChannel.channel.capabilities.__class__(template=True)


def contract(channel: CustomChannel) -> custom.TestCustomChannel:
    case = custom.TestCustomChannel()
    case.channel = channel  # type: ignore[misc]
    return case


def fixture_named(name: str) -> Fixture:
    return next(fixture for fixture in fixtures_in(custom.TestCustomChannel.fixtures) if fixture.path.stem == name)


@pytest.mark.parametrize(
    ("channel", "found_by"),
    [
        (TakesAll(), lambda case: case.test_refuses_a_wrong_signature()),
        (TakesAll(), lambda case: case.test_refuses_a_missing_signature()),
        (ComparesBytes(), lambda case: case.test_refuses_a_signature_of_strange_characters()),
        (Trusts(), lambda case: case.test_an_empty_body_is_invalid()),
        (Trusts(), lambda case: case.test_odd_json_is_invalid(b"[" * 100_000)),
        (Trusts(), lambda case: case.test_a_truncated_body_is_invalid(fixture_named("text"))),
        (Trusts(), lambda case: case.test_wrong_types_never_break_parsing(fixture_named("text"))),
        (Trusts(), lambda case: case.test_parses_as_expected(fixture_named("statuses"))),
        (KeepsEverything(), lambda case: case.test_unstorable_text_survives(fixture_named("text"))),
        (Numbers(), lambda case: case.test_wrong_types_never_break_parsing(fixture_named("text"))),
    ],
)
def test_a_mistake_in_receiving_is_found(channel: CustomChannel, found_by: Callable[[custom.TestCustomChannel], None]) -> None:
    found_by(contract(CustomChannel()))
    with pytest.raises((Exception, pytest.fail.Exception)):
        found_by(contract(channel))


@pytest.mark.parametrize(
    ("channel", "found_by"),
    [
        (PostsBlindly(), lambda case, _: case.test_a_refused_connection_is_unavailable()),
        (PostsBlindly(), lambda case, _: case.test_silence_is_unconfirmed()),
        (PostsBlindly(), lambda case, _: case.test_a_cut_answer_is_unconfirmed()),
        (PostsBlindly(), lambda case, _: case.test_throttling_says_for_how_long()),
        (PostsBlindly(), lambda case, _: case.test_a_failing_provider_may_have_taken_it_or_not(503)),
        (PostsBlindly(), lambda case, _: case.test_strange_answers_have_a_name(401)),
        (Chatters(), lambda case, caplog: case.test_secrets_stay_secret(caplog)),
    ],
)
async def test_a_mistake_in_sending_is_found(
    channel: CustomChannel,
    found_by: Callable[[custom.TestCustomChannel, pytest.LogCaptureFixture], Awaitable[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    await found_by(contract(CustomChannel()), caplog)
    with pytest.raises((Exception, pytest.fail.Exception)):
        await found_by(contract(channel), caplog)


async def test_a_capability_that_the_provider_lacks_is_found() -> None:
    with pytest.raises(Rejected):
        await contract(Boasts()).test_sends_whatever_fits("template")


def test_an_event_is_written_without_what_is_usual() -> None:
    assert dump_event(MessageReceived("1", "2", Text(text="Hello"), AT)) == {
        "event": "MessageReceived",
        "identifier": "1",
        "external_id": "2",
        "content": {"type": "text", "text": "Hello"},
        "sent_at": "2026-01-02T03:04:05+00:00",
    }
    welcome = ContactChanged("1", AT, Profile(first_name="Ann"), happened="follow", referral={"ref": "a"}, reachable=False)
    assert dump_event(welcome) == {
        "event": "ContactChanged",
        "identifier": "1",
        "at": "2026-01-02T03:04:05+00:00",
        "profile": {"first_name": "Ann"},
        "happened": "follow",
        "referral": {"ref": "a"},
        "reachable": False,
    }
    assert dump_event(Ignored("a group")) == {"event": "Ignored", "reason": "a group"}


@pytest.mark.parametrize(
    "event",
    [
        MessageReceived("1", "2", Text(text="a\x00b"), AT),
        MessageReceived("1", "2", Text(text="a\ud800b"), AT),
        MessageReceived("1", "2", Text(text="a"), AT.replace(tzinfo=None)),
        MessageReceived("", "2", Text(text="a"), AT),
        MessageReceived("1", "x" * 256, Text(text="a"), AT),
        MessageReceived("1", "2", Text(text="a"), AT, reply_to="x" * 256),
        StatusChanged("read", AT),
        StatusChanged("read", AT, identifier="1"),
        Ignored(" "),
    ],
)
def test_an_event_that_cannot_be_stored_is_complained_about(event: InboundEvent) -> None:
    assert complaint(event)


@pytest.mark.parametrize(
    "event",
    [
        MessageReceived("1", "2", Text(text="a \\u0000 b 👍"), AT),
        MessageReceived("1", "2", Location(latitude=1, longitude=2), AT),
        MessageReceived("1", "2", Media(kind="file"), AT),
        StatusChanged("read", AT, external_id="1"),
        StatusChanged("read", AT, our_id="1"),
        StatusChanged("read", AT, identifier="1", watermark=AT),
        ContactChanged("1", AT),
    ],
)
def test_a_good_event_is_not_complained_about(event: InboundEvent) -> None:
    assert complaint(event) is None
