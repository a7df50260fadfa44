import copy
import json
from typing import Any

import pytest

from channels_adapters.custom_channel.adapter import CustomChannel
from channels_adapters.custom_channel.config import CustomChannelConfig
from ismessenger.sdk.channel import BodyInvalid, MessageReceived, Unreadable, ValidatesBody
from ismessenger.sdk.content import Unsupported
from ismessenger.sdk.testing import raw_request

PHONE = CustomChannelConfig(id_type="phone", api_base_url="https://integration.example.com")
CUSTOM = PHONE.model_copy(update={"id_type": "custom"})
MESSAGE = {"type": "message", "mId": "abc-1", "timestamp": 1767323045000, "message": {"type": "text", "text": "Hello"}}
BODY: dict[str, Any] = {"channelId": "5", "contactId": "+60123456789", "events": [MESSAGE]}
channel = CustomChannel()


def event(**fields: Any) -> dict[str, Any]:
    return {**BODY, "events": [{**MESSAGE, **fields}]}


def message(**fields: Any) -> dict[str, Any]:
    return event(message=fields)


def file(**fields: Any) -> dict[str, Any]:
    return message(type="attachment", attachment={"type": "image", "url": "https://files.example.com/a.png", **fields})


def request_of(body: Any) -> Any:
    return raw_request(json.dumps(body).encode())


def test_the_sender_is_told_of_mistakes_before_anything_is_stored() -> None:
    assert isinstance(channel, ValidatesBody)
    channel.validate(request_of(BODY), PHONE)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"events": [MESSAGE]}, "contactId"),
        ({**BODY, "contactId": 60123456789}, "contactId"),
        ({**BODY, "channelId": ["5"]}, "channelId"),
        ({"contactId": "+60123456789"}, "events"),
        ({**BODY, "events": {}}, "events"),
        ({**BODY, "events": [None]}, "events[0]"),
        ({**BODY, "events": [MESSAGE, {**MESSAGE, "mId": ""}]}, "events[1].mId"),
        ({**BODY, "contact": []}, "contact"),
        ({**BODY, "contact": {"firstName": 5}}, "contact.firstName"),
        (event(type="typing"), "events[0].type"),
        (event(type=None), "events[0].type"),
        (event(mId="x" * 51), "events[0].mId"),
        (event(mId=5), "events[0].mId"),
        (event(timestamp=1767323045), "events[0].timestamp"),
        (event(timestamp="1767323045000"), "events[0].timestamp"),
        (event(timestamp=10**16), "events[0].timestamp"),
        (event(timestamp=True), "events[0].timestamp"),
        (event(timestamp=1767323045000.5), "events[0].timestamp"),
        (event(message="Hello"), "events[0].message"),
        (message(type=None), "events[0].message.type"),
        (message(type="text"), "events[0].message.text"),
        (message(type="text", text=" "), "events[0].message.text"),
        (message(type="attachment"), "events[0].message.attachment"),
        (file(type="sticker"), "events[0].message.attachment.type"),
        (file(url="javascript:alert(1)"), "events[0].message.attachment.url"),
        (file(url="https://"), "events[0].message.attachment.url"),
        (file(mime=7), "events[0].message.attachment.mime"),
        (message(type="location", latitude="3.14", longitude=101), "events[0].message.latitude"),
        (message(type="location", latitude=91, longitude=101), "events[0].message.latitude"),
        (message(type="location", latitude=3.14), "events[0].message.longitude"),
        (message(type="quick_reply", replies=["A"]), "events[0].message.title"),
        (message(type="quick_reply", title="A", replies="B"), "events[0].message.replies"),
        (message(type="custom_payload", payload=[]), "events[0].message.payload"),
        (event(type="message_status"), "events[0].status"),
        (event(type="message_status", status={"value": "opened"}), "events[0].status.value"),
        (event(type="message_status", status={"value": "failed", "message": {}}), "events[0].status.message"),
    ],
)
def test_a_refusal_names_the_field(body: dict[str, Any], field: str) -> None:
    with pytest.raises(BodyInvalid) as refusal:
        channel.validate(request_of(body), PHONE)
    name, _, reason = str(refusal.value).partition(": ")
    assert name == field
    assert reason.strip()


@pytest.mark.parametrize("contact_id", ["+60123456789", "+4930123456", "+123456789012345"])
def test_a_phone_number_is_e164(contact_id: str) -> None:
    channel.validate(request_of({**BODY, "contactId": contact_id}), PHONE)


@pytest.mark.parametrize(
    "contact_id", ["60123456789", "+0123456789", "+60 12345678", "+12345", "+1234567890123456", "+６０１２３４５６７", "ann", ""]
)
def test_what_is_no_phone_number_is_refused(contact_id: str) -> None:
    with pytest.raises(BodyInvalid, match="contactId: must be a phone number"):
        channel.validate(request_of({**BODY, "contactId": contact_id}), PHONE)


@pytest.mark.parametrize("contact_id", ["a", "Ann_Lee@example/1=+", "x" * 50, "12345"])
def test_an_id_of_the_servers_own_has_its_form(contact_id: str) -> None:
    channel.validate(request_of({**BODY, "contactId": contact_id}), CUSTOM)


@pytest.mark.parametrize("contact_id", ["", "x" * 51, "ann lee", "ann-lee", "änn", "ann\n", "a\x00"])
def test_an_id_of_another_form_is_refused(contact_id: str) -> None:
    with pytest.raises(BodyInvalid, match="contactId: must have 1 to 50 characters"):
        channel.validate(request_of({**BODY, "contactId": contact_id}), CUSTOM)


def test_a_contact_with_an_own_id_gets_no_phone_number_from_it() -> None:
    (received,) = channel.parse(request_of({**BODY, "contactId": "12345"}), CUSTOM)
    assert isinstance(received, MessageReceived)
    assert received.profile.phone is None


def test_a_bad_event_does_not_take_its_neighbours_along() -> None:
    body = copy.deepcopy(BODY)
    body["events"] = [MESSAGE, {**MESSAGE, "mId": None}, {**MESSAGE, "mId": "abc-3"}]
    events = channel.parse(request_of(body), PHONE)
    assert [type(event) for event in events] == [MessageReceived, Unreadable, MessageReceived]


def test_a_type_of_message_from_the_future_is_kept_as_unsupported() -> None:
    (received,) = channel.parse(request_of(message(type="hologram", depth=3)), PHONE)
    assert isinstance(received, MessageReceived)
    assert received.content == Unsupported(what="a message of the type hologram")


def test_a_long_text_is_kept_whole() -> None:
    (received,) = channel.parse(request_of(message(type="text", text="x" * 100_000)), PHONE)
    assert isinstance(received, MessageReceived)
    assert received.content.model_dump()["text"] == "x" * 100_000
