from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ismessenger.sdk.channel import Capabilities, MediaLimit
from ismessenger.sdk.compose import CannotCarry, fit
from ismessenger.sdk.content import (
    Button,
    Buttons,
    Card,
    Carousel,
    Content,
    CustomPayload,
    Location,
    Media,
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
from ismessenger.sdk.testing import SAMPLES, misfits
from tests.sdk.texts import texts

TEXT_ONLY = Capabilities()
REPLY = frozenset({"reply"})
EVERYTHING = Capabilities(
    text_length=2000,
    caption_length=1000,
    media={kind: MediaLimit(10_000_000) for kind in ("image", "video", "audio", "file")},
    quick_replies=13,
    buttons=3,
    button_kinds=frozenset({"reply", "url", "phone"}),
    list_rows=10,
    cards=10,
    location=True,
    contact=True,
    template=True,
    custom_payload=True,
)
ASK = QuickReplies(title="Which size?", replies=[QuickReply(title="Small", payload="s"), QuickReply(title="Large")])
CHOOSE = Buttons(text="Go on?", buttons=[Button(title="Yes", value="y"), Button(kind="url", title="Shop", value="https://shop.example")])
MENU = Menu(
    text="Our offers",
    sections=[
        Section(title="Shoes", rows=[Row(title="Red", description="Size 42"), Row(title="Blue")]),
        Section(title="Hats", rows=[Row(title="Grey")]),
    ],
)
PICTURE = Media(kind="image", url="https://files.example/a.png", mime="image/png", file_name="a.png", size=1000)


def with_(**changes: Any) -> Capabilities:
    return Capabilities(**changes)


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.startswith(("long", "many")) and "long" not in name])
def test_what_fits_stays_as_it_is(name: str) -> None:
    assert fit(SAMPLES[name], EVERYTHING) == [SAMPLES[name]]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (ASK, "Which size?\n\n1. Small\n2. Large"),
        (CHOOSE, "Go on?\n\nShop: https://shop.example\n\n1. Yes"),
        (Buttons(text="Call us", buttons=[Button(kind="phone", title="Phone", value="+4930")]), "Call us\n\nPhone: +4930"),
        (MENU, "Our offers\n\nShoes\n1. Red — Size 42\n2. Blue\nHats\n3. Grey"),
        (
            Location(latitude=52.5, longitude=-0.000001, title="Shop"),
            "Shop\nhttps://www.google.com/maps/search/?api=1&query=52.5,-0.000001",
        ),
        (SharedContact(name="Ann", phones=["+1", "+2"], emails=["a@example.com"]), "Ann\n+1\n+2\na@example.com"),
        (PICTURE, "a.png: https://files.example/a.png"),
        (PICTURE.model_copy(update={"caption": "Look"}), "Look\na.png: https://files.example/a.png"),
        (Media(kind="video", url="https://files.example/1"), "video: https://files.example/1"),
        (Card(title="Shoes", subtitle="Red"), "Shoes\nRed"),
    ],
)
def test_a_channel_of_text_alone_gets_text(content: Content, text: str) -> None:
    assert fit(content, TEXT_ONLY) == [Text(text=text)]


def test_a_card_becomes_its_picture_and_its_words() -> None:
    card = Card(title="Shoes", subtitle="Red", image_url="https://files.example/a.png", buttons=CHOOSE.buttons)
    picture = Media(kind="image", url="https://files.example/a.png")
    media = {"image": MediaLimit(1000)}
    assert fit(card, with_(media=media)) == [picture, Text(text="Shoes\nRed\n\nShop: https://shop.example\n\n1. Yes")]
    captioned = picture.model_copy(update={"caption": "Shoes\nRed"})
    assert fit(card.model_copy(update={"buttons": []}), with_(media=media, caption_length=100)) == [captioned]


def test_a_carousel_becomes_several_where_fewer_cards_go_at_once() -> None:
    cards = [Card(title=f"Card {number}") for number in range(5)]
    assert fit(Carousel(cards=cards), with_(cards=2)) == [Carousel(cards=cards[:2]), Carousel(cards=cards[2:4]), Carousel(cards=cards[4:])]
    assert fit(Carousel(cards=cards), with_(cards=1)) == cards
    assert fit(Carousel(cards=cards[:2]), TEXT_ONLY) == [Text(text="Card 0"), Text(text="Card 1")]


