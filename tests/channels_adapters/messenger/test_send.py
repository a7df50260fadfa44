from typing import Any

import pytest

from channels_adapters.messenger.adapter import Messenger
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
    Media,
    MediaKind,
    Menu,
    QuickReplies,
    QuickReply,
    Row,
    Section,
    SharedContact,
    Template,
    Text,
)
from ismessenger.sdk.signing import hmac_hex
from tests.channels_adapters.messenger.conftest import APP_SECRET, PAGE, PERSON, TOKEN, Sender
from tests.standins.graph import GraphServer

FILE = "https://inbox.example/files/signed/a"


def expected(message: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"recipient": {"id": PERSON}, "messaging_type": "RESPONSE", "message": {**message, "metadata": "our-1"}, **rest}


def template(**payload: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": payload}}


async def test_text_goes_to_the_messages_of_the_page(send: Sender, graph: GraphServer) -> None:
    sent = await send(Text(text="Hello **Ann**, [our shop](https://shop.example.com)"))
    (request,) = graph.requests
    assert (request.method, request.path) == ("POST", f"/v25.0/{PAGE}/messages")
    assert request.json() == expected({"text": "Hello Ann, our shop (https://shop.example.com)"})
    assert sent == Sent(sent.external_id, "sent")
    assert sent.external_id
    assert sent.external_id.startswith("m_")


async def test_the_token_travels_in_a_header_with_a_proof_of_the_app_secret(send: Sender, graph: GraphServer) -> None:
    await send(Text(text="Hello"))
    (request,) = graph.requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.query == {"appsecret_proof": hmac_hex(APP_SECRET, TOKEN.encode())}


async def test_a_reply_names_the_message_it_answers(send: Sender, graph: GraphServer) -> None:
    await send(Text(text="Yes"), reply_to="m_question")
    assert graph.sent == [expected({"text": "Yes"}, reply_to={"mid": "m_question"})]


@pytest.mark.parametrize("tag", [tag.value for tag in Messenger.capabilities.window.tags] if Messenger.capabilities.window else [])
async def test_a_tag_makes_a_tagged_message(send: Sender, graph: GraphServer, tag: str) -> None:
    await send(Text(text="Your order is on its way"), tag=tag)
    assert graph.sent == [expected({"text": "Your order is on its way"}) | {"messaging_type": "MESSAGE_TAG", "tag": tag}]


@pytest.mark.parametrize("kind", ["image", "video", "audio", "file"])
async def test_files_go_by_link(send: Sender, graph: GraphServer, kind: MediaKind) -> None:
    await send(Media(kind=kind, url=FILE, mime="application/x-test", file_name="a"))
    assert graph.sent == [expected({"attachment": {"type": kind, "payload": {"url": FILE}}})]


async def test_facebook_fetches_the_file_from_its_link(send: Sender, graph: GraphServer) -> None:
    graph.fetches_links = True
    link = graph.keep("a.png", b"\x89PNG")
    await send(Media(kind="image", url=link))
    assert graph.fetched == {link: b"\x89PNG"}
    with pytest.raises(Rejected, match="fetch the file") as refused:
        await send(Media(kind="image", url=f"{graph.url}/files/missing.png"))
    assert refused.value.code == "100/2018008"


async def test_quick_replies(send: Sender, graph: GraphServer) -> None:
    await send(QuickReplies(title="Which _size_?", replies=[QuickReply(title="Small", payload="s"), QuickReply(title="Large")]))
    replies = [
        {"content_type": "text", "title": "Small", "payload": "s"},
        {"content_type": "text", "title": "Large", "payload": "Large"},
    ]
    assert graph.sent == [expected({"text": "Which size?", "quick_replies": replies})]


async def test_buttons_of_every_kind(send: Sender, graph: GraphServer) -> None:
    buttons = [
        Button(title="Yes", value="yes"),
        Button(kind="url", title="Our shop", value="https://shop.example.com/?a=1&b=2"),
        Button(kind="phone", title="Call us", value="+49 30 / 123-456"),
    ]
    await send(Buttons(text="Shall we **go on**?", buttons=buttons))
    shown = [
        {"type": "postback", "title": "Yes", "payload": "yes"},
        {"type": "web_url", "title": "Our shop", "url": "https://shop.example.com/?a=1&b=2"},
        {"type": "phone_number", "title": "Call us", "payload": "+4930123456"},
    ]
    assert graph.sent == [expected(template(template_type="button", text="Shall we go on?", buttons=shown))]


async def test_a_card(send: Sender, graph: GraphServer) -> None:
    card = Card(title="Oak table", subtitle="€780", image_url=FILE, buttons=[Button(title="Buy", value="buy-1")])
    await send(card)
    element = {
        "title": "Oak table",
        "subtitle": "€780",
        "image_url": FILE,
        "buttons": [{"type": "postback", "title": "Buy", "payload": "buy-1"}],
    }
    assert graph.sent == [expected(template(template_type="generic", elements=[element]))]


async def test_words_on_a_card_are_cut_to_what_facebook_shows(send: Sender, graph: GraphServer) -> None:
    await send(Card(title="Table " * 30, subtitle="👩‍👩‍👧" * 30))
    element = graph.sent[0]["message"]["attachment"]["payload"]["elements"][0]
    assert element["title"] == ("Table " * 30)[:79] + "…"
    assert set(element["subtitle"].split("👩‍👩‍👧")) == {"", "…"}


async def test_a_card_that_is_a_title_alone(send: Sender, graph: GraphServer) -> None:
    await send(Card(title="Oak table"))
    await send(Carousel(cards=[Card(title="Oak table", subtitle="€780"), Card(title="Lamp")]))
    assert graph.sent[0] == expected({"text": "Oak table"})
    elements = [{"title": "Oak table", "subtitle": "€780"}, {"title": "Lamp", "subtitle": "\N{NO-BREAK SPACE}"}]
    assert graph.sent[1] == expected(template(template_type="generic", elements=elements))


async def test_an_approved_template_needs_no_tag(send: Sender, graph: GraphServer) -> None:
    components = [{"type": "body", "parameters": [{"type": "text", "text": "4711"}]}]
    await send(Template(name="order_update", language="de", components=components), tag="ACCOUNT_UPDATE")
    message = {"template": {"name": "order_update", "language": {"code": "de"}, "components": components}}
    assert graph.sent == [expected(message) | {"messaging_type": "UTILITY"}]


ELEMENTS = {"template_type": "generic", "elements": [{"title": "Oak table", "subtitle": "€780"}]}


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"text": "Hello", "metadata": "theirs"}, {"text": "Hello"}),
        ({"message": {"text": "Hello"}, "recipient": {"id": "somebody else"}}, {"text": "Hello"}),
        ({"sticker_id": 369239263222822}, {"sticker_id": 369239263222822}),
        ({"attachment": {"type": "template", "payload": ELEMENTS}}, {"attachment": {"type": "template", "payload": ELEMENTS}}),
        ({"type": "template", "payload": ELEMENTS}, {"attachment": {"type": "template", "payload": ELEMENTS}}),
        (ELEMENTS, {"attachment": {"type": "template", "payload": ELEMENTS}}),
    ],
)
async def test_a_payload_of_ones_own(send: Sender, graph: GraphServer, payload: dict[str, Any], message: dict[str, Any]) -> None:
    await send(CustomPayload(payload=payload))
    assert graph.sent == [expected(message)]


