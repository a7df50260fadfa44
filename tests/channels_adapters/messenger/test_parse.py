import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig
from ismessenger.sdk.channel import (
    ContactChanged,
    Ignored,
    InboundEvent,
    MessageEchoed,
    MessageReceived,
    StatusChanged,
    Unreadable,
)
from ismessenger.sdk.content import Media, Text, Unsupported
from ismessenger.sdk.testing import raw_request
from tests.channels_adapters.messenger.conftest import PAGE, PERSON, make_config

AT = datetime(2026, 1, 2, 3, 0, 0, 250_000, tzinfo=UTC)
AT_MS = 1767322800250


def parse(*items: dict[str, Any], config: MessengerConfig | None = None) -> list[InboundEvent]:
    body = {"object": "page", "entry": [{"id": PAGE, "time": AT_MS + 400, "messaging": items}]}
    return Messenger().parse(raw_request(json.dumps(body).encode()), config or make_config())


def event(**what: Any) -> dict[str, Any]:
    return {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": AT_MS, **what}


def echo(**message: Any) -> dict[str, Any]:
    return {"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "timestamp": AT_MS, "message": {"is_echo": True, **message}}


def attachment(kind: str, **payload: Any) -> dict[str, Any]:
    return {"type": kind, "payload": payload}


def test_times_are_milliseconds() -> None:
    (received,) = parse(event(message={"mid": "m1", "text": "Hi"}))
    assert isinstance(received, MessageReceived)
    assert received.sent_at == AT


def test_a_watermark_is_milliseconds_and_belongs_to_one_person() -> None:
    (read,) = parse(event(read={"watermark": AT_MS}))
    assert read == StatusChanged("read", AT, identifier=PERSON, watermark=AT)


def test_a_delivery_settles_its_messages_and_everything_up_to_its_watermark() -> None:
    events = parse(event(delivery={"mids": ["m1", "m2"], "watermark": AT_MS}))
    assert events == [
        StatusChanged("delivered", AT, external_id="m1"),
        StatusChanged("delivered", AT, external_id="m2"),
        StatusChanged("delivered", AT, identifier=PERSON, watermark=AT),
    ]


def test_words_and_every_file_of_a_message_come_in_with_ids_of_their_own() -> None:
    files = [attachment("image", url="https://scontent.xx.fbcdn.net/1.jpg"), attachment("video", url="https://video.xx.fbcdn.net/2.mp4")]
    events = parse(event(message={"mid": "m1", "text": "Look", "reply_to": {"mid": "m0"}, "attachments": files}))
    assert all(isinstance(one, MessageReceived) for one in events)
    received = [one for one in events if isinstance(one, MessageReceived)]
    assert [one.external_id for one in received] == ["m1", "m1:1", "m1:2"]
    assert [one.content.type for one in received] == ["text", "attachment", "attachment"]
    assert [one.reply_to for one in received] == ["m0", None, None]
    assert {one.content.group_id for one in received if isinstance(one.content, Media)} == {"m1"}


def test_a_file_that_cannot_be_read_leaves_words_and_other_files_alone() -> None:
    files = [{"type": []}, attachment("image", url=[]), attachment("image", url="https://scontent.xx.fbcdn.net/1.jpg")]
    events = parse(event(message={"mid": "m1", "text": "Look", "attachments": files}))
    contents = [one.content for one in events if isinstance(one, MessageReceived)]
    assert [type(content) for content in contents] == [Text, Unsupported, Unsupported, Media]


def test_a_bad_item_leaves_its_neighbours_alone() -> None:
    events = parse(event(message={"mid": "m1", "text": "1"}), event(message=7), event(message={"mid": "m2", "text": "2"}))
    assert [type(one) for one in events] == [MessageReceived, Unreadable, MessageReceived]


def test_reasons_never_repeat_what_somebody_wrote() -> None:
    (unreadable,) = parse(event(message={"mid": "m1", "text": ["my card is 4111 1111"]}))
    assert isinstance(unreadable, Unreadable)
    assert "4111" not in unreadable.reason
    assert "message.text" in unreadable.reason


def test_an_echo_brings_our_id_back() -> None:
    (echoed,) = parse(echo(mid="m1", metadata="our-1", text="Hello"))
    assert echoed == MessageEchoed(PERSON, "m1", Text(text="Hello"), AT, our_id="our-1")


def test_the_preview_of_a_link_that_we_sent_is_no_message_of_its_own() -> None:
    preview = attachment("fallback", url="https://example.com/where-it-leads", title="Sofa")
    assert len(parse(echo(mid="m1", metadata="our-1", text="Have a look", attachments=[preview]))) == 1
    assert len(parse(echo(mid="m1", text="Have a look", attachments=[preview]))) == 2


def test_metadata_of_another_application_that_is_too_long_for_an_id_is_left_out() -> None:
    (echoed,) = parse(echo(mid="m1", metadata="x" * 1000, text="Hello"))
    assert isinstance(echoed, MessageEchoed)
    assert echoed.our_id is None


@pytest.mark.parametrize(
    ("text", "url", "parts"),
    [
        ("See https://example.com/a", "https://example.com/a", 1),
        ("See example.com/a/", "https://example.com/a", 1),
        ("See https://short.example/x", "https://example.com/a", 1),
        ("Look at this", "https://www.facebook.com/posts/1", 2),
    ],
)
def test_a_preview_of_a_link_in_the_words_is_left_out_and_a_share_is_not(text: str, url: str, parts: int) -> None:
    assert len(parse(event(message={"mid": "m1", "text": text, "attachments": [attachment("fallback", url=url)]}))) == parts


def test_a_sticker_that_comes_twice_is_one_message() -> None:
    copies = [attachment("sticker", url="https://a.fbcdn.net/s.png", sticker_id=1), attachment("image", url="https://a.fbcdn.net/s2.png")]
    assert len(parse(event(message={"mid": "m1", "attachments": copies}))) == 1


def test_the_click_on_an_advertisement_opens_and_a_link_does_not() -> None:
    (clicked,) = parse(event(referral={"source": "ADS", "type": "OPEN_THREAD", "ad_id": 6302}))
    (followed,) = parse(event(referral={"source": "SHORTLINK", "type": "OPEN_THREAD", "ref": "flyer"}))
    assert isinstance(clicked, ContactChanged)
    assert isinstance(followed, ContactChanged)
    assert (clicked.opens, clicked.referral) == (True, {"source": "ADS", "type": "OPEN_THREAD", "ad_id": "6302"})
    assert (followed.opens, followed.referral) == (False, {"source": "SHORTLINK", "type": "OPEN_THREAD", "ref": "flyer"})


def test_get_started_is_no_conversation_unless_an_advertisement_led_there() -> None:
    button = {"title": "Get Started", "payload": "GET_STARTED"}
    (started,) = parse(event(postback=button))
    (from_ad,) = parse(event(postback={**button, "mid": "m1", "referral": {"source": "ADS"}}))
    assert isinstance(started, ContactChanged)
    assert not started.opens
    assert isinstance(from_ad, MessageReceived)
    assert (from_ad.source, from_ad.opens) == ("ctc_ads", True)


def test_a_postback_without_an_id_gets_the_same_id_each_time_it_is_delivered() -> None:
    pressed = event(postback={"title": "Hours", "payload": "hours"})
    assert parse(pressed) == parse(pressed)
    (received,) = parse(pressed)
    assert isinstance(received, MessageReceived)
    assert received.external_id == f"postback:{PERSON}:{AT_MS}"


def test_what_the_page_wrote_without_an_echo_is_ignored() -> None:
    (ignored,) = parse({"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "timestamp": AT_MS, "message": {"mid": "m1", "text": "Hi"}})
    assert isinstance(ignored, Ignored)


def test_events_of_another_page_are_ignored_even_without_an_entry_id() -> None:
    body = {"object": "page", "entry": [{"messaging": [event(message={"mid": "m1", "text": "Hi"}, recipient={"id": "9"})]}]}
    (ignored,) = Messenger().parse(raw_request(json.dumps(body).encode()), make_config())
    assert isinstance(ignored, Ignored)


def test_a_hundred_thousand_characters_come_in_whole() -> None:
    (received,) = parse(event(message={"mid": "m1", "text": "é" * 100_000}))
    assert isinstance(received, MessageReceived)
    assert received.content == Text(text="é" * 100_000)