def test_questions_take_the_nearest_form() -> None:
    buttons = [Button(title="Small", value="s"), Button(title="Large", value="Large")]
    assert fit(ASK, with_(buttons=2, button_kinds=REPLY)) == [Buttons(text="Which size?", buttons=buttons)]
    assert fit(ASK, with_(list_rows=2)) == [
        Menu(text="Which size?", sections=[Section(rows=[Row(title="Small", payload="s"), Row(title="Large")])])
    ]
    replies = [QuickReply(title="Small", payload="s"), QuickReply(title="Large", payload="Large")]
    assert fit(Buttons(text="Which size?", buttons=buttons), with_(quick_replies=5)) == [QuickReplies(title="Which size?", replies=replies)]


def test_a_list_that_says_more_than_titles_keeps_its_words() -> None:
    assert isinstance(fit(MENU, with_(quick_replies=10))[0], Text)
    plain = Menu(text="Size?", sections=[Section(rows=[Row(title="S"), Row(title="M")])])
    assert isinstance(fit(plain, with_(quick_replies=10))[0], QuickReplies)


def test_too_many_answers_become_numbered_text() -> None:
    many = QuickReplies(title="Which?", replies=[QuickReply(title=f"No {number}") for number in range(4)])
    assert fit(many, with_(quick_replies=3)) == [Text(text="Which?\n\n1. No 0\n2. No 1\n3. No 2\n4. No 3")]


def test_a_long_title_is_cut_and_still_means_the_whole() -> None:
    ask = QuickReplies(title="Where?", replies=[QuickReply(title="Delivery to my house 👩‍👩‍👧"), QuickReply(title="Shop", payload="x")])
    (short,) = fit(ask, with_(quick_replies=3, quick_reply_length=10))
    expected = [QuickReply(title="Delivery…", payload=ask.replies[0].title), QuickReply(title="Shop", payload="x")]
    assert short == QuickReplies(title="Where?", replies=expected)


def test_titles_that_would_look_the_same_become_numbered_text() -> None:
    ask = QuickReplies(title="Where?", replies=[QuickReply(title=f"Delivery to Berlin {part}") for part in ("North", "South")])
    assert fit(ask, with_(quick_replies=3)) == [Text(text="Where?\n\n1. Delivery to Berlin North\n2. Delivery to Berlin South")]


def test_a_long_question_goes_ahead_of_its_buttons() -> None:
    ask = Buttons(text="One sentence. " * 20 + "Yes?", buttons=[Button(title="Yes", value="y")])
    *ahead, last = fit(ask, with_(text_length=100, buttons=1, button_kinds=REPLY, button_text_length=50))
    assert [type(content) for content in ahead] == [Text] * len(ahead)
    assert isinstance(last, Buttons)
    assert last.text.endswith("Yes?")
    assert len(last.text) <= 50


def test_a_long_caption_follows_as_text() -> None:
    captioned = PICTURE.model_copy(update={"caption": "Look at this"})
    media = {"image": MediaLimit(1000)}
    assert fit(captioned, with_(media=media, caption_length=12)) == [captioned]
    assert fit(captioned, with_(media=media, caption_length=11)) == [PICTURE, Text(text="Look at this")]
    assert fit(captioned, with_(media=media)) == [PICTURE, Text(text="Look at this")]
    assert fit(PICTURE.model_copy(update={"caption": " "}), with_(media=media)) == [PICTURE]


def test_a_type_of_file_that_is_not_taken_goes_as_a_plain_file() -> None:
    image = {"image": MediaLimit(5000, ["image/jpeg"])}
    as_file = PICTURE.model_copy(update={"kind": "file"})
    assert fit(PICTURE, with_(media={**image, "file": MediaLimit(5000)})) == [as_file]
    assert fit(PICTURE, with_(media=image)) == [Text(text="a.png: https://files.example/a.png")]
    assert fit(PICTURE, with_(media={"image": MediaLimit(5000, ["image/*"])})) == [PICTURE]


