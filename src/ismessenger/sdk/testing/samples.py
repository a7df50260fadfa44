"""One content of every kind, and the check that a content is within what a channel takes."""

from collections.abc import Mapping, Sequence

from ismessenger.sdk.channel import Capabilities
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
)
from ismessenger.sdk.text import utf16_length

_FILES = "https://files.example.com"
_BUTTONS = [
    Button(title="Yes, please", value="yes"),
    Button(kind="url", title="Our shop", value="https://shop.example.com/?a=1&b=2"),
    Button(kind="phone", title="Call us", value="+4930123456"),
]
_CARD = Card(title="Red shoes", subtitle="Size 42", image_url=f"{_FILES}/shoes.png", buttons=_BUTTONS[:2])

SAMPLES: Mapping[str, Content] = {
    "text": Text(text="Hello **Ann**, this is _urgent_: [read on](https://example.com/a_b?c=1&d=2) <now> & soon 👩‍👩‍👧"),
    "long text": Text(text="A sentence of some words. " * 2000),
    "long word": Text(text="👍🏽" * 6000),
    "image": Media(kind="image", url=f"{_FILES}/a.png", mime="image/png", file_name="a.png", size=1000, caption="A picture"),
    "image with a long caption": Media(kind="image", url=f"{_FILES}/a.png", mime="image/png", caption="Many words. " * 500),
    "video": Media(kind="video", url=f"{_FILES}/a.mp4", mime="video/mp4", file_name="a.mp4", size=1000),
    "audio": Media(kind="audio", url=f"{_FILES}/a.mp3", mime="audio/mpeg", file_name="a.mp3", size=1000),
    "file": Media(kind="file", url=f"{_FILES}/a.pdf", mime="application/pdf", file_name="a.pdf", size=1000, caption="The invoice"),
    "location": Location(latitude=52.520008, longitude=13.404954, title="Our shop", address="1 High Street"),
    "contact": SharedContact(name="Ann Lee", phones=["+60123456789"], emails=["ann@example.com"]),
    "quick replies": QuickReplies(
        title="Which size?", replies=[QuickReply(title=size, payload=f"size-{size}") for size in ("S", "M", "L")]
    ),
    "many quick replies": QuickReplies(title="Which number?", replies=[QuickReply(title=f"Number {n}") for n in range(40)]),
    "buttons": Buttons(text="Shall we go on?", buttons=_BUTTONS),
    "list": Menu(text="Our offers", sections=[Section(title="Shoes", rows=[Row(title="Red", description="Size 42", payload="r")])]),
    "card": _CARD,
    "carousel": Carousel(cards=[_CARD, Card(title="Blue shoes")]),
    "template": Template(name="order_update", language="en"),
    "custom payload": CustomPayload(payload={"text": "Hello"}),
}


def misfits(content: Content, capabilities: Capabilities) -> list[str]:
    """What of a content is beyond a channel's capabilities; empty if the channel takes it in one call."""
    match content:
        case Text():
            return _longer(content.text, capabilities.text_length)
        case Media():
            return _media(content, capabilities)
        case QuickReplies():
            titles = [reply.title for reply in content.replies]
            limits = capabilities.quick_replies, capabilities.quick_reply_length
            return [*_longer(content.title, capabilities.text_length), *_tappable(titles, *limits)]
        case Buttons() | Menu():
            limit = capabilities.button_text_length or capabilities.text_length
            return [*_longer(content.text, limit), *_carried(content, capabilities)]
        case Card() | Carousel():
            return _cards([content] if isinstance(content, Card) else content.cards, capabilities)
    return _whole(content, capabilities)


def _whole(content: Content, capabilities: Capabilities) -> list[str]:
    taken = {
        "location": capabilities.location,
        "contact": capabilities.contact,
        "template": capabilities.template,
        "custom_payload": capabilities.custom_payload,
    }
    return [] if taken.get(content.type) else [f"{content.type} is not taken"]


def _media(media: Media, capabilities: Capabilities) -> list[str]:
    limit = capabilities.media.get(media.kind)
    if limit is None:
        return [f"{media.kind} is not taken"]
    size = [f"larger than {limit.max_bytes} bytes"] if (media.size or 0) > limit.max_bytes else []
    return [*size, *(_longer(media.caption, capabilities.caption_length) if media.caption else [])]


def _carried(content: Buttons | Menu, capabilities: Capabilities) -> list[str]:
    if isinstance(content, Buttons):
        return _buttons(content.buttons, capabilities)
    titles = [row.title for section in content.sections for row in section.rows]
    return _tappable([*titles], capabilities.list_rows, capabilities.button_length) + _longer(content.button, capabilities.button_length)


def _buttons(buttons: Sequence[Button], capabilities: Capabilities) -> list[str]:
    kinds = [f"{button.kind} buttons are not taken" for button in buttons if button.kind not in capabilities.button_kinds]
    return kinds + _tappable([button.title for button in buttons], capabilities.buttons, capabilities.button_length)


def _cards(cards: Sequence[Card], capabilities: Capabilities) -> list[str]:
    number = [f"more than {capabilities.cards} cards"] if len(cards) > capabilities.cards else []
    return number + [trouble for card in cards for trouble in _buttons(card.buttons, capabilities)]


def _tappable(titles: Sequence[str], at_most: int, length: int) -> list[str]:
    number = [f"more than {at_most} to tap"] if len(titles) > at_most else []
    return number + [trouble for title in titles for trouble in _longer(title, length)]


def _longer(text: str, limit: int) -> list[str]:
    return [f"longer than {limit}: {text[:20]}"] if utf16_length(text) > limit else []