@pytest.mark.parametrize(
    "content",
    [
        Location(latitude=52.5, longitude=13.4),
        SharedContact(name="Ann"),
        Menu(text="Our offers", sections=[Section(rows=[Row(title="Red")])]),
        Media(kind="image", path="not ours to send"),
    ],
)
async def test_what_has_no_form_is_rejected_without_a_call(send: Sender, graph: GraphServer, content: Content) -> None:
    with pytest.raises(Rejected):
        await send(content)
    assert graph.requests == []


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        (
            Location(latitude=52.520008, longitude=13.404954, title="Our shop"),
            [{"text": "Our shop\nhttps://www.google.com/maps/search/?api=1&query=52.520008,13.404954"}],
        ),
        (SharedContact(name="Ann Lee", phones=["+60123456789"]), [{"text": "Ann Lee\n+60123456789"}]),
        (
            Media(kind="image", url=FILE, caption="A **picture**"),
            [{"attachment": {"type": "image", "payload": {"url": FILE}}}, {"text": "A picture"}],
        ),
        (
            Menu(text="Our offers", sections=[Section(rows=[Row(title="Red", payload="r")])]),
            [{"text": "Our offers", "quick_replies": [{"content_type": "text", "title": "Red", "payload": "r"}]}],
        ),
        (
            Buttons(text="Go on? " * 100, buttons=[Button(title="Yes", value="yes")]),
            None,
        ),
    ],
)
async def test_what_messenger_lacks_goes_out_as_what_it_has(
    send: Sender, graph: GraphServer, content: Content, shown: list[dict[str, Any]] | None
) -> None:
    for part in fit(content, Messenger.capabilities):
        await send(part)
    messages = [body["message"] for body in graph.sent]
    if shown is None:
        assert ["text" in message for message in messages] == [True, False]
    else:
        assert messages == [{**message, "metadata": "our-1"} for message in shown]