def test_a_file_that_is_too_large_is_refused_with_the_limit() -> None:
    with pytest.raises(CannotCarry, match=r"image.*6 MB of at most 5 MB"):
        fit(PICTURE.model_copy(update={"size": 6 * 1024 * 1024}), with_(media={"image": MediaLimit(5 * 1024 * 1024)}))


@pytest.mark.parametrize(
    "content",
    [
        Template(name="order_update", language="en"),
        CustomPayload(payload={}),
        Unsupported(what="a poll"),
        Text(text=" \n "),
        QuickReplies(title="", replies=[QuickReply(title="A")]),
        Media(kind="image"),
    ],
)
def test_what_has_no_form_is_refused_in_words(content: Content) -> None:
    with pytest.raises(CannotCarry) as refusal:
        fit(content, TEXT_ONLY)
    assert str(refusal.value).endswith(".")


def test_text_is_counted_in_utf16_units() -> None:
    assert fit(Text(text="👍👍👍"), with_(text_length=4)) == [Text(text="👍👍"), Text(text="👍")]


def test_space_beyond_the_limit_is_dropped() -> None:
    assert fit(Text(text="a" + " " * 50), with_(text_length=20)) == [Text(text="a")]


titles = st.text(min_size=1, max_size=40)
words = texts.filter(str.strip)
payloads = st.none() | titles
urls = st.sampled_from(["https://files.example/a.png", "https://files.example/" + "x" * 80])
buttons = st.builds(Button, kind=st.sampled_from(["reply", "url", "phone"]), title=titles, value=titles)
rows = st.builds(Row, title=titles, description=payloads, payload=payloads)
cards = st.builds(Card, title=words, subtitle=payloads, image_url=st.none() | urls, buttons=st.lists(buttons, max_size=4))
kinds = st.sampled_from(["image", "video", "audio", "file"])
contents: st.SearchStrategy[Content] = st.one_of(
    st.builds(Text, text=words),
    st.builds(
        Media,
        kind=kinds,
        url=urls,
        mime=st.sampled_from([None, "image/png", "text/html; a=b"]),
        size=st.none() | st.integers(0, 200),
        caption=st.none() | texts,
    ),
    st.builds(Location, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180), title=payloads, address=payloads),
    st.builds(SharedContact, name=words, phones=st.lists(titles, max_size=2)),
    st.builds(QuickReplies, title=words, replies=st.lists(st.builds(QuickReply, title=titles, payload=payloads), min_size=1, max_size=6)),
    st.builds(Buttons, text=words, buttons=st.lists(buttons, min_size=1, max_size=5)),
    st.builds(
        Menu,
        text=words,
        button=titles,
        sections=st.lists(st.builds(Section, title=payloads, rows=st.lists(rows, min_size=1, max_size=3)), min_size=1, max_size=3),
    ),
    cards,
    st.builds(Carousel, cards=st.lists(cards, min_size=1, max_size=5)),
    st.builds(Template, name=titles, language=st.just("en")),
    st.builds(CustomPayload, payload=st.just({})),
)
limits = st.builds(MediaLimit, max_bytes=st.integers(1, 200), types=st.sampled_from([[], ["image/png"], ["image/*"], ["text/html"]]))
channels = st.builds(
    Capabilities,
    text_length=st.integers(2, 60),
    caption_length=st.integers(0, 40),
    media=st.dictionaries(kinds, limits),
    quick_replies=st.integers(0, 4),
    quick_reply_length=st.integers(1, 20),
    buttons=st.integers(0, 4),
    button_length=st.integers(1, 20),
    button_text_length=st.none() | st.integers(2, 60),
    button_kinds=st.frozensets(st.sampled_from(["reply", "url", "phone"])),
    list_rows=st.integers(0, 6),
    cards=st.integers(0, 4),
    location=st.booleans(),
    contact=st.booleans(),
    template=st.booleans(),
    custom_payload=st.booleans(),
)


@given(contents, channels)
def test_the_result_is_within_the_capabilities_and_fits_already(content: Content, capabilities: Capabilities) -> None:
    try:
        fitted = fit(content, capabilities)
    except CannotCarry as refusal:
        assert str(refusal).strip()  # noqa: PT017
        return
    assert fitted
    assert [trouble for part in fitted for trouble in misfits(part, capabilities)] == []
    assert [again for part in fitted for again in fit(part, capabilities)] == fitted
