from typing import Any

import pytest

from channels_adapters.telegram.adapter import Telegram
from ismessenger.sdk.channel import Rejected, Sent
from ismessenger.sdk.compose import fit
from ismessenger.sdk.content import (
    Button,
    Buttons,
    Card,
    Carousel,
    Content,
    CustomPayload,
    Location,
    Menu,
    QuickReplies,
    QuickReply,
    Row,
    Section,
    SharedContact,
    Template,
    Text,
    Unsupported,
)
from tests.channels_adapters.telegram.conftest import CHAT, TOKEN, Sender
from tests.standins.telegram import TelegramServer

TO = {"chat_id": int(CHAT)}
HTML = {"parse_mode": "HTML"}


async def test_text_goes_out_as_html(send: Sender, telegram: TelegramServer) -> None:
    sent = await send(Text(text="**Hi** <b> & [shop](https://a.example)"))
    assert sent == Sent(f"{CHAT}:1001")
    request = telegram.requests[0]
    assert (request.method, request.path) == ("POST", f"/bot{TOKEN}/sendMessage")
    assert request.json() == {**TO, **HTML, "text": '<b>Hi</b> &lt;b&gt; &amp; <a href="https://a.example">shop</a>'}


async def test_a_reply_names_the_message(send: Sender, telegram: TelegramServer) -> None:
    await send(Text(text="yes"), reply_to=f"{CHAT}:77")
    assert telegram.sent[0].params["reply_parameters"] == {"message_id": 77, "allow_sending_without_reply": True}


@pytest.mark.parametrize("reply_to", ["callback:2847199", "999:77", f"{CHAT}:x", ""])
async def test_a_reply_to_what_is_no_message_of_this_chat_goes_out_plainly(send: Sender, telegram: TelegramServer, reply_to: str) -> None:
    await send(Text(text="yes"), reply_to=reply_to)
    assert "reply_parameters" not in telegram.sent[0].params


CASES: list[tuple[Content, str, dict[str, Any]]] = [
    (Location(latitude=1.5, longitude=0), "sendLocation", {"latitude": 1.5, "longitude": 0}),
    (
        Location(latitude=1.5, longitude=2, title="Shop", address="1 Main St"),
        "sendVenue",
        {"latitude": 1.5, "longitude": 2, "title": "Shop", "address": "1 Main St"},
    ),
    (
        Location(latitude=1.5, longitude=2, address="1 Main St"),
        "sendVenue",
        {"latitude": 1.5, "longitude": 2, "title": "1 Main St", "address": "1 Main St"},
    ),
    (SharedContact(name="Ben", phones=["+442079460018"]), "sendContact", {"phone_number": "+442079460018", "first_name": "Ben"}),
    (
        SharedContact(name="Ben; Florist", phones=["+1", "+2"], emails=["b@x.example"]),
        "sendContact",
        {
            "phone_number": "+1",
            "first_name": "Ben; Florist",
            "vcard": "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ben\\; Florist\r\nTEL:+1\r\nTEL:+2\r\nEMAIL:b@x.example\r\nEND:VCARD",
        },
    ),
    (SharedContact(name="Ben", emails=["b@x.example"]), "sendMessage", {**HTML, "text": "Ben\nb@x.example"}),
    (
        QuickReplies(title="Which?", replies=[QuickReply(title="Red"), QuickReply(title="White", payload="w")]),
        "sendMessage",
        {
            **HTML,
            "text": "Which?",
            "reply_markup": {"keyboard": [[{"text": "Red"}], [{"text": "White"}]], "one_time_keyboard": True, "resize_keyboard": True},
        },
    ),
    (
        Buttons(text="Go?", buttons=[Button(title="Yes", value="y"), Button(kind="url", title="Shop", value="https://a.example")]),
        "sendMessage",
        {
            **HTML,
            "text": "Go?",
            "reply_markup": {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}], [{"text": "Shop", "url": "https://a.example"}]]},
        },
    ),
    (
        Menu(text="Choose", sections=[Section(rows=[Row(title="Roses", payload="r"), Row(title="Tulips")])]),
        "sendMessage",
        {
            **HTML,
            "text": "Choose",
            "reply_markup": {
                "inline_keyboard": [[{"text": "Roses", "callback_data": "r"}], [{"text": "Tulips", "callback_data": "Tulips"}]]
            },
        },
    ),
    (
        Menu(text="Choose", sections=[Section(title="Cut", rows=[Row(title="Roses", description="12 stems"), Row(title="Tulips")])]),
        "sendMessage",
        {
            **HTML,
            "text": "Choose\n\n<b>Cut</b>\n• Roses: 12 stems\n• Tulips",
            "reply_markup": {
                "inline_keyboard": [[{"text": "Roses", "callback_data": "Roses"}], [{"text": "Tulips", "callback_data": "Tulips"}]]
            },
        },
    ),
    (
        Card(title="Vase", subtitle="Blue & tall", image_url="https://a.example/v.png", buttons=[Button(title="Buy", value="buy:1")]),
        "sendPhoto",
        {
            **HTML,
            "photo": "https://a.example/v.png",
            "caption": "<b>Vase</b>\nBlue &amp; tall",
            "reply_markup": {"inline_keyboard": [[{"text": "Buy", "callback_data": "buy:1"}]]},
        },
    ),
    (Card(title="Vase"), "sendMessage", {**HTML, "text": "<b>Vase</b>"}),
    (CustomPayload(payload={"text": "<u>raw</u>", "parse_mode": "x"}), "sendMessage", {"text": "<u>raw</u>", "parse_mode": "x"}),
    (
        CustomPayload(payload={"method": "sendPoll", "question": "?", "options": ["a", "b"], "chat_id": 666}),
        "sendPoll",
        {"question": "?", "options": ["a", "b"]},
    ),
]


