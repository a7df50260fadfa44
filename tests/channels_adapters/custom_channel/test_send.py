from datetime import timedelta
from typing import Any

import httpx
import pytest

from channels_adapters.custom_channel.adapter import CustomChannel
from channels_adapters.custom_channel.config import CustomChannelConfig
from ismessenger.sdk.channel import CredentialsInvalid, OutboundMessage, Rejected, Sent, Throttled, Unavailable, Unconfirmed
from ismessenger.sdk.content import Content, CustomPayload, Location, Media, QuickReplies, QuickReply, Text
from ismessenger.sdk.testing import Answer, answering
from tests.standins.custom_channel import CustomChannelServer

TOKEN = "a-token-of-the-tests"
channel = CustomChannel()


async def send(url: str, content: Content, token: str = TOKEN) -> Sent:
    config = CustomChannelConfig.model_validate({"id_type": "phone", "api_base_url": url, "api_token": token})
    async with httpx.AsyncClient(timeout=10) as http:
        return await channel.send(OutboundMessage("our-1", "5", "+60123456789", content), config, http)


async def send_to(answer: Answer) -> Sent:
    async with answering(answer) as server:
        return await send(server.url, Text(text="Hello"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (Text(text="Hi **Ann**: [shop](https://a.example)"), {"type": "text", "text": "Hi Ann: shop (https://a.example)"}),
        (
            Media(kind="image", url="https://f.example/a.png", mime="image/png", file_name="a.png"),
            {
                "type": "attachment",
                "attachment": {"type": "image", "url": "https://f.example/a.png", "mimeType": "image/png", "fileName": "a.png"},
            },
        ),
        (
            Media(kind="file", url="https://f.example/a"),
            {"type": "attachment", "attachment": {"type": "file", "url": "https://f.example/a", "mimeType": "application/octet-stream"}},
        ),
        (
            Media(kind="file", url="https://f.example/a.pdf?x=1"),
            {"type": "attachment", "attachment": {"type": "file", "url": "https://f.example/a.pdf?x=1", "mimeType": "application/pdf"}},
        ),
        (
            Location(latitude=3.14, longitude=101.69, title="Shop", address="1 High Street"),
            {"type": "location", "latitude": 3.14, "longitude": 101.69, "address": "Shop, 1 High Street"},
        ),
        (
            QuickReplies(title="Which _size_?", replies=[QuickReply(title="S", payload="small"), QuickReply(title="M")]),
            {"type": "quick_reply", "title": "Which size?", "replies": ["S", "M"]},
        ),
        (CustomPayload(payload={"any": [1, {"thing": None}]}), {"type": "custom_payload", "payload": {"any": [1, {"thing": None}]}}),
    ],
)
async def test_every_kind_has_its_form(content: Content, message: dict[str, Any]) -> None:
    async with CustomChannelServer(token=TOKEN) as server:
        assert await send(server.url, content) == Sent("out-1")
        (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/message")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.json() == {"channelId": "5", "contactId": "+60123456789", "message": message}


async def test_the_base_url_may_have_a_path() -> None:
    async with CustomChannelServer() as server:
        with pytest.raises(Rejected, match="Nothing at POST /api/v1/message"):
            await send(f"{server.url}/api/v1/", Text(text="Hello"))


async def test_a_refused_token_means_that_the_credentials_are_wrong() -> None:
    async with CustomChannelServer(token="another-token-than-ours") as server:
        with pytest.raises(CredentialsInvalid, match="Wrong token"):
            await send(server.url, Text(text="Hello"))


@pytest.mark.parametrize("status", [400, 404, 409, 410, 413, 422])
async def test_a_refusal_carries_the_servers_words(status: int) -> None:
    with pytest.raises(Rejected, match="The number is not in use") as failure:
        await send_to(Answer(status, {"error": {"message": "The number is not in use"}}))
    assert failure.value.code == str(status)


async def test_a_refusal_without_words_names_the_status() -> None:
    with pytest.raises(Rejected, match="422"):
        await send_to(Answer(422, b"<html>"))


async def test_endless_words_are_cut() -> None:
    with pytest.raises(Rejected) as failure:
        await send_to(Answer(400, {"error": {"message": "no\x00 " * 10_000}}))
    assert len(str(failure.value)) <= 500
    assert "\x00" not in str(failure.value)


@pytest.mark.parametrize(
    ("body", "external_id"),
    [
        ({"mId": "x-1"}, "x-1"),
        ({"mId": 17}, "17"),
        ({}, None),
        ({"mId": None}, None),
        ({"mId": ""}, None),
        ({"mId": "x" * 256}, None),
        (b"OK", None),
        ([], None),
    ],
)
async def test_a_good_answer_without_an_id_counts_as_sent(body: Any, external_id: str | None) -> None:
    assert await send_to(Answer(200, body)) == Sent(external_id)
    assert await send_to(Answer(201, body)) == Sent(external_id)


async def test_throttling_tells_how_long_to_wait() -> None:
    async with CustomChannelServer() as server:
        server.throttle(30, count=1)
        with pytest.raises(Throttled) as failure:
            await send(server.url, Text(text="Hello"))
        assert failure.value.retry_after == timedelta(seconds=30)
        assert await send(server.url, Text(text="Hello")) == Sent("out-1")


async def test_a_server_that_fails_may_or_may_not_have_sent_it() -> None:
    async with CustomChannelServer() as server:
        server.fail(503)
        with pytest.raises(Unavailable):
            await send(server.url, Text(text="Hello"))
        server.fail(500)
        with pytest.raises(Unconfirmed):
            await send(server.url, Text(text="Hello"))


async def test_a_dropped_connection_is_unconfirmed_although_the_server_took_the_message() -> None:
    async with CustomChannelServer() as server:
        server.drop()
        with pytest.raises(Unconfirmed):
            await send(server.url, Text(text="Hello"))
        assert len(server.messages) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with CustomChannelServer() as elsewhere:
        with pytest.raises(Rejected, match="302"):
            await send_to(Answer(302, {}, {"Location": f"{elsewhere.url}/message"}))
        assert elsewhere.requests == []
