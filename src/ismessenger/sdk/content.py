"""The neutral form of a message: what is written once and works on every channel.

Text is neutral Markdown: ``**bold**``, ``_italic_``, ``~~struck~~``, `` `code` ``, ``[words](https://link)``; everything else is plain.
Stored as JSON with ``type`` as the discriminator, so field names are part of the data: add, never rename.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

MediaKind = Literal["image", "video", "audio", "file"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Text(_Part):
    """Words. ``payload`` is what the provider hands back when the person pressed a button or a quick reply."""

    type: Literal["text"] = "text"
    text: str
    payload: str | None = None


class Media(_Part):
    """One file. Inbound it has a provider ``url`` or ``provider_id``; once stored, ``path`` is ours. Outbound ``url`` is absolute.

    ``kind`` is what it is shown as; ``subtype`` keeps a finer word of the provider (voice, sticker, animation).
    """

    type: Literal["attachment"] = "attachment"
    kind: MediaKind
    url: str | None = None
    provider_id: str | None = None
    mime: str | None = None
    file_name: str | None = None
    size: int | None = None
    caption: str | None = None
    subtype: str | None = None
    group_id: str | None = None


class Location(_Part):
    type: Literal["location"] = "location"
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    title: str | None = None
    address: str | None = None


class SharedContact(_Part):
    """A visiting card."""

    type: Literal["contact"] = "contact"
    name: str
    phones: list[str] = []
    emails: list[str] = []


class QuickReply(_Part):
    title: str
    payload: str | None = None


class QuickReplies(_Part):
    """A question with tappable answers that vanish once one is chosen."""

    type: Literal["quick_reply"] = "quick_reply"
    title: str
    replies: list[QuickReply] = Field(min_length=1)


class Button(_Part):
    """``value`` is the payload, the URL or the phone number."""

    kind: Literal["reply", "url", "phone"] = "reply"
    title: str
    value: str


class Buttons(_Part):
    """Words with buttons that stay."""

    type: Literal["buttons"] = "buttons"
    text: str
    buttons: list[Button] = Field(min_length=1)


class Row(_Part):
    title: str
    description: str | None = None
    payload: str | None = None


class Section(_Part):
    title: str | None = None
    rows: list[Row] = Field(min_length=1)


class Menu(_Part):
    """A list that opens on a button."""

    type: Literal["list"] = "list"
    text: str
    button: str = "Choose"
    sections: list[Section] = Field(min_length=1)


class Card(_Part):
    type: Literal["card"] = "card"
    title: str
    subtitle: str | None = None
    image_url: str | None = None
    buttons: list[Button] = []


class Carousel(_Part):
    type: Literal["carousel"] = "carousel"
    cards: list[Card] = Field(min_length=1)


class Template(_Part):
    """A message approved by the provider; ``components`` in the provider's own form."""

    type: Literal["template"] = "template"
    name: str
    language: str
    components: list[dict[str, Any]] = []


class CustomPayload(_Part):
    """Passed through to the provider as it is."""

    type: Literal["custom_payload"] = "custom_payload"
    payload: dict[str, Any]


class Unsupported(_Part):
    """Something the provider sent that we cannot show; ``what`` says it in words."""

    type: Literal["unsupported"] = "unsupported"
    what: str


Content = Annotated[
    Text | Media | Location | SharedContact | QuickReplies | Buttons | Menu | Card | Carousel | Template | CustomPayload | Unsupported,
    Field(discriminator="type"),
]
ContentAdapter: TypeAdapter[Content] = TypeAdapter(Content)


def words_of(content: Content) -> str:
    """The words a person reads in a content: for previews and search. Empty for a bare file."""
    match content:
        case Text():
            return content.text
        case Media():
            return content.caption or ""
        case Location():
            return " · ".join(part for part in (content.title, content.address) if part)
        case SharedContact():
            return " ".join([content.name, *content.phones, *content.emails])
        case QuickReplies():
            return content.title
        case Buttons() | Menu():
            return content.text
        case Card():
            return " · ".join(part for part in (content.title, content.subtitle) if part)
        case Carousel():
            return "\n".join(words_of(card) for card in content.cards)
        case Template():
            return content.name
        case Unsupported():
            return content.what
        case CustomPayload():
            return ""
