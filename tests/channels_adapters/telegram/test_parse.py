import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from channels_adapters.telegram.adapter import Telegram
from channels_adapters.telegram.config import TelegramConfig
from ismessenger.sdk.channel import (
    BodyInvalid,
    ContactChanged,
    Endpoint,
    Ignored,
    InboundEvent,
    MessageReacted,
    MessageReceived,
    RawRequest,
    SignatureInvalid,
    Unreadable,
)
from ismessenger.sdk.content import Button, Buttons, Media, Text, Unsupported
from ismessenger.sdk.testing import raw_request
from tests.channels_adapters.telegram.conftest import CHAT, Sender
from tests.standins.server import Recorded, StandIn
from tests.standins.telegram import TelegramServer

PERSON = {"id": int(CHAT), "is_bot": False, "first_name": "Mira", "language_code": "en"}
PRIVATE = {"id": int(CHAT), "type": "private", "first_name": "Mira"}


def all_parsed(**update: Any) -> list[InboundEvent]:
    return Telegram().parse(raw_request(json.dumps({"update_id": 1, **update}).encode()), TelegramConfig(bot_token="1:token"))


def parsed(**update: Any) -> InboundEvent:
    (event,) = all_parsed(**update)
    return event


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": 1772611200, "chat": PRIVATE, "from": PERSON, **fields}


# --- Welcome events ---


def test_start_makes_a_contact_and_opens_nothing() -> None:
    event = parsed(message=message(text="/start"))
    assert isinstance(event, ContactChanged)
    assert (event.happened, event.opens, event.profile.first_name) == ("started", False, "Mira")


@pytest.mark.parametrize("text", ["/start spring", "/start@bloomandstem_bot spring", "/start  spring "])
def test_a_deep_link_keeps_its_argument_and_opens_nothing(text: str) -> None:
    event = parsed(message=message(text=text))
    assert isinstance(event, MessageReceived)
    assert (event.referral, event.opens) == ({"ref": "spring"}, False)
    assert isinstance(event.content, Text)
    assert event.content.payload == "spring"


@pytest.mark.parametrize("text", ["/start over please", "/started", "/start " + "x" * 65, "please /start", "/stop"])
def test_other_words_are_a_message(text: str) -> None:
    event = parsed(message=message(text=text))
    assert isinstance(event, MessageReceived)
    assert (event.referral, event.opens) == (None, True)


# --- Who and where ---


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel", "something new"])
@pytest.mark.parametrize("update", ["message", "edited_message", "my_chat_member", "message_reaction", "callback_query"])
def test_only_private_chats_are_imported(kind: str, update: str) -> None:
    chat = {"id": -100, "type": kind, "title": "Friends"}
    body = {**message(chat=chat, text="hello"), "new_chat_member": {"status": "member"}, "new_reaction": []}
    event = parsed(**{update: {**body, "id": "9", "data": "x", "message": {"message_id": 1, "chat": chat}}})
    assert event == Ignored(f"Only private chats are imported; this is a {kind}.")


def test_bots_are_ignored() -> None:
    assert isinstance(parsed(message=message(text="beep", **{"from": {**PERSON, "is_bot": True}})), Ignored)


def test_a_shared_number_is_the_persons_own_only_if_telegram_says_so() -> None:
    own = {"phone_number": "447700900123", "first_name": "Mira", "user_id": int(CHAT)}
    for contact, phone in ((own, "+447700900123"), ({**own, "user_id": 5}, None), ({**own, "user_id": None}, None)):
        event, *told = all_parsed(message=message(contact=contact))
        assert isinstance(event, MessageReceived)
        assert event.profile.phone == phone
        assert [change.profile.phone for change in told if isinstance(change, ContactChanged)] == ([phone] if phone else [])


def test_the_largest_photo_is_taken_whatever_the_order() -> None:
    sizes = [{"file_id": f"f{width}", "width": width, "height": width} for width in (90, 1280, 320)]
    event = parsed(message=message(photo=sizes))
    assert isinstance(event, MessageReceived)
    assert isinstance(event.content, Media)
    assert event.content.provider_id == "f1280"


# --- What cannot be read ---


def test_a_kind_of_message_that_is_not_known_is_not_lost() -> None:
    event = parsed(message=message(hologram={"file_id": "x"}))
    assert isinstance(event, MessageReceived)
    assert isinstance(event.content, Unsupported)


