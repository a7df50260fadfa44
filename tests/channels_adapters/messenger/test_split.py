import json
from typing import Any

import pytest

from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig
from ismessenger.sdk.channel import BodyInvalid, MessageReceived
from ismessenger.sdk.content import Text
from ismessenger.sdk.testing import raw_request
from tests.channels_adapters.messenger.conftest import APP_SECRET, PAGE, PERSON, TOKEN

OTHER_PAGE = "900000000000001"


def entry(page_id: Any, mid: str, text: str = "Hi") -> dict[str, Any]:
    event = {"sender": {"id": PERSON}, "recipient": {"id": page_id}, "timestamp": 1767322800000, "message": {"mid": mid, "text": text}}
    return {"id": page_id, "time": 1767322800412, "messaging": [event]}


def split(body: Any) -> list[tuple[str, bytes]]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return list(Messenger().split(raw_request(raw)))


def test_a_body_for_two_pages_becomes_one_body_per_entry_in_order() -> None:
    entries = [entry(PAGE, "m1"), entry(OTHER_PAGE, "m2"), entry(PAGE, "m3")]
    parts = split({"object": "page", "entry": entries})
    assert [page for page, _ in parts] == [PAGE, OTHER_PAGE, PAGE]
    assert [json.loads(body) for _, body in parts] == [{"object": "page", "entry": [one]} for one in entries]


def test_each_part_is_read_by_the_channel_of_its_page_alone(config: MessengerConfig) -> None:
    parts = split({"object": "page", "entry": [entry(PAGE, "m1", "Für A 👋"), entry(int(OTHER_PAGE), "m2", "Für B")]})
    other = MessengerConfig.model_validate({"page_id": OTHER_PAGE, "page_access_token": TOKEN, "app_secret": APP_SECRET})
    for (page_id, body), channel, text in zip(parts, (config, other), ("Für A 👋", "Für B"), strict=True):
        assert page_id == Messenger().account(channel)
        (event,) = Messenger().parse(raw_request(body), channel)
        assert isinstance(event, MessageReceived)
        assert event.content == Text(text=text)


@pytest.mark.parametrize("product", ["instagram", "whatsapp_business_account", None, 7])
def test_other_products_are_left_out(product: Any) -> None:
    assert split({"object": "page", "entry": [entry(PAGE, "m1")]})
    assert split({"object": product, "entry": [entry(PAGE, "m1")]}) == []


def test_entries_that_name_no_page_are_left_out() -> None:
    parts = split({"object": "page", "entry": [{"time": 1}, "text", None, {"id": None}, entry(PAGE, "m1")]})
    assert [page for page, _ in parts] == [PAGE]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", {"object": "page"}, {"object": "page", "entry": {}}])
def test_what_cannot_be_read_is_invalid(body: Any) -> None:
    with pytest.raises(BodyInvalid):
        split(body)
