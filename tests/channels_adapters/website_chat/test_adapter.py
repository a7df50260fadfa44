"""What the widget posts becomes events; what anybody else posts is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest

from channels_adapters.website_chat.adapter import FILE_BYTES
from channels_adapters.website_chat.bodies import TEXT_LENGTH
from ismessenger.sdk.channel import BodyInvalid, ContactChanged, MessageReceived, Profile, SignatureInvalid, StatusChanged, permission
from ismessenger.sdk.content import Media, Text
from tests.channels_adapters.website_chat.chat import CHANNEL, NOW, VISITOR, config, posted, said

OTHER = "visitor:other"


def received(body: dict[str, Any]) -> MessageReceived:
    (event,) = CHANNEL.parse(posted(body), config())
    assert isinstance(event, MessageReceived)
    return event


def test_a_message_with_the_visitors_own_token_is_taken() -> None:
    request = posted(said())
    CHANNEL.verify(request, config())
    CHANNEL.validate(request, config())


def test_a_message_in_the_name_of_another_visitor_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        CHANNEL.verify(posted(said(visitor=OTHER)), config())


@pytest.mark.parametrize("headers", [{}, {"authorization": ""}, {"authorization": "Basic abc"}, {"authorization": "Bearer"}])
def test_a_message_without_a_token_is_refused(headers: dict[str, str]) -> None:
    request = posted(said())
    with pytest.raises(SignatureInvalid):
        CHANNEL.verify(type(request)("POST", headers, "", request.body, NOW), config())


def test_an_expired_token_is_refused_but_what_it_brought_can_be_read_for_ever() -> None:
    request = posted(said(), issued=NOW - timedelta(days=181))
    with pytest.raises(SignatureInvalid):
        CHANNEL.verify(request, config())
    assert CHANNEL.parse(request, config())


def test_the_stored_body_is_read_without_the_token() -> None:
    request = posted({"type": "message", "id": "0f8a4c1e2b3d4f5a", "text": "Hello"})
    stored = type(request)("POST", {}, "", CHANNEL.addressed(request, VISITOR), NOW)
    (event,) = CHANNEL.parse(stored, config())
    assert isinstance(event, MessageReceived)
    assert event.identifier == VISITOR


def test_a_page_cannot_name_its_visitor_itself() -> None:
    request = posted(said(visitor=OTHER))
    assert json.loads(CHANNEL.addressed(request, VISITOR))["visitor"] == VISITOR


def test_a_repeated_post_is_the_same_message() -> None:
    assert received(said("Hello")).external_id == received(said("Hello again")).external_id


def test_two_visitors_may_use_the_same_id() -> None:
    assert received(said()).external_id != received(said(visitor=OTHER)).external_id


def test_the_page_recognizes_its_message_by_its_own_id() -> None:
    external_id = received(said()).external_id
    assert CHANNEL.client_id(VISITOR, external_id) == "0f8a4c1e2b3d4f5a"
    assert CHANNEL.client_id(OTHER, external_id) is None


def test_our_clock_orders_the_thread() -> None:
    assert received(said(sent_at="1999-01-01T00:00:00Z")).sent_at == NOW


def test_a_pressed_answer_carries_its_payload() -> None:
    assert received(said("Yes", payload="y")).content == Text(text="Yes", payload="y")


def test_an_uploaded_file_becomes_a_file_of_ours() -> None:
    file = Media(kind="file", provider_id="file/12", mime="application/pdf", file_name="a.pdf", size=3)
    ticket = CHANNEL.ticket(VISITOR, file, config())
    assert received(said("See this", attachment=ticket)).content == file.model_copy(update={"caption": "See this"})
    assert received(said("", attachment=ticket)).content == file


@pytest.mark.parametrize("attachment", ["", "abc", "a.b", "w/2/other.pdf"])
def test_a_page_cannot_name_a_file_that_it_did_not_upload(attachment: str) -> None:
    with pytest.raises(BodyInvalid, match="attachment"):
        CHANNEL.validate(posted(said(attachment=attachment)), config())


def test_a_page_cannot_send_the_file_of_another_visitor() -> None:
    ticket = CHANNEL.ticket(OTHER, Media(kind="file", provider_id="file/13"), config())
    with pytest.raises(BodyInvalid, match="attachment"):
        CHANNEL.validate(posted(said(attachment=ticket)), config())


def test_the_form_fills_the_profile_and_opens_nothing() -> None:
    form = {"name": "Ada King Lovelace", "email": "ada@example.com", "phone": "+44 (20) 7946-0000", "language": "en_GB"}
    (event,) = CHANNEL.parse(posted({"visitor": VISITOR, "type": "profile", "profile": form}), config())
    profile = Profile(first_name="Ada", last_name="King Lovelace", email="ada@example.com", phone="+442079460000", language="en")
    assert event == ContactChanged(identifier=VISITOR, at=NOW, profile=profile)


@pytest.mark.parametrize(
    "nonsense", [{"email": "nobody"}, {"phone": "n/a"}, {"name": "x" * 201}, {"language": "?"}, {"email": 7}, {"phone": []}]
)
def test_what_makes_no_sense_of_a_person_is_left_out_and_the_message_is_taken(nonsense: dict[str, Any]) -> None:
    event = received(said("Hello", profile=nonsense))
    assert event.profile == Profile()
    assert event.content == Text(text="Hello")


@pytest.mark.parametrize("kind", ["read", "delivered"])
def test_a_receipt_covers_everything_up_to_a_time_of_ours(kind: str) -> None:
    (event,) = CHANNEL.parse(posted({"visitor": VISITOR, "type": kind, "up_to": "2026-01-02T03:04:04.123456+00:00"}), config())
    assert isinstance(event, StatusChanged)
    assert (event.status, event.identifier) == (kind, VISITOR)
    assert event.watermark == NOW.replace(second=4, microsecond=123456)


def test_a_receipt_does_not_reach_into_the_future() -> None:
    (event,) = CHANNEL.parse(posted({"visitor": VISITOR, "type": "read", "up_to": "2999-01-01T00:00:00Z"}), config())
    assert isinstance(event, StatusChanged)
    assert event.watermark == NOW


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        ({"visitor": VISITOR}, "discriminator"),
        ({"visitor": VISITOR, "type": "nuke"}, "nuke|tag"),
        ({"type": "message", "id": "0f8a4c1e2b3d4f5a", "text": "Hello"}, "visitor"),
        (said(""), "words or a file"),
        (said("  \n "), "words or a file"),
        (said("x" * (TEXT_LENGTH + 1)), "text"),
        (said(id="short"), "id"),
        (said(id="x" * 65), "id"),
        (said(id="0f8a4c1e'; DROP TABLE"), "id"),
        ({**said(), "text": ["Hello"]}, "text"),
        (said(payload="x" * 1001), "payload"),
        (said(profile="Ada"), "profile"),
        ({"visitor": VISITOR, "type": "read"}, "up_to"),
        ({"visitor": VISITOR, "type": "read", "up_to": "yesterday"}, "up_to"),
        ({"visitor": VISITOR, "type": "read", "up_to": "2026-01-01T00:00:00"}, "up_to"),
    ],
)
def test_a_bad_body_is_refused_with_what_to_mend(body: Any, words: str) -> None:
    with pytest.raises(BodyInvalid, match=words):
        CHANNEL.validate(posted(body), config())


def test_text_that_cannot_be_stored_is_made_storable() -> None:
    assert received(said("a\x00b\ud800c")).content == Text(text="a\ufffdb\ufffdc")


@pytest.mark.parametrize("script", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "[x](javascript:alert(1))"])
def test_script_is_text(script: str) -> None:
    """What it means is decided where it is shown, so it arrives as it was written."""
    assert received(said(script, profile={"name": script})).content == Text(text=script)


def test_a_visitor_must_write_first_and_may_be_answered_for_ever() -> None:
    assert permission(CHANNEL.capabilities, last_incoming_at=None, now=NOW).state == "closed"
    assert permission(CHANNEL.capabilities, last_incoming_at=NOW - timedelta(days=900), now=NOW).state == "open"


def test_every_kind_of_file_is_taken_up_to_the_same_size() -> None:
    assert {limit.max_bytes for limit in CHANNEL.capabilities.media.values()} == {FILE_BYTES}
    assert set(CHANNEL.capabilities.media) == {"image", "video", "audio", "file"}