def test_an_unreadable_update_names_the_field() -> None:
    assert parsed(message=message(date="yesterday", text="x")) == Unreadable("message.date: Value error, not a Unix time")


@pytest.mark.parametrize("body", [b"{}", b'{"update_id": "1"}', b'{"message": {}}'])
def test_a_body_that_is_no_update_is_invalid(body: bytes, config: TelegramConfig) -> None:
    with pytest.raises(BodyInvalid, match="not an update"):
        Telegram().parse(raw_request(body), config)


def test_a_text_of_100_000_characters_is_read_whole() -> None:
    text = "wörd 🌷 " * 12_500
    entities = [{"type": "bold", "offset": offset, "length": 4} for offset in range(0, 100_000, 8)]
    event = parsed(message=message(text=text, entities=entities))
    assert isinstance(event, MessageReceived)
    assert isinstance(event.content, Text)
    assert event.content.text.replace("**", "") == text


# --- From Telegram to us and back, over HTTP ---


class OurWebhook(StandIn):
    """Keeps what Telegram sends."""

    def last(self) -> RawRequest:
        request: Recorded = self.requests[-1]
        return raw_request(request.body, request.headers)


@pytest.fixture
async def webhook(config: TelegramConfig, http: httpx.AsyncClient) -> AsyncIterator[OurWebhook]:
    async with OurWebhook() as ours:
        await Telegram().connect(config, Endpoint(f"{ours.url}/hooks/telegram/r7", ours.url, "7", "r7"), http)
        yield ours


async def test_what_a_customer_writes_arrives_with_its_proof(config: TelegramConfig, telegram: TelegramServer, webhook: OurWebhook) -> None:
    await telegram.say("Hello 🌷", chat_id=501, first_name="Ines")
    Telegram().verify(webhook.last(), config)
    (event,) = Telegram().parse(webhook.last(), config)
    assert isinstance(event, MessageReceived)
    assert (event.identifier, event.content, event.profile.first_name) == ("501", Text(text="Hello 🌷"), "Ines")


async def test_another_bots_secret_is_refused(telegram: TelegramServer, webhook: OurWebhook) -> None:
    await telegram.say("Hello", chat_id=501)
    with pytest.raises(SignatureInvalid):
        Telegram().verify(webhook.last(), TelegramConfig(bot_token="1:token"))


async def test_a_pressed_button_answers_the_message_that_was_sent(
    send: Sender, config: TelegramConfig, telegram: TelegramServer, webhook: OurWebhook
) -> None:
    sent = await send(Buttons(text="Which?", buttons=[Button(title="🌹 Roses", value="r"), Button(title="🌷 Tulips", value="t")]))
    await telegram.press(1001, "t")
    (event,) = Telegram().parse(webhook.last(), config)
    assert isinstance(event, MessageReceived)
    assert (event.content, event.reply_to) == (Text(text="🌷 Tulips", payload="t"), sent.external_id)


async def test_replies_and_reactions_name_what_was_sent(
    send: Sender, config: TelegramConfig, telegram: TelegramServer, webhook: OurWebhook
) -> None:
    sent = await send(Text(text="Your order is ready."))
    ours = telegram.messages[1001]
    await telegram.say("Thanks", chat_id=int(CHAT), reply_to_message=ours)
    (reply,) = Telegram().parse(webhook.last(), config)
    assert isinstance(reply, MessageReceived)
    assert reply.reply_to == sent.external_id
    reaction = {
        "chat": PRIVATE,
        "message_id": 1001,
        "date": 1772611200,
        "old_reaction": [],
        "new_reaction": [{"type": "emoji", "emoji": "🎉"}],
    }
    await telegram.deliver({"update_id": 9, "message_reaction": reaction})
    (event,) = Telegram().parse(webhook.last(), config)
    assert isinstance(event, MessageReacted)
    assert (event.external_id, event.emoji) == (sent.external_id, "🎉")


async def test_telegram_sends_only_what_was_asked_for(telegram: TelegramServer, webhook: OurWebhook) -> None:
    with pytest.raises(LookupError):
        await telegram.deliver({"update_id": 1, "poll": {}})
    assert webhook.requests == []