@pytest.mark.parametrize(("content", "method", "params"), CASES)
async def test_every_content_is_one_call(
    send: Sender, telegram: TelegramServer, content: Content, method: str, params: dict[str, Any]
) -> None:
    assert await send(content) == Sent(f"{CHAT}:1001")
    assert [(call.method, call.params) for call in telegram.calls] == [(method, {**params, **TO})]


async def test_a_payload_cannot_write_to_another_chat(send: Sender, telegram: TelegramServer) -> None:
    await send(CustomPayload(payload={"method": "sendMessage", "chat_id": 1, "text": "x"}))
    assert telegram.sent[0].params["chat_id"] == int(CHAT)


async def test_an_album_has_the_id_of_its_first_message(send: Sender) -> None:
    album = [{"type": "photo", "media": "https://a.example/1.jpg"}, {"type": "photo", "media": "https://a.example/2.jpg"}]
    assert await send(CustomPayload(payload={"method": "sendMediaGroup", "media": album})) == Sent(f"{CHAT}:1001")


@pytest.mark.parametrize("method", ["deleteWebhook", "getUpdates", "send", "../getMe", 7])
async def test_only_methods_that_send_are_allowed(send: Sender, telegram: TelegramServer, method: object) -> None:
    with pytest.raises(Rejected, match="must be one that sends"):
        await send(CustomPayload(payload={"method": method}))
    assert telegram.requests == []


@pytest.mark.parametrize("content", [Carousel(cards=[Card(title="x")]), Template(name="t", language="en"), Unsupported(what="x")])
async def test_what_telegram_has_no_form_for_is_refused(send: Sender, telegram: TelegramServer, content: Content) -> None:
    with pytest.raises(Rejected, match="no message of the kind"):
        await send(content)
    assert telegram.requests == []


async def test_a_value_too_long_for_a_button_is_refused(send: Sender, telegram: TelegramServer) -> None:
    with pytest.raises(Rejected, match=r"at most 64 bytes.*Yes"):
        await send(Buttons(text="Go?", buttons=[Button(title="Yes", value="ж" * 33)]))
    assert telegram.requests == []


async def test_a_long_title_comes_back_as_far_as_it_fits(send: Sender, telegram: TelegramServer) -> None:
    long = "Ein sehr langer Titel für eine einzelne Zeile, der über vierundsechzig Zeichen geht"
    (content,) = fit(Menu(text="?", sections=[Section(rows=[Row(title=long)])]), Telegram.capabilities)
    await send(content)
    key = telegram.sent[0].params["reply_markup"]["inline_keyboard"][0][0]
    assert key["text"].endswith("…")
    assert len(key["callback_data"].encode()) <= 64
    assert long.startswith(key["callback_data"])


async def test_a_card_too_long_for_a_caption_shows_its_picture_above(send: Sender, telegram: TelegramServer) -> None:
    await send(Card(title="Vase", subtitle="so blue " * 200, image_url="https://a.example/v.png"))
    call = telegram.sent[0]
    assert call.method == "sendMessage"
    assert call.params["link_preview_options"] == {"url": "https://a.example/v.png", "prefer_large_media": True, "show_above_text": True}


@pytest.mark.parametrize(
    "content",
    [
        Text(text="word 🌷 " * 3000),
        Buttons(text="word " * 2000, buttons=[Button(title="Call", kind="phone", value="+1"), Button(title="Yes", value="y")]),
        QuickReplies(title="?", replies=[QuickReply(title=f"{number}") for number in range(120)]),
        Menu(text="x" * 4090, sections=[Section(title="S", rows=[Row(title="A", description="b" * 72)])]),
        Carousel(cards=[Card(title=f"Vase {number}", subtitle="blue", image_url="https://a.example/v.png") for number in range(3)]),
    ],
)
async def test_whatever_was_fitted_is_taken(send: Sender, telegram: TelegramServer, content: Content) -> None:
    parts = fit(content, Telegram.capabilities)
    for part in parts:
        await send(part)
    assert len(telegram.sent) == len(parts)


async def test_typing(send: Sender, telegram: TelegramServer) -> None:
    await Telegram().typing(CHAT, send.config, send.http)
    assert telegram.calls[0].method == "sendChatAction"
    assert telegram.calls[0].params == {"chat_id": CHAT, "action": "typing"}


async def test_acknowledging_a_pressed_button(send: Sender, telegram: TelegramServer) -> None:
    telegram.pressed.add("431")
    await Telegram().acknowledge("431", send.config, send.http)
    assert telegram.calls[0].method == "answerCallbackQuery"
    assert not telegram.pressed


async def test_profile(send: Sender) -> None:
    profile = await Telegram().profile(CHAT, send.config, send.http)
    assert (profile.first_name, profile.last_name, profile.picture_url) == ("Mira", "Okafor", None)
