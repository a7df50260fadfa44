"""The declared downgrade: any neutral content becomes contents that a channel takes, so that what is written once works everywhere.

=================  ==========================================================================================
content            where the channel has no such form
=================  ==========================================================================================
quick replies      buttons, a list, else numbered lines of text; likewise buttons and lists the other way round
url, phone button  a line "title: address"
card               its picture, then its words with its buttons
carousel           several carousels, else card after card
long caption       the file, then the words
type of file       sent as a file, where the channel takes that type so
kind of file       a text with name and link
location           title, address and a link to a map
contact            a text with name, numbers and addresses
template, payload  refused: nothing else means the same
=================  ==========================================================================================

Lengths are counted in UTF-16 units, the strictest of the ways in which providers count.
"""

from typing import assert_never

from ismessenger.sdk import choices
from ismessenger.sdk.channel import Capabilities, MediaLimit
from ismessenger.sdk.content import (
    Buttons,
    Card,
    Carousel,
    Content,
    CustomPayload,
    Location,
    Media,
    Menu,
    QuickReplies,
    SharedContact,
    Template,
    Text,
    Unsupported,
)
from ismessenger.sdk.text import utf16_length
from ismessenger.sdk.words import gettext

_MAP = "https://www.google.com/maps/search/?api=1&query={},{}"
_MEBIBYTE = 1024 * 1024
_FEWEST_OF_A_CAROUSEL = 2


class CannotCarry(Exception):
    """The channel has no form for this content at all. ``str()`` is a sentence for the person who writes."""


def fit(content: Content, capabilities: Capabilities) -> list[Content]:
    """Contents that each take exactly one call to the provider, in order; what fits comes back as it is. Raises `CannotCarry`.

    Files need their ``url`` before: it may become part of a text.
    """
    match content:
        case Text():
            return _text(content, capabilities)
        case Media():
            return _media(content, capabilities)
        case QuickReplies() | Buttons() | Menu():
            return _question(content, capabilities)
        case Card() | Carousel():
            return _cards(content, capabilities)
        case Location() | SharedContact():
            return _facts(content, capabilities)
        case Template() | CustomPayload() | Unsupported():
            return [_as_it_is(content, capabilities)]
    assert_never(content)


def _text(content: Text, capabilities: Capabilities) -> list[Content]:
    pieces = _words(content.text, capabilities)
    return [content] if utf16_length(content.text) <= capabilities.text_length else pieces


def _words(words: str, capabilities: Capabilities) -> list[Content]:
    _require_words(words, capabilities)
    return choices.texts(words, capabilities.text_length)


def _require_words(words: str, capabilities: Capabilities) -> None:
    if not words.strip():
        raise CannotCarry(gettext("The message has no words."))
    if capabilities.text_length < 1:
        raise CannotCarry(gettext("This channel does not take text."))


def _question(content: QuickReplies | Buttons | Menu, capabilities: Capabilities) -> list[Content]:
    match content:
        case QuickReplies():
            _require_words(content.title, capabilities)
            return choices.quick_replies(content, capabilities)
        case Buttons():
            _require_words(content.text, capabilities)
            return choices.buttons(content, capabilities)
        case Menu():
            _require_words(content.text, capabilities)
            return choices.menu(content, capabilities)
    assert_never(content)


def _media(media: Media, capabilities: Capabilities) -> list[Content]:
    taken = _of_a_taken_type(media, capabilities)
    if taken is None:
        return _words(_link(media), capabilities)
    limit_bytes = capabilities.media[taken.kind].max_bytes
    if taken.size is not None and taken.size > limit_bytes:
        sizes = f"{_megabytes(taken.size)} of at most {_megabytes(limit_bytes)}"
        raise CannotCarry(gettext("The %(kind)s is too large for this channel: %(sizes)s.") % {"kind": taken.kind, "sizes": sizes})
    caption = taken.caption or ""
    if caption.strip() and utf16_length(caption) <= capabilities.caption_length:
        return [taken]
    bare = taken if taken.caption is None else taken.model_copy(update={"caption": None})
    return [bare, *_words(caption, capabilities)] if caption.strip() else [bare]


def _of_a_taken_type(media: Media, capabilities: Capabilities) -> Media | None:
    """The media as a kind whose types the channel takes: its own, or a plain file; ``None`` if there is none."""
    if media.kind not in capabilities.media:
        return None
    if _takes(capabilities.media[media.kind], media.mime):
        return media
    if "file" in capabilities.media and _takes(capabilities.media["file"], media.mime):
        return media.model_copy(update={"kind": "file", "subtype": None})
    return None


def _takes(limit: MediaLimit, mime: str | None) -> bool:
    """A declared type may end in ``/*``. An unknown type is tried."""
    if not limit.types or mime is None:
        return True
    essence = mime.partition(";")[0].strip().lower()
    return any(essence == known or (known.endswith("/*") and essence.startswith(known[:-1])) for known in limit.types)


def _link(media: Media) -> str:
    if not media.url:
        raise CannotCarry(gettext("This channel does not take this %(kind)s.") % {"kind": media.kind})
    link = f"{media.file_name or media.kind}: {media.url}"
    return f"{media.caption}\n{link}" if media.caption and media.caption.strip() else link


def _cards(content: Card | Carousel, capabilities: Capabilities) -> list[Content]:
    wanted = [content] if isinstance(content, Card) else content.cards
    fitting = [_fitting_card(card, capabilities) for card in wanted]
    together = [card for card in fitting if card is not None]
    at_once = capabilities.cards
    if isinstance(content, Card) or at_once < _FEWEST_OF_A_CAROUSEL or len(together) < len(wanted):
        parts = zip(wanted, fitting, strict=True)
        return [part for card, fitted in parts for part in ([fitted] if fitted else _without_cards(card, capabilities))]
    return [Carousel(cards=together[start : start + at_once]) for start in range(0, len(together), at_once)]


def _fitting_card(card: Card, capabilities: Capabilities) -> Card | None:
    titled = choices.titled_buttons(card.buttons, capabilities)
    if capabilities.cards < 1 or titled is None:
        return None
    return card.model_copy(update={"buttons": titled})


def _without_cards(card: Card, capabilities: Capabilities) -> list[Content]:
    """The picture, then the words; in one message where they take no buttons."""
    words = "\n".join(part for part in (card.title, card.subtitle) if part)
    picture = Media(kind="image", url=card.image_url) if card.image_url else None
    if card.buttons:
        ahead = fit(picture, capabilities) if picture else []
        return [*ahead, *fit(Buttons(text=words, buttons=card.buttons), capabilities)]
    return fit(picture.model_copy(update={"caption": words}) if picture else Text(text=words), capabilities)


def _facts(content: Location | SharedContact, capabilities: Capabilities) -> list[Content]:
    match content:
        case Location():
            return [content] if capabilities.location else _words(_place(content), capabilities)
        case SharedContact():
            return [content] if capabilities.contact else _words(_visiting_card(content), capabilities)
    assert_never(content)


def _place(location: Location) -> str:
    address = _MAP.format(_degrees(location.latitude), _degrees(location.longitude))
    return "\n".join(part for part in (location.title, location.address, address) if part)


def _visiting_card(contact: SharedContact) -> str:
    return "\n".join([contact.name, *contact.phones, *contact.emails])


def _as_it_is(content: Template | CustomPayload | Unsupported, capabilities: Capabilities) -> Content:
    match content:
        case Template() if not capabilities.template:
            raise CannotCarry(gettext("This channel does not take templates."))
        case CustomPayload() if not capabilities.custom_payload:
            raise CannotCarry(gettext("This channel does not take custom payloads."))
        case Unsupported():
            raise CannotCarry(gettext("This cannot be sent: %(what)s.") % {"what": content.what})
    return content


def _degrees(value: float) -> str:
    # Six decimals are eleven centimetres.
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / _MEBIBYTE:.3g} MB"
